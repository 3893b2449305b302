/** Law 1: every planned request ends exactly once. */
import { notSentReasons, outcomes } from '../../model/record.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { NotSentReason, Outcome } from '../../model/record.ts'
import type { Ledger } from '../../model/result.ts'
import type { Evidence } from './evidence.ts'
import { fates } from './request-table.ts'
import type { RequestTable } from './request-table.ts'
import { computeDriverShares } from './driver-shares.ts'
import type { DriverShares } from './driver-shares.ts'
import { formatCount, formatPlural } from '../../base/figures.ts'

export interface LedgerBalance {
  /** The workload's lanes. */
  ledger: Ledger
  /** The lane `control`; `null` when it had no request. */
  control: Ledger | null
  /** Why it does not balance; empty when it does. */
  problems: string[]
}

/**
 * Counts the outcome of every planned request, driver by driver. If a driver has reported its end, its other requests are missing, unless
 * the driver was lost: then their outcome is unknown. A log without a driver's end was cut off: requests that the driver had planned but
 * that were not seen to settle are `in-flight`. Both count as the workload's.
 */
export function balanceLedger(evidence: Evidence, plan: Pick<RunPlan, 'drivers' | 'firstSeq'>): LedgerBalance {
  const { requests, control } = evidence
  const shares = computeDriverShares(evidence, plan)
  const counts = countFates(requests)
  for (const { end, planned, settled } of shares.of) {
    const unseen = Math.max(0, planned - settled)
    if (end === null) counts['in-flight'] += unseen
    else if (end.lost !== null) counts['driver-lost'] += unseen
  }
  const problems = listImbalances(shares, sumCounts(counts) + control.total)
  const balanced = problems.length === 0
  return {
    ledger: buildLedger(counts, Math.max(0, shares.planned - control.total), balanced),
    control: control.total === 0 ? null : buildLedger(countFates(control), control.total, balanced),
    problems,
  }
}

type FateCounts = Record<Outcome | NotSentReason, number>

function buildLedger(counts: FateCounts, planned: number, balanced: boolean): Ledger {
  const notSent = pickCounts(counts, notSentReasons)
  const ended = pickCounts(counts, outcomes)
  const sent = sumCounts(ended)
  return { planned, sent, notSent, ok: ended.ok, lost: sent - ended.ok, outcomes: ended, balanced }
}

function pickCounts<K extends keyof FateCounts>(counts: FateCounts, names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, counts[name]])) as Record<K, number>
}

function sumCounts(counts: Partial<FateCounts>): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0)
}

function countFates(requests: RequestTable): FateCounts {
  const counts = new Float64Array(fates.length)
  for (let index = 0; index < requests.size; index++) counts[requests.fate(index)]! += 1
  counts[fates.indexOf('ok')]! += requests.aggregated.size
  return Object.fromEntries(fates.map((fate, number) => [fate, counts[number] ?? 0])) as FateCounts
}

function listImbalances({ planned, twice, strange }: DriverShares, accounted: number): string[] {
  const problems: string[] = []
  if (planned !== accounted) {
    problems.push(
      `the ledger does not balance: ${formatCount(planned)} planned, ${formatCount(accounted)} accounted for`,
    )
  }
  if (twice > 0) problems.push(`the ledger does not balance: ${formatPlural(twice, 'request')} ended more than once`)
  // Then another request must be missing, even if the sums agree.
  if (strange) problems.push('the ledger does not balance: a request was never planned')
  return problems
}
