/** To which pods a new connection could go wrong, where no response and no earlier request on it tells. */
import type { RequestRecord } from '../model/record.ts'
import type { Instants } from './instants.ts'
import { exitedBy, stopBegunUs, stopsUs } from './pod-moments.ts'
import type { PodTrace } from './pod-life.ts'
import { isClaim } from './told.ts'

/** A watch tells of a deletion after it was accepted: the container may be signalled before the news is here. */
const newsLagUs = 100_000
/** On a busy cluster much earlier, as the container's own log tells. */
const longestNewsLagUs = 2_000_000
/** A container that stopped this long before a request went out is still what may have lost it. */
const stopNearUs = 1_000_000

interface Attempt extends Instants {
  request: RequestRecord
  sentUs: number
}

/**
 * Pods that were leaving, stopping or new, and that the connection led to, the likeliest first: the one whose container was signalled
 * or exited closest before the loss. A name that was not resolved led to none.
 */
export function suspectsOf(request: RequestRecord, instants: Instants, pods: readonly PodTrace[]): PodTrace[] {
  const { sentUs, connectedUs, outcome } = request
  if (sentUs === null || outcome === 'dns') return []
  const attempt = { ...instants, request, sentUs }
  const { beganUs, lostUs } = instants
  const suspects = disturbed(attempt, reached(pods, beganUs, connectedUs ?? beganUs))
  // A SYN that is dropped before connection tracking has confirmed its flow, as for want of a route, pins nothing: the next is
  // balanced anew.
  const found = suspects.length > 0 ? suspects : disturbed(attempt, reached(pods, beganUs, Math.max(beganUs, lostUs)))
  return likeliestFirst(fitting(attempt, found), lostUs)
}

function reached(pods: readonly PodTrace[], fromUs: number, untilUs: number): PodTrace[] {
  return pods.filter(({ reach }) => reach.some((span) => span.fromUs <= untilUs && fromUs < span.toUs))
}

function disturbed(attempt: Attempt, pods: readonly PodTrace[]): PodTrace[] {
  return pods
    .filter((pod) => isLeaving(pod, attempt.lostUs) || stopsNear(pod, attempt) || isUnproven(pod, attempt.sentUs))
    .filter((pod) => !listenedAfter(pod, attempt))
}

/** Without those that what happened to the connection speaks against. Where it speaks against all, nobody is ruled out by it. */
function fitting(attempt: Attempt, suspects: PodTrace[]): PodTrace[] {
  const { request, lostUs } = attempt
  const { connectedUs, outcome } = request
  if (connectedUs !== null) {
    // Who accepted it had not ended; what cut it happened while it was open.
    const living = preferring(suspects, (pod) => !hadEnded(pod, connectedUs))
    return preferring(living, ({ life }) => stopsUs(life).some((atUs) => connectedUs <= atUs && atUs <= lostUs))
  }
  // A pod whose network stands refuses what it does not take. Silence, or no route, is of one whose network is gone.
  if (outcome === 'refused') return preferring(suspects, ({ life }) => life.goneUs === null || lostUs <= life.goneUs)
  if (outcome !== 'unreachable' && outcome !== 'connect-timeout') return suspects
  const silent = preferring(suspects, ({ lastFreshSentUs }) => lastFreshSentUs === null || lastFreshSentUs <= lostUs)
  return preferring(silent, (pod) => mayHaveEnded(pod, lostUs))
}

function preferring(suspects: PodTrace[], keep: (pod: PodTrace) => boolean): PodTrace[] {
  const kept = suspects.filter(keep)
  return kept.length > 0 ? kept : suspects
}

function likeliestFirst(suspects: readonly PodTrace[], lostUs: number): PodTrace[] {
  return suspects
    .map((pod) => ({ pod, distanceUs: distanceUs(pod, lostUs) }))
    .sort((a, b) => a.distanceUs - b.distanceUs || (a.pod.life.pod < b.pod.life.pod ? -1 : 1))
    .map(({ pod }) => pod)
}

/** From the first thing done to a container because of the deletion; where a kubelet tells nothing, from the deletion on. */
function isLeaving({ life }: PodTrace, lostUs: number): boolean {
  const { deletionUs } = life
  if (deletionUs === null) return false
  const begunUs = stopBegunUs(life, deletionUs - longestNewsLagUs)
  return (begunUs ?? deletionUs - newsLagUs) <= lostUs
}

/** A container that died by itself, or was killed by its probe or for want of memory. */
function stopsNear({ life }: PodTrace, { sentUs, lostUs }: Attempt): boolean {
  return stopsUs(life).some((atUs) => sentUs - stopNearUs <= atUs && atUs <= lostUs)
}

/** A pod may be called ready before it serves; from its first good answer to a new connection on it did. */
function isUnproven({ firstFreshSentUs }: PodTrace, sentUs: number): boolean {
  return firstFreshSentUs === null || sentUs < firstFreshSentUs
}

/**
 * A leaving pod closes its listening socket once and for good. One that answered a connection made after this one was refused
 * still had it open then, so it is not the one that refused; nor did a server that says itself that it listens.
 */
function listenedAfter(pod: PodTrace, { request: { outcome }, lostUs }: Attempt): boolean {
  const { life, lastFreshSentUs } = pod
  if (outcome !== 'refused' && outcome !== 'unreachable') return false
  const answered = life.deletionUs !== null && lastFreshSentUs !== null && lastFreshSentUs > lostUs
  return answered || listens(pod, lostUs)
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

/** Whether it was certain that nothing of the pod ran any more. */
function hadEnded({ life }: PodTrace, atUs: number): boolean {
  return (life.goneUs !== null && life.goneUs <= atUs) || exitedBy(life, atUs, 'certainly')
}

function mayHaveEnded({ life }: PodTrace, atUs: number): boolean {
  return (life.goneUs !== null && life.goneUs <= atUs) || exitedBy(life, atUs, 'possibly')
}

function distanceUs({ life }: PodTrace, lostUs: number): number {
  const lastUs = stopsUs(life).findLast((atUs) => atUs <= lostUs) ?? life.deletionUs ?? life.readyUs
  return lastUs === null ? Infinity : Math.abs(lostUs - lastUs)
}
