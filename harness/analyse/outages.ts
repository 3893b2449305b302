/** Times in which no request ended well. */
import type { Outage } from '../model/result.ts'
import { gathered } from './quantiles.ts'
import type { RequestTable } from './request-table.ts'

/**
 * From the due time of a lost request to that of the next good one, half-open: at 10 ok, 20 lost, 30 lost, 40 ok, 50 lost,
 * 50 ok, 60 lost and the end at 70 the outages are [20, 40) with 2 lost and [60, 70) with 1. At 50 one request in two went
 * well, so there was none. One lost request is enough: the outage is then as long as the gap to the next.
 */
export function outagesOf(requests: RequestTable, endUs: number): Outage[] {
  const outages: Outage[] = []
  const nextGoodUs = nextGood(requests)
  let open: Outage | null = null
  for (const dueUs of duesOf(requests, (index) => requests.wasSent(index) && !requests.isOk(index))) {
    if (open !== null && dueUs < open.toUs) {
      open.lost++
      continue
    }
    const toUs = nextGoodUs(dueUs)
    if (toUs === dueUs) continue
    open = { fromUs: dueUs, toUs, lost: 1 }
    outages.push(open)
  }
  if (open?.toUs === Infinity) open.toUs = Math.max(endUs, open.fromUs)
  return outages
}

export function longestOutageUs(outages: readonly Outage[]): number {
  return outages.reduce((longest, { fromUs, toUs }) => Math.max(longest, toUs - fromUs), 0)
}

/** For an instant, when the first request from then on was due that ended well; Infinity when none was. */
function nextGood(requests: RequestTable): (us: number) => number {
  const good = duesOf(requests, (index) => requests.isOk(index))
  const summarised = requests.summarised.nextDue()
  return (us) => {
    let [from, to] = [0, good.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (good[middle]! < us) from = middle + 1
      else to = middle
    }
    return Math.min(good[from] ?? Infinity, summarised(us))
  }
}

/** In order. */
function duesOf(requests: RequestTable, keep: (index: number) => boolean): Float64Array {
  return gathered(requests, keep, (index) => requests.dueUs(index)).sort()
}
