/** Computes the figures of a step from its event log. */
import { collectEvidence } from '../../judge/facts/evidence.ts'
import type { Evidence } from '../../judge/facts/evidence.ts'
import { collectValues, findNearestRank } from '../../judge/figures/quantiles.ts'
import { readLog } from '../../log/reader.ts'
import type { StepFigures } from './knee.ts'

/** `settleMs`: requests due within this time from the first one are left out. */
export async function computeStepFigures(
  directory: string,
  ratePerSecond: number,
  settleMs: number,
): Promise<StepFigures> {
  const { requests } = await collectEvidence(readLog(directory))
  const fromUs = findFirstDueUs(requests) + settleMs * 1000
  const counts = { sent: 0, lost: 0, notSent: 0 }
  const isCounted = (index: number): boolean => requests.dueUs(index) >= fromUs
  for (let index = 0; index < requests.size; index++) {
    if (!isCounted(index)) continue
    if (!requests.wasSent(index)) counts.notSent++
    else counts.sent++
    if (requests.wasSent(index) && !requests.isOk(index)) counts.lost++
  }
  const collectSorted = (value: (index: number) => number): Float64Array =>
    collectValues(requests, (index) => isCounted(index) && requests.wasSent(index), value).sort()
  const orInfinity = (index: number, us: number): number => (requests.isOk(index) ? us : Infinity)
  const due = collectSorted((index) => orInfinity(index, requests.latencyUs(index)))
  const served = collectSorted((index) => orInfinity(index, requests.latencyUs(index) - requests.lagUs(index)))
  const lag = collectSorted((index) => requests.lagUs(index))
  return {
    ratePerSecond,
    ...counts,
    p50Us: toFinite(findNearestRank(due, 0.5)),
    p99Us: toFinite(findNearestRank(due, 0.99)),
    servedP99Us: toFinite(findNearestRank(served, 0.99)),
    lagP99Us: findNearestRank(lag, 0.99) ?? 0,
  }
}

function findFirstDueUs(requests: Evidence['requests']): number {
  let first = Infinity
  for (let index = 0; index < requests.size; index++) first = Math.min(first, requests.dueUs(index))
  return first
}

function toFinite(us: number | null): number | null {
  return us === Infinity ? null : us
}
