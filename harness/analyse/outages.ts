/** Times in which no request ended well. */
import type { Outage } from '../model/result.ts'
import type { RequestTable } from './request-table.ts'

/**
 * From the due time of a lost request to that of the next good one, half-open: at 10 ok, 20 lost, 30 lost, 40 ok, 50 lost,
 * 50 ok, 60 lost and the end at 70 the outages are [20, 40) with 2 lost and [60, 70) with 1. At 50 one request in two went
 * well, so there was none. One lost request is enough: the outage is then as long as the gap to the next.
 */
export function outagesOf(requests: RequestTable, endUs: number): Outage[] {
  const outages: Outage[] = []
  let open: Outage | null = null
  for (const { dueUs, ok, lost } of instants(requests)) {
    if (ok > 0) {
      if (open) outages.push({ ...open, toUs: dueUs })
      open = null
    } else if (open) open.lost += lost
    else open = { fromUs: dueUs, toUs: dueUs, lost }
  }
  if (open) outages.push({ ...open, toUs: Math.max(endUs, open.fromUs) })
  return outages
}

export function longestOutageUs(outages: readonly Outage[]): number {
  return outages.reduce((longest, { fromUs, toUs }) => Math.max(longest, toUs - fromUs), 0)
}

interface Instant {
  dueUs: number
  ok: number
  lost: number
}

/** Every instant at which requests that were sent had been due, in order. */
function* instants(requests: RequestTable): Generator<Instant> {
  const keys = sortedKeys(requests)
  for (let index = 0; index < keys.length;) {
    const instant: Instant = { dueUs: Math.floor(keys[index]! / 2), ok: 0, lost: 0 }
    for (; index < keys.length && Math.floor(keys[index]! / 2) === instant.dueUs; index++) {
      if (keys[index]! % 2 === 0) instant.lost++
      else instant.ok++
    }
    yield instant
  }
}

/** Due time and ending in one number, because a typed array of numbers sorts ten times as fast as anything else. */
function sortedKeys(requests: RequestTable): Float64Array {
  const keys = new Float64Array(requests.size)
  let count = 0
  for (let index = 0; index < requests.size; index++) {
    if (requests.wasSent(index)) keys[count++] = requests.dueUs(index) * 2 + (requests.isOk(index) ? 1 : 0)
  }
  return keys.subarray(0, count).sort()
}
