/**
 * Requests and lines of servers' logs, joined by the request's key. What a log has one by one is sorted, so that nothing is searched
 * for; what it only counts is never listed: its numbers are runs.
 */
import type { Evidence } from '../facts/evidence.ts'
import { toRequestKey, parseRequestKey } from '../facts/request-key.ts'
import type { RequestTable } from '../facts/request-table.ts'
import { forEachSeq, containsSeq } from '../facts/seq-ranges.ts'
import type { SeqRange } from '../facts/seq-ranges.ts'
import type { ServerRole } from '../../model/record.ts'
import type { ServedTable } from './served-table.ts'

/** How often each key occurs, asked in ascending order of keys. */
export class KeyCounter {
  readonly #keys: Float64Array
  #place = 0

  /** Of keys in ascending order. */
  constructor(keys: Float64Array) {
    this.#keys = keys
  }

  countOf(key: number): number {
    const keys = this.#keys
    if (this.#place > 0 && (keys[this.#place - 1] ?? 0) >= key) this.#place = 0
    while ((keys[this.#place] ?? Infinity) < key) this.#place++
    let times = 0
    while (keys[this.#place + times] === key) times++
    return times
  }
}

/** The requests that were sent, by their keys. */
export class SentKeys {
  readonly #ok: Float64Array
  readonly #failed: Float64Array
  /** Of those that the log only counts: all were answered well. */
  readonly #runs: readonly SeqRange[]
  readonly #inOk: KeyCounter
  readonly #inFailed: KeyCounter

  constructor(requests: RequestTable) {
    this.#ok = listSortedKeys(requests, (index) => requests.isOk(index))
    this.#failed = listSortedKeys(requests, (index) => requests.wasSent(index) && !requests.isOk(index))
    this.#runs = requests.aggregated.listRanges()
    this.#inOk = new KeyCounter(this.#ok)
    this.#inFailed = new KeyCounter(this.#failed)
  }

  /** Those that were answered well, in two ascending turns; for one that the log only counts, with when it was due. */
  forEachOk(visit: (key: number, dueUs: number | null) => void): void {
    for (const key of this.#ok) visit(key, null)
    forEachSeq(this.#runs, (driver, seq, dueUs) => visit(toRequestKey(driver, seq), dueUs))
  }

  /** All others, in ascending order. */
  forEachFailed(visit: (key: number) => void): void {
    for (const key of this.#failed) visit(key)
  }

  /** Asked in ascending order of keys. */
  hasOk(key: number): boolean {
    if (this.#inOk.countOf(key) > 0) return true
    const { driver, seq } = parseRequestKey(key)
    return containsSeq(this.#runs, driver, seq)
  }

  /** Asked in ascending order of keys. */
  has(key: number): boolean {
    return this.hasOk(key) || this.#inFailed.countOf(key) > 0
  }
}

/**
 * The role of the servers that clients talk to: that of the container to which the Service leads. Where that one has no line in its
 * log, proxies, if there are any.
 */
export function findFrontRole({ places }: ServedTable, container: string): ServerRole {
  const own = places.find((place) => place.container === container)?.role
  return own ?? (places.some(({ role }) => role === 'proxy') ? 'proxy' : 'application')
}

/** How many requests were answered well though a server that clients talk to says that it answered with a failure. */
export function countOkButFailedByLog({ requests, served }: Evidence, frontContainer: string): number {
  const front = findFrontRole(served, frontContainer)
  const failed: number[] = []
  for (let index = 0; index < served.size; index++) {
    if (served.status(index) >= 400 && served.place(index).role === front) failed.push(served.key(index))
  }
  if (failed.length === 0) return 0
  const sent = new SentKeys(requests)
  return failed.sort((a, b) => a - b).filter((key) => sent.hasOk(key)).length
}

/** The keys of all lines, in ascending order: first of those that `isFirst` lets through, then of the others. */
export function splitServedKeys(
  served: ServedTable,
  isFirst: (index: number) => boolean,
): [first: Float64Array, others: Float64Array] {
  const keys = new Float64Array(served.size)
  let [first, end] = [0, keys.length]
  for (let index = 0; index < served.size; index++) {
    if (isFirst(index)) keys[first++] = served.key(index)
    else keys[--end] = served.key(index)
  }
  return [keys.subarray(0, first).sort(), keys.subarray(first).sort()]
}

function listSortedKeys(requests: RequestTable, keep: (index: number) => boolean): Float64Array {
  return requests
    .keys()
    .filter((_, index) => keep(index))
    .sort()
}
