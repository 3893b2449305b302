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
  /** Why it does not balance; empty when it does. */
  complaints: string[]
}

/**
 * Counts what became of every planned request. A log that ends before its `end` record was cut off: what the drivers had
 * planned by then and nobody saw settle is `in-flight`. When the log has its end, what is missing is missing.
 */
export function account(evidence: Evidence): Account {
  const { requests, seen } = evidence
  const counts = countFates(requests)
  const end = seen.end.at(-1) ?? null
  const planned = end?.planned ?? Math.max(requests.size, plannedByDrivers(evidence))
  if (end === null) counts['in-flight'] += planned - requests.size
  const notSent: Record<NotSent, number> = { overload: counts.overload, stopped: counts.stopped }
  const ended = Object.fromEntries(outcomes.map((outcome) => [outcome, counts[outcome]])) as Record<Outcome, number>
  const sent = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)
  const complaints = complaintsOf(requests, planned, sent + notSent.overload + notSent.stopped)
  const ledger = { planned, sent, notSent, ok: ended.ok, lost: sent - ended.ok, outcomes: ended }
  return { ledger: { ...ledger, balanced: complaints.length === 0 }, complaints }
}

function countFates(requests: RequestTable): Record<Outcome | NotSent, number> {
  const counts = new Float64Array(fates.length)
  for (let index = 0; index < requests.size; index++) counts[requests.fate(index)]! += 1
  return Object.fromEntries(fates.map((fate, number) => [fate, counts[number] ?? 0])) as Record<
    Outcome | NotSent,
    number
  >
}

/** What each driver said it had planned when it was last heard of. */
function plannedByDrivers({ seen }: Evidence): number {
  const last = new Map<number, number>()
  for (const { driver, health } of seen.driver) last.set(driver, Math.max(last.get(driver) ?? 0, health.planned))
  return [...last.values()].reduce((sum, planned) => sum + planned, 0)
}

function complaintsOf(requests: RequestTable, planned: number, accounted: number): string[] {
  const complaints: string[] = []
  if (planned !== accounted) {
    complaints.push(`the ledger does not balance: ${count(planned)} planned, ${count(accounted)} accounted for`)
  }
  const twice = duplicates(requests.sortedKeys())
  if (twice > 0) complaints.push(`the ledger does not balance: ${plural(twice, 'request')} ended more than once`)
  // Then another must be missing, even where the sums agree.
  if (requests.largestSeq() >= planned) complaints.push('the ledger does not balance: a request was never planned')
  return complaints
}

function duplicates(sortedKeys: Float64Array): number {
  let found = 0
  for (let index = 1; index < sortedKeys.length; index++) if (sortedKeys[index] === sortedKeys[index - 1]) found++
  return found
}
