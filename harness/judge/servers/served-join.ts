/**
 * Joins requests and lines of servers' logs by the request's key. Single records are sorted, so that nothing is searched; requests that are
 * only counted are never listed, because their numbers are ranges.
 */
import type { Evidence } from '../facts/evidence.ts'
import { toRequestKey, parseRequestKey } from '../facts/request-key.ts'
import type { RequestTable } from '../facts/request-table.ts'
import { forEachSeq, containsSeq } from '../facts/seq-ranges.ts'
import type { SeqRange } from '../facts/seq-ranges.ts'
import type { ServerRole } from '../../model/record.ts'
import type { ServedTable } from './served-table.ts'

/** Returns how often each key occurs, for ascending keys. */
export class KeyCounter {
  readonly #keys: Float64Array
  #place = 0

  /** Keys in ascending order. */
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

/** The keys of the requests that were sent. */
export class SentKeys {
  readonly #ok: Float64Array
  readonly #failed: Float64Array
  /** The requests that are only counted: all were answered well. */
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

  /** Visits the requests that were answered well, in two ascending passes; with the due time for those that are only counted. */
  forEachOk(visit: (key: number, dueUs: number | null) => void): void {
    for (const key of this.#ok) visit(key, null)
    forEachSeq(this.#runs, (driver, seq, dueUs) => visit(toRequestKey(driver, seq), dueUs))
  }

  /** Visits all others, in ascending order. */
  forEachFailed(visit: (key: number) => void): void {
    for (const key of this.#failed) visit(key)
  }

  /** Call it with ascending keys. */
  hasOk(key: number): boolean {
    if (this.#inOk.countOf(key) > 0) return true
    const { driver, seq } = parseRequestKey(key)
    return containsSeq(this.#runs, driver, seq)
  }

  /** Call it with ascending keys. */
  has(key: number): boolean {
    return this.hasOk(key) || this.#inFailed.countOf(key) > 0
  }
}

/**
 * The role of the servers that clients talk to: that of the container behind the Service. If that has no line in its log, proxies, if there
 * are any.
 */
export function findFrontRole({ places }: ServedTable, container: string): ServerRole {
  const own = places.find((place) => place.container === container)?.role
  return own ?? (places.some(({ role }) => role === 'proxy') ? 'proxy' : 'application')
}

/** Number of requests answered well although a server that clients talk to logged a failure. */
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

/** The keys of all lines, in ascending order: first of lines that `isFirst` accepts, then of the others. */
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
