/** The account of a run as two sums that a reader can check. */
import type { Analysis, Ledger } from '../../model/result.ts'
import { count, duration, share } from '../report/format.ts'

export interface LedgerText {
  planned: string
  sent: string
  balanced: boolean
}

/** Writes `≠` where a sum does not come out, whatever the ledger says of itself. */
export function ledgerText(ledger: Ledger): LedgerText {
  const notSent = entries(ledger.notSent)
  const lost = entries(ledger.outcomes).filter(([outcome]) => outcome !== 'ok')
  const plannedSums = ledger.planned === ledger.sent + total(notSent)
  const sentSums = ledger.sent === ledger.ok + ledger.lost && ledger.lost === total(lost)
  return {
    planned: `planned ${count(ledger.planned)} ${plannedSums ? '=' : '≠'} sent ${count(ledger.sent)} + not sent ${count(total(notSent))}${detail(notSent)}`,
    sent: `sent ${count(ledger.sent)} ${sentSums ? '=' : '≠'} ok ${count(ledger.ok)} + lost ${count(ledger.lost)}${detail(lost)}`,
    balanced: ledger.balanced && plannedSums && sentSums,
  }
}

/** What the log has only in sums, and what follows from that; `null` where it has every request. */
export function summarisedText({ summarised }: Pick<Analysis, 'summarised'>): string | null {
  if (summarised === null) return null
  const { requests, slowUs, precision } = summarised
  return (
    `${count(requests)} of the requests that were answered well are only counted in the log, by 100 ms, lane and pod: every lost one and ` +
    `every one of more than ${duration(slowUs)} is in it by itself. Counts and longest times are exact, other quantiles at most ` +
    `${share(precision, 1)} too high.`
  )
}

function entries(counts: Record<string, number>): [string, number][] {
  return Object.entries(counts)
    .filter(([, each]) => each !== 0)
    .sort((a, b) => b[1] - a[1])
}

function total(counts: readonly [string, number][]): number {
  return counts.reduce((sum, [, each]) => sum + each, 0)
}

function detail(counts: readonly [string, number][]): string {
  return counts.length === 0 ? '' : ` (${counts.map(([name, each]) => `${name} ${count(each)}`).join(' · ')})`
}
