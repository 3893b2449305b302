/** The last line of the first screen: whether every request is accounted for, and what the undisrupted pod lost. */
import { formatCount, formatPlural } from '../../base/figures.ts'
import { formatLedger } from '../losses/ledger-text.ts'
import type { ReportedRun } from '../report/reported-run.ts'

export interface SumLine {
  balanced: boolean
  says: string
}

/** For runs that began; `null` without any. */
export function formatSumLine(runs: readonly ReportedRun[]): SumLine | null {
  const analyses = runs.map(({ analysis }) => analysis).filter(({ ending }) => ending !== 'never-began')
  if (analyses.length === 0) return null
  const wrong = analyses.filter(({ ledger }) => !formatLedger(ledger).balanced).length
  const planned = analyses.reduce((sum, { ledger }) => sum + ledger.planned, 0)
  const which = analyses.length === 1 ? 'this run' : `all ${formatPlural(analyses.length, 'run')}`
  const account =
    wrong === 0
      ? `Each of ${formatPlural(planned, 'planned request')} ended exactly once: planned = sent + not sent and sent = ok + lost in ${which}.`
      : `The account of ${formatCount(wrong)} of ${formatPlural(analyses.length, 'run')} does not balance: nothing can be concluded from ${wrong === 1 ? 'it' : 'them'}.`
  const controls = analyses.flatMap(({ control }) => control ?? [])
  const sumOverRuns = (key: 'sent' | 'lost'): number => controls.reduce((sum, one) => sum + one[key], 0)
  const control =
    controls.length === 0
      ? ''
      : ` The control pod, which nothing disrupted, lost ${formatCount(sumOverRuns('lost'))} of ${formatCount(sumOverRuns('sent'))}.`
  return { balanced: wrong === 0, says: `${account}${control}` }
}
