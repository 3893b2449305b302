/** To which pods a new connection could go wrong, where no response and no earlier request on it tells. */
import type { RequestRecord } from '../model/record.ts'
import { stopsUs } from './pod-moments.ts'
import type { PodTrace } from './pod-life.ts'

/** A watch tells of a deletion after it was accepted: the container may be signalled before the news is here. */
const newsLagUs = 100_000
/** A container that stopped this long before a request went out is still what may have lost it. */
const stopNearUs = 1_000_000

/**
 * Pods that new connections led to when the request went out and that were leaving, stopping or new at that time, the
 * likeliest first: the one whose container was signalled or exited closest to the failure.
 */
export function suspectsOf(request: RequestRecord, failedUs: number, pods: readonly PodTrace[]): PodTrace[] {
  const { sentUs } = request
  if (sentUs === null) return []
  const reached = pods.filter(({ reach }) =>
    reach.some(({ fromUs, toUs }) => fromUs <= (request.connectedUs ?? failedUs) && sentUs < toUs),
  )
  const isStopping = (pod: PodTrace): boolean => isLeaving(pod, failedUs) || stopsNear(pod, sentUs, failedUs)
  return reached
    .filter((pod) => isStopping(pod) || isUnproven(pod, sentUs))
    .filter((pod) => !listenedAfter(pod, request))
    .map((pod) => ({ pod, distanceUs: distanceUs(pod, failedUs) }))
    .sort((a, b) => a.distanceUs - b.distanceUs || (a.pod.life.pod < b.pod.life.pod ? -1 : 1))
    .map(({ pod }) => pod)
}

function isLeaving({ life: { deletionUs } }: PodTrace, failedUs: number): boolean {
  return deletionUs !== null && deletionUs - newsLagUs <= failedUs
}

/** A container that died by itself, or was killed by its probe or for want of memory. */
function stopsNear({ life }: PodTrace, sentUs: number, failedUs: number): boolean {
  return stopsUs(life).some((atUs) => sentUs - stopNearUs <= atUs && atUs <= failedUs + newsLagUs)
}

/** A pod may be called ready before it serves; from its first good answer to a new connection on it did. */
function isUnproven({ firstFreshSentUs }: PodTrace, sentUs: number): boolean {
  return firstFreshSentUs === null || sentUs < firstFreshSentUs
}

/**
 * A leaving pod closes its listening socket once and for good. One that answered a connection made after this request was
 * refused still had it open then, so it is not the one that refused.
 */
function listenedAfter({ life, lastFreshSentUs }: PodTrace, { outcome, sentUs }: RequestRecord): boolean {
  if (outcome !== 'refused' && outcome !== 'unreachable') return false
  return life.deletionUs !== null && lastFreshSentUs !== null && sentUs !== null && lastFreshSentUs > sentUs
}

function distanceUs({ life }: PodTrace, failedUs: number): number {
  const stops = stopsUs(life)
  const near = stops.length > 0 ? stops : [life.deletionUs ?? life.readyUs ?? Infinity]
  return Math.min(...near.map((atUs) => Math.abs(failedUs - atUs)))
}
