/** The account of a run as two sums that a reader can check. */
import type { Ledger } from '../model/result.ts'
import { count } from './format.ts'

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
