/** The reports of other load tools about a server with known faults, as a table. */
import { formatCount } from '../../base/figures.ts'
import { alignColumns, withStyle } from '../../terminal/text.ts'
import type { Line } from '../../terminal/text.ts'
import { trialFaults } from '../../proof/verify/tool-trial.ts'
import type { ToolTrial } from '../../proof/verify/tool-trial.ts'

/** A tool that runs for a time, instead of a number of requests, may be off by the one in flight at its end. */
const inFlightTolerance = 1

export function formatToolTrials(trials: readonly ToolTrial[]): Line[] {
  if (trials.length === 0) return []
  const names = [...new Set(trials.map(({ tool }) => tool))]
  const findTrial = (tool: string, fault: string): ToolTrial | undefined =>
    trials.find((trial) => trial.tool === tool && trial.fault === fault)
  const rows = trialFaults.map((fault) => [fault, ...names.map((tool) => formatTrial(findTrial(tool, fault)))])
  const [head = '', ...body] = alignColumns([['every fifth request met', ...names], ...rows])
  return [
    '',
    'Other tools, one connection: failures told of / requests lost, and what else is wrong',
    withStyle('bold', head),
    ...body,
  ]
}

function formatTrial(trial: ToolTrial | undefined): string {
  if (!trial) return ''
  const { said, server } = trial
  if (said === null) return 'gave no result'
  const told = said.ok + said.failed
  const wrong = [
    server.received - told > inFlightTolerance ? `${formatCount(server.received - told)} requests untold` : '',
    said.ok - server.ok > inFlightTolerance ? `${formatCount(said.ok - server.ok)} losses are ok` : '',
    server.ok - said.ok > inFlightTolerance ? `${formatCount(server.ok - said.ok)} answers unseen` : '',
  ].filter((reason) => reason !== '')
  return `${formatCount(said.failed)}/${formatCount(server.lost)}${wrong.length > 0 ? `, ${wrong.join(', ')}` : ''}`
}
