/** The ledger of a run as two sums that a reader can check. */
import type { Analysis, Ledger } from '../../model/result.ts'
import { formatCount, formatDuration, formatPercent } from '../../base/figures.ts'

export interface LedgerText {
  planned: string
  sent: string
  balanced: boolean
}

/** Writes `≠` where a sum is wrong, whatever the ledger says about itself. */
export function formatLedger(ledger: Ledger): LedgerText {
  const notSent = listNonZero(ledger.notSent)
  const lost = listNonZero(ledger.outcomes).filter(([outcome]) => outcome !== 'ok')
  const plannedSums = ledger.planned === ledger.sent + sumCounts(notSent)
  const sentSums = ledger.sent === ledger.ok + ledger.lost && ledger.lost === sumCounts(lost)
  return {
    planned: `planned ${formatCount(ledger.planned)} ${plannedSums ? '=' : '≠'} sent ${formatCount(ledger.sent)} + not sent ${formatCount(sumCounts(notSent))}${formatCounts(notSent)}`,
    sent: `sent ${formatCount(ledger.sent)} ${sentSums ? '=' : '≠'} ok ${formatCount(ledger.ok)} + lost ${formatCount(ledger.lost)}${formatCounts(lost)}`,
    balanced: ledger.balanced && plannedSums && sentSums,
  }
}

/** Which requests the log only counts, and what follows from that; `null` where it has every request. */
export function formatAggregated({ aggregated }: Pick<Analysis, 'aggregated'>): string | null {
  if (aggregated === null) return null
  const { requests, slowUs, precision } = aggregated
  return (
    `${formatCount(requests)} of the requests that were answered well are only counted in the log, by 100 ms, lane and pod: every lost one and ` +
    `every one of more than ${formatDuration(slowUs)} is in it by itself. Counts and longest times are exact, other quantiles at most ` +
    `${formatPercent(precision, 1)} too high.`
  )
}

function listNonZero(counts: Record<string, number>): [string, number][] {
  return Object.entries(counts)
    .filter(([, each]) => each !== 0)
    .sort((a, b) => b[1] - a[1])
}

function sumCounts(counts: readonly [string, number][]): number {
  return counts.reduce((sum, [, each]) => sum + each, 0)
}

function formatCounts(counts: readonly [string, number][]): string {
  return counts.length === 0 ? '' : ` (${counts.map(([name, each]) => `${name} ${formatCount(each)}`).join(' · ')})`
}
