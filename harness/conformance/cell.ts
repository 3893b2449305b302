/** A cell: one scenario × one configuration under load, and what must come of it on every cluster. */
import type { Outcome } from '../model/record.ts'
import type { Analysis, Verdict } from '../model/result.ts'

export interface Cell {
  scenario: string
  configuration: string
  verdict: Exclude<Verdict, 'unknown'>
  /** Each of these kinds of loss must occur. */
  must: readonly Outcome[]
  /** These may occur beside them, and no others. */
  may: readonly Outcome[]
  /** How many of 100 requests are lost, at least and at most: no further apart than one order of magnitude. */
  lostPercent: readonly [least: number, most: number]
  /** Why it must be so, from how Kubernetes and the servers work. */
  why: string
}

export function nameOf({ scenario, configuration }: Pick<Cell, 'scenario' | 'configuration'>): string {
  return `${scenario} × ${configuration}`
}

export function lostPercent({ ledger }: Pick<Analysis, 'ledger'>): number {
  return ledger.sent === 0 ? 0 : (100 * ledger.lost) / ledger.sent
}

/** The kinds of loss that occurred, the most frequent first. */
export function kindsOf({ ledger }: Pick<Analysis, 'ledger'>): Outcome[] {
  return (Object.entries(ledger.outcomes) as [Outcome, number][])
    .filter(([outcome, count]) => outcome !== 'ok' && count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome]) => outcome)
}

/** In what a run is not as it must be; empty when it is. */
export function complaintsOf(cell: Cell, run: Pick<Analysis, 'verdict' | 'because' | 'ledger'>): string[] {
  const { verdict, because } = run
  if (verdict === 'unknown') return [`no verdict: ${because.join('; ')}`]
  const [least, most] = cell.lostPercent
  const percent = lostPercent(run)
  const kinds = kindsOf(run)
  const missing = cell.must.filter((kind) => !kinds.includes(kind))
  const strange = kinds.filter((kind) => !cell.must.includes(kind) && !cell.may.includes(kind))
  return [
    verdict === cell.verdict ? '' : `the verdict is ${verdict}, not ${cell.verdict}`,
    missing.length === 0 ? '' : `nothing was lost to ${missing.join(', ')}`,
    strange.length === 0 ? '' : `requests were lost to ${strange.join(', ')}`,
    percent >= least && percent <= most ? '' : `${percent.toFixed(2)} % were lost, not ${least} … ${most} %`,
  ].filter((complaint) => complaint !== '')
}
