/** Law 1: every planned request ends exactly once. */
import { outcomes } from '../model/record.ts'
import type { NotSent, Outcome } from '../model/record.ts'
import type { Ledger } from '../model/result.ts'
import type { Evidence } from './evidence.ts'
import { fates } from './request-table.ts'
import type { RequestTable } from './request-table.ts'
import { count, plural } from './wording.ts'

export interface Account {
  ledger: Ledger
  /** Of the lane `control`; `null` when it had no request. */
  control: Ledger | null
  /** Why it does not balance; empty when it does. */
  complaints: string[]
}

/**
 * Counts what became of every planned request. A log that ends before its `end` record was cut off: what the drivers had
 * planned by then and nobody saw settle is `in-flight`, and counts as the workload's. When the log has its end, what is missing
 * is missing.
 */
export function account(evidence: Evidence): Account {
  const { requests, control, seen } = evidence
  const end = seen.end.at(-1) ?? null
  const settled = requests.size + control.size
  const planned = end?.planned ?? Math.max(settled, plannedByDrivers(evidence))
  const unseen = end === null ? planned - settled : 0
  const complaints = complaintsOf([requests, control], planned, settled + unseen)
  const balanced = complaints.length === 0
  const counts = countFates(requests)
  counts['in-flight'] += unseen
  return {
    ledger: ledgerOf(counts, Math.max(0, planned - control.size), balanced),
    control: control.size === 0 ? null : ledgerOf(countFates(control), control.size, balanced),
    complaints,
  }
}

type Fates = Record<Outcome | NotSent, number>

function ledgerOf(counts: Fates, planned: number, balanced: boolean): Ledger {
  const notSent: Record<NotSent, number> = { overload: counts.overload, stopped: counts.stopped }
  const ended = Object.fromEntries(outcomes.map((outcome) => [outcome, counts[outcome]])) as Record<Outcome, number>
  const sent = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)
  return { planned, sent, notSent, ok: ended.ok, lost: sent - ended.ok, outcomes: ended, balanced }
}

function countFates(requests: RequestTable): Fates {
  const counts = new Float64Array(fates.length)
  for (let index = 0; index < requests.size; index++) counts[requests.fate(index)]! += 1
  return Object.fromEntries(fates.map((fate, number) => [fate, counts[number] ?? 0])) as Fates
}

/** What each driver said it had planned when it was last heard of. */
function plannedByDrivers({ seen }: Evidence): number {
  const last = new Map<number, number>()
  for (const { driver, health } of seen.driver) last.set(driver, Math.max(last.get(driver) ?? 0, health.planned))
  return [...last.values()].reduce((sum, planned) => sum + planned, 0)
}

function complaintsOf(tables: readonly RequestTable[], planned: number, accounted: number): string[] {
  const complaints: string[] = []
  if (planned !== accounted) {
    complaints.push(`the ledger does not balance: ${count(planned)} planned, ${count(accounted)} accounted for`)
  }
  const twice = duplicates(keysOf(tables))
  if (twice > 0) complaints.push(`the ledger does not balance: ${plural(twice, 'request')} ended more than once`)
  // Then another must be missing, even where the sums agree.
  if (tables.some((table) => table.largestSeq() >= planned)) {
    complaints.push('the ledger does not balance: a request was never planned')
  }
  return complaints
}

/** Sorted, of all tables together: a request may not end in two lanes either. */
function keysOf(tables: readonly RequestTable[]): Float64Array {
  const keys = new Float64Array(tables.reduce((sum, { size }) => sum + size, 0))
  let from = 0
  for (const table of tables) {
    keys.set(table.keys(), from)
    from += table.size
  }
  return keys.sort()
}

function duplicates(sortedKeys: Float64Array): number {
  let found = 0
  for (let index = 1; index < sortedKeys.length; index++) if (sortedKeys[index] === sortedKeys[index - 1]) found++
  return found
}
