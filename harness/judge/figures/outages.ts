/** Periods in which no request was answered promptly. */
import type { Outage, DelayedAnswers } from '../../model/outage.ts'
import { findFirstAtOrAfter } from './sorted.ts'
import { collectValues } from './quantiles.ts'
import type { RequestTable } from '../facts/request-table.ts'

/**
 * From the due time of a request that was lost or had to wait to that of the next promptly answered one, half-open. Example: at 10 prompt,
 * 20 lost, 30 waited, 40 prompt, 50 lost, 50 prompt, 60 lost and the end at 70 the outages are [20, 40) with 1 lost and 1 that waited, and
 * [60, 70) with 1 lost. At 50 one request in two went well, so there was none. One request is enough: the outage is then as long as the gap
 * to the next.
 */
export function findOutages(requests: RequestTable, overUs: number, endUs: number): Outage[] {
  const outages: Outage[] = []
  const nextPromptUs = createNextPromptLookup(requests, overUs)
  let open: Outage | null = null
  for (const index of listNotPrompt(requests, overUs)) {
    const dueUs = requests.dueUs(index)
    if (open === null || dueUs >= open.toUs) {
      const toUs = nextPromptUs(dueUs)
      if (toUs === dueUs) continue
      open = { fromUs: dueUs, toUs, lost: 0, waited: 0, longestWaitUs: 0 }
      outages.push(open)
    }
    if (requests.isOk(index)) {
      open.waited++
      open.longestWaitUs = Math.max(open.longestWaitUs, requests.latencyUs(index))
    } else open.lost++
  }
  if (open?.toUs === Infinity) open.toUs = Math.max(endUs, open.fromUs)
  return outages
}

export function computeLongestOutageUs(outages: readonly Outage[]): number {
  return outages.reduce((longest, { fromUs, toUs }) => Math.max(longest, toUs - fromUs), 0)
}

/** Requests that were answered well, but later than `overUs` after they were due. */
export function countWaited(requests: RequestTable, overUs: number): DelayedAnswers {
  const waited: DelayedAnswers = { overUs, requests: 0, longestUs: 0 }
  for (let index = 0; index < requests.size; index++) {
    if (!requests.isOk(index) || requests.latencyUs(index) <= overUs) continue
    waited.requests++
    waited.longestUs = Math.max(waited.longestUs, requests.latencyUs(index))
  }
  return waited
}

/** Requests sent but not answered promptly, by due time. Those that are only counted were prompt: slow ones are kept. */
function listNotPrompt(requests: RequestTable, overUs: number): Uint32Array {
  const indexes = collectValues(
    requests,
    (index) => requests.wasSent(index) && !isPrompt(requests, index, overUs),
    (index) => index,
  )
  return Uint32Array.from(indexes).sort((a, b) => requests.dueUs(a) - requests.dueUs(b))
}

function isPrompt(requests: RequestTable, index: number, overUs: number): boolean {
  return requests.isOk(index) && requests.latencyUs(index) <= overUs
}

/** Returns a function that gives the due time of the first promptly answered request at or after an instant; Infinity without one. */
function createNextPromptLookup(requests: RequestTable, overUs: number): (us: number) => number {
  const prompt = collectValues(
    requests,
    (index) => isPrompt(requests, index, overUs),
    (index) => requests.dueUs(index),
  ).sort()
  const findNextAggregatedDue = requests.aggregated.createNextDueLookup()
  return (us) => Math.min(prompt[findFirstAtOrAfter(prompt, us)] ?? Infinity, findNextAggregatedDue(us))
}
