/** To which pods a new connection could go wrong, where no response and no earlier request on it tells. */
import type { RequestRecord } from '../model/record.ts'
import { isClaim } from './container-life.ts'
import { stoppingUs, stopsUs } from './pod-moments.ts'
import type { PodTrace } from './pod-life.ts'

/** A watch tells of a deletion after it was accepted: the container may be signalled before the news is here. */
const newsLagUs = 100_000
/** On a busy cluster much earlier, as the container's own log tells. */
const longestNewsLagUs = 2_000_000
/** A container that stopped this long before a request went out is still what may have lost it. */
const stopNearUs = 1_000_000

/**
 * Pods that new connections led to when the request went out and that were leaving, stopping or new at that time, the
 * likeliest first: the one whose container was signalled or exited closest before the failure.
 */
export function suspectsOf(request: RequestRecord, failedUs: number, pods: readonly PodTrace[]): PodTrace[] {
  const { sentUs, connectedUs } = request
  if (sentUs === null) return []
  const suspects = pods
    .filter(({ reach }) => reach.some(({ fromUs, toUs }) => fromUs <= (connectedUs ?? failedUs) && sentUs < toUs))
    .filter((pod) => isLeaving(pod, failedUs) || stopsNear(pod, sentUs, failedUs) || isUnproven(pod, sentUs))
    .filter((pod) => !listenedAfter(pod, request) && !(isRefusal(request) && listens(pod, failedUs)))
    .map((pod) => ({ pod, distanceUs: distanceUs(pod, failedUs) }))
    .sort((a, b) => a.distanceUs - b.distanceUs || (a.pod.life.pod < b.pod.life.pod ? -1 : 1))
    .map(({ pod }) => pod)
  if (connectedUs === null) return suspects
  // What cut an established connection happened while it was open. Where that is so of no suspect, none is ruled out by it.
  const cut = suspects.filter(({ life }) => stopsUs(life).some((atUs) => connectedUs <= atUs && atUs <= failedUs))
  return cut.length > 0 ? cut : suspects
}

/** From the first thing done to a container because of the deletion; where a kubelet tells nothing, from the deletion on. */
function isLeaving({ life }: PodTrace, failedUs: number): boolean {
  const { deletionUs } = life
  if (deletionUs === null) return false
  const begunUs = stoppingUs(life).find((atUs) => atUs >= deletionUs - longestNewsLagUs)
  return (begunUs ?? deletionUs - newsLagUs) <= failedUs
}

/** A container that died by itself, or was killed by its probe or for want of memory. */
function stopsNear({ life }: PodTrace, sentUs: number, failedUs: number): boolean {
  return stopsUs(life).some((atUs) => sentUs - stopNearUs <= atUs && atUs <= failedUs)
}

/** A pod may be called ready before it serves; from its first good answer to a new connection on it did. */
function isUnproven({ firstFreshSentUs }: PodTrace, sentUs: number): boolean {
  return firstFreshSentUs === null || sentUs < firstFreshSentUs
}

/**
 * A leaving pod closes its listening socket once and for good. One that answered a connection made after this request was
 * refused still had it open then, so it is not the one that refused.
 */
function listenedAfter({ life, lastFreshSentUs }: PodTrace, request: RequestRecord): boolean {
  const { sentUs } = request
  if (!isRefusal(request)) return false
  return life.deletionUs !== null && lastFreshSentUs !== null && sentUs !== null && lastFreshSentUs > sentUs
}

function isRefusal({ outcome }: RequestRecord): boolean {
  return outcome === 'refused' || outcome === 'unreachable'
}

/** Whether every server of the pod says in its log that it listens, and nothing has been done to any of them since. */
function listens({ life: { containers } }: PodTrace, atUs: number): boolean {
  return (
    containers.length > 0 &&
    containers.every(({ moments }) => {
      const known = moments.filter((told) => told.source === 'log' && !isClaim(told) && told.atUs <= atUs)
      return known.at(-1)?.moment === 'started'
    })
  )
}

function distanceUs({ life }: PodTrace, failedUs: number): number {
  const lastUs = stopsUs(life).findLast((atUs) => atUs <= failedUs) ?? life.deletionUs ?? life.readyUs
  return lastUs === null ? Infinity : Math.abs(failedUs - lastUs)
}
