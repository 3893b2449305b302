/** What other load tools say of a server whose faults are known, as a table. */
import { grouped } from '../terminal/table.ts'
import { columns, paint } from '../terminal/text.ts'
import type { Line } from '../terminal/text.ts'
import { trialFaults } from '../proof/verify/tool-trial.ts'
import type { ToolTrial } from '../proof/verify/tool-trial.ts'

/** A tool that ran for a time, and not for a number of requests, may be off by the one in flight at its end. */
const inFlight = 1

export function toolLines(trials: readonly ToolTrial[]): Line[] {
  if (trials.length === 0) return []
  const names = [...new Set(trials.map(({ tool }) => tool))]
  const of = (tool: string, fault: string): ToolTrial | undefined =>
    trials.find((trial) => trial.tool === tool && trial.fault === fault)
  const rows = trialFaults.map((fault) => [fault, ...names.map((tool) => cell(of(tool, fault)))])
  const [head = '', ...body] = columns([['every fifth request met', ...names], ...rows])
  return [
    '',
    'Other tools, one connection: failures told of / requests lost, and what else is wrong',
    paint('bold', head),
    ...body,
  ]
}

function cell(trial: ToolTrial | undefined): string {
  if (!trial) return ''
  const { said, server } = trial
  if (said === null) return 'gave no result'
  const told = said.ok + said.failed
  const wrong = [
    server.received - told > inFlight ? `${grouped(server.received - told)} requests untold` : '',
    said.ok - server.ok > inFlight ? `${grouped(said.ok - server.ok)} losses are ok` : '',
    server.ok - said.ok > inFlight ? `${grouped(server.ok - said.ok)} answers unseen` : '',
  ].filter((reason) => reason !== '')
  return `${grouped(said.failed)}/${grouped(server.lost)}${wrong.length > 0 ? `, ${wrong.join(', ')}` : ''}`
}
