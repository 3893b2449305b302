/** How to make a report more certain: the command for more rounds, and the duration of their load. */
import { quoteShellWord } from '../../base/shell-quote.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Analysis } from '../../model/result.ts'
import { listRunsOfRow } from '../report/reported-run.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { computeMean } from '../statistics/mean.ts'

/** Numbers of rounds: without a loss in them the bound is 95, 46, 26, 14, 5 and 1 %. */
export const rulerStops: readonly number[] = [1, 5, 10, 20, 59, 299]

export interface Improvement {
  rounds: number
  /** The command to run; `null` where it cannot be built from what a report records about the former command. */
  command: string | null
  /** Minutes of load only: the time for setting up and taking down is unknown. `null` without a completed run. */
  minutes: number | null
}

/** The next stop that improves the bound; `null` after the last one, and for runs that cannot be repeated. */
export function planImprovement(
  row: ComparisonRow,
  runs: readonly ReportedRun[],
  severalClusters: boolean,
): Improvement | null {
  const rounds = rulerStops.find((stop) => stop >= 10 && stop > row.judged)
  const [first] = listRunsOfRow(row, runs)
  if (rounds === undefined || first === undefined || first.plan.firstSeq !== undefined) return null
  return {
    rounds,
    command: formatCommand(first.plan, rounds, severalClusters),
    minutes: estimateMinutes(row, runs, rounds),
  }
}

/** Only for workloads that nodrop deploys, on clusters that it starts: otherwise target, context and settings are the user's. */
function formatCommand(
  { scenario, configuration, cluster, workload }: ReportedRun['plan'],
  rounds: number,
  named: boolean,
): string | null {
  if (workload.namespace !== undefined || cluster === 'kubeconfig') return null
  const words = [
    'npx nodrop run',
    ...(scenario.name === 'rollout' ? [] : [`--scenario ${quoteShellWord(scenario.name)}`]),
    `--config ${quoteShellWord(configuration.name)}`,
    ...(named ? [`--cluster ${cluster}`] : []),
    `--rounds ${rounds}`,
  ]
  return words.join(' ')
}

function estimateMinutes(row: ComparisonRow, runs: readonly ReportedRun[], rounds: number): number | null {
  const whole = listRunsOfRow(row, runs).filter(({ analysis }) => analysis.ending === 'complete')
  const spans = whole.map(({ analysis }) => computeLoadUs(analysis)).filter((us) => us > 0)
  if (spans.length === 0) return null
  return Math.max(1, Math.round((computeMean(spans) * rounds) / 60_000_000))
}

function computeLoadUs({ phases }: Analysis): number {
  const [first, last] = [phases[0], phases.at(-1)]
  return first === undefined || last === undefined ? 0 : last.toUs - first.fromUs
}
