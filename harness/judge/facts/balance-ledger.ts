/** Law 1: every planned request ends exactly once. */
import { notSentReasons, outcomes } from '../../model/record.ts'
import type { NotSent, Outcome } from '../../model/record.ts'
import type { Ledger } from '../../model/result.ts'
import type { Evidence } from './evidence.ts'
import { fates } from './request-table.ts'
import type { RequestTable } from './request-table.ts'
import { sharesOf } from './driver-shares.ts'
import type { Shares } from './driver-shares.ts'
import { count, plural } from '../figures/wording.ts'

export interface Account {
  /** Of the workload's lanes. */
  ledger: Ledger
  /** Of the lane `control`; `null` when it had no request. */
  control: Ledger | null
  /** Why it does not balance; empty when it does. */
  complaints: string[]
}

/**
 * Counts what became of every planned request, driver by driver. When a driver has told its end, what is missing of it is
 * missing, unless it was lost: then nobody knows what became of the rest of its share. A log without a driver's end was cut
 * off: what that driver had planned by then and nobody saw settle is `in-flight`. Both count as the workload's.
 */
export function account(evidence: Evidence, drivers: number): Account {
  const { requests, control } = evidence
  const shares = sharesOf(evidence, drivers)
  const counts = countFates(requests)
  for (const { end, planned, settled } of shares.of) {
    const unseen = Math.max(0, planned - settled)
    if (end === null) counts['in-flight'] += unseen
    else if (end.lost !== null) counts['driver-lost'] += unseen
  }
  const complaints = complaintsOf(shares, total(counts) + control.total)
  const balanced = complaints.length === 0
  return {
    ledger: ledgerOf(counts, Math.max(0, shares.planned - control.total), balanced),
    control: control.total === 0 ? null : ledgerOf(countFates(control), control.total, balanced),
    complaints,
  }
}

type Fates = Record<Outcome | NotSent, number>

function ledgerOf(counts: Fates, planned: number, balanced: boolean): Ledger {
  const notSent = only(counts, notSentReasons)
  const ended = only(counts, outcomes)
  const sent = total(ended)
  return { planned, sent, notSent, ok: ended.ok, lost: sent - ended.ok, outcomes: ended, balanced }
}

function only<K extends keyof Fates>(counts: Fates, names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, counts[name]])) as Record<K, number>
}

function total(counts: Partial<Fates>): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0)
}

function countFates(requests: RequestTable): Fates {
  const counts = new Float64Array(fates.length)
  for (let index = 0; index < requests.size; index++) counts[requests.fate(index)]! += 1
  counts[fates.indexOf('ok')]! += requests.summarised.size
  return Object.fromEntries(fates.map((fate, number) => [fate, counts[number] ?? 0])) as Fates
}

function complaintsOf({ planned, twice, strange }: Shares, accounted: number): string[] {
  const complaints: string[] = []
  if (planned !== accounted) {
    complaints.push(`the ledger does not balance: ${count(planned)} planned, ${count(accounted)} accounted for`)
  }
  if (twice > 0) complaints.push(`the ledger does not balance: ${plural(twice, 'request')} ended more than once`)
  // Then another must be missing, even where the sums agree.
  if (strange) complaints.push('the ledger does not balance: a request was never planned')
  return complaints
}
