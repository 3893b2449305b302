/** To which pods a new connection could go wrong, where neither a response nor an earlier request on it says. */
import type { LostBy } from '../../model/loss.ts'
import type { PodTimeline } from '../../model/result.ts'
import type { RequestRecord } from '../../model/record.ts'
import type { LossInstants } from './loss-instants.ts'
import {
  computeClaimedGapUs,
  computeStopDistanceUs,
  hasExitedBy,
  findStopBegunUs,
  hasStoppedWithin,
  isListening,
  listStopsUs,
} from './pod-moments.ts'
import { programmingErrorUs } from './pod-life.ts'
import type { PodTrace } from './pod-life.ts'
import { listSynRetriesUs, retryLateUs } from '../facts/syn-retry.ts'
import { classifyInstant } from './spans-without-pods.ts'
import type { SpanWithoutPods } from './spans-without-pods.ts'
import type { Span } from './presence.ts'

/** A watch reports a deletion after it was accepted, and a kubelet an exit after the connections were cut. */
const routingLagUs = 100_000
/** On a busy cluster much earlier, by the container's own log. */
const maxRoutingLagUs = 2_000_000
/** A container that stopped this long before a request went out is still what may have lost it. */
const stopNearUs = 1_000_000

/** What may be behind the Service. */
export interface RoutingEvidence {
  pods: readonly PodTrace[]
  /** When it may have had no pod. */
  podless: readonly SpanWithoutPods[]
  /** To which connection tracking may have sent it for an earlier connection from the same port; `null`: to none. */
  tracked: readonly (string | null)[]
}

export interface Suspects {
  /** The likeliest first. */
  pods: PodTrace[]
  /** Whether it belongs to none of them, see Loss. */
  podless: 'certain' | 'possible' | null
}

/** A SYN, or all of them: sent at `sentUs`, and lost by `lostUs`. */
interface ConnectionAttempt {
  request: RequestRecord
  sentUs: number
  lostUs: number
  lostBy: LostBy
  /** Whether the node may have refused it, or dropped it, for want of a pod. */
  podless: boolean
}

/**
 * Pods that were leaving, stopping or new, and that the connection led to, the likeliest first: the one whose container was signalled
 * or exited closest before the loss. A name that was not resolved led to none; and where a Service has no pod, the node refuses, or drops.
 */
export function findSuspects(
  request: RequestRecord,
  instants: LossInstants,
  { pods, podless, tracked }: RoutingEvidence,
): Suspects {
  const { sentUs, connectedUs, outcome } = request
  if (sentUs === null || outcome === 'dns') return { pods: [], podless: null }
  const { beganUs, lostUs, lostBy } = instants
  // A proxy reports its rules when they have been written: they held already for a few ms.
  const ruledUs = lostUs + programmingErrorUs
  const kept = pods.filter(({ life }) => tracked.includes(life.pod))
  const lack = connectedUs === null ? classifyInstant(podless, outcome === 'refused' ? lostUs : beganUs) : null
  if (
    outcome === 'refused' &&
    kept.length === 0 &&
    !pods.some(({ programmedSpans }) => spansInclude(programmedSpans, ruledUs))
  )
    return { pods: [], podless: lack }
  const first = { request, sentUs, lostUs, lostBy, podless: lack !== null }
  const addPossibleAbsence = (found: PodTrace[]): Suspects => {
    const maybeNone = (lack !== null && kept.length === 0) || tracked.includes(null)
    return { pods: found, podless: maybeNone ? (found.length > 0 ? 'possible' : lack) : null }
  }
  // A SYN that found no pod was not sent to one; what refused a later one may be.
  if (lack === 'certain' && outcome !== 'refused') return addPossibleAbsence(findSuspectsAt(first, kept))
  const led = new Set([...kept, ...findReachablePods(pods, beganUs, connectedUs ?? beganUs)])
  const suspects = movePreferredFirst(findSuspectsAt(first, [...led]), kept)
  return addPossibleAbsence([...new Set([...suspects, ...findSuspectsOfRetries(first, suspects, pods)])])
}

/**
 * The same of a kept connection where no answer on it named its pod: it was made at some time, and stood when it was used last.
 */
export function findKeptSuspects(request: RequestRecord, instants: LossInstants, evidence: RoutingEvidence): Suspects {
  const stoodUs = (request.sentUs ?? request.dueUs) - request.idleUs
  return findSuspects({ ...request, connectedUs: stoodUs }, { ...instants, beganUs: -Infinity }, evidence)
}

/**
 * The same of a request that an ingress controller answered with an error of its own. It connects to pods by itself, over connections that it
 * keeps, so the client's connection tells nothing.
 */
export function findSuspectsBehindController(
  request: RequestRecord,
  { lostUs, lostBy }: LossInstants,
  { pods }: Pick<RoutingEvidence, 'pods'>,
): PodTrace[] {
  const { sentUs } = request
  if (sentUs === null) return []
  const attempt = { request: { ...request, connectedUs: null }, sentUs, lostUs, lostBy, podless: false }
  return findSuspectsAt(attempt, findReachablePods(pods, -Infinity, lostUs))
}

/** By the SYNs that were sent again. */
function findSuspectsOfRetries(
  first: ConnectionAttempt,
  suspects: readonly PodTrace[],
  pods: readonly PodTrace[],
): PodTrace[] {
  const { connectedUs, outcome } = first.request
  // A request without any answer went to a pod without a network: seldom are there two in succession.
  if (connectedUs !== null || (suspects.length > 0 && outcome !== 'refused')) return []
  return listSynRetriesUs(first.request).flatMap((atUs) => {
    return findSuspectsAt({ ...first, sentUs: atUs, lostUs: atUs }, findReachablePods(pods, atUs - retryLateUs, atUs))
  })
}

function findReachablePods(pods: readonly PodTrace[], fromUs: number, untilUs: number): PodTrace[] {
  return pods.filter(({ routableSpans }) => routableSpans.some((span) => span.fromUs <= untilUs && fromUs < span.toUs))
}

function spansInclude(spans: readonly Span[], atUs: number): boolean {
  return spans.some(({ fromUs, toUs }) => fromUs <= atUs && atUs < toUs)
}

function findSuspectsAt(attempt: ConnectionAttempt, pods: readonly PodTrace[]): PodTrace[] {
  const disturbed = pods
    .filter((pod) => isLeaving(pod, attempt.lostUs) || hasStopNear(pod, attempt) || isUnproven(pod, attempt.sentUs))
    .filter((pod) => !hasListenedAfter(pod, attempt))
  return sortByLikelihood(filterByOutcome(attempt, disturbed), attempt)
}

/** Without those that what happened to the connection speaks against. Where it speaks against all, it rules out none. */
function filterByOutcome(attempt: ConnectionAttempt, suspects: PodTrace[]): PodTrace[] {
  const { request, sentUs, lostUs, podless } = attempt
  const { connectedUs, outcome } = request
  if (connectedUs !== null) {
    // Who accepted it had not ended; what cut it happened while it was open. Who answers nobody may have begun so before.
    const living = filterIfAny(suspects, (pod) => !hasEnded(pod, connectedUs))
    const isCut = attempt.lostBy !== 'answer-due'
    return filterIfAny(living, ({ life }) => {
      return hasStoppedWithin(life, connectedUs, lostUs, routingLagUs) || (!isCut && hadStopped(life, connectedUs))
    })
  }
  // A pod refuses only while its network stands, and is out of reach only once that is gone. Silence may also be a full backlog.
  if (outcome === 'refused') {
    const standing = suspects.filter(({ life }) => life.goneUs === null || lostUs <= life.goneUs)
    return standing.length > 0 || podless ? standing : suspects
  }
  if (outcome === 'unreachable') return filterIfAny(suspects, (pod) => mayHaveEnded(pod, lostUs))
  if (outcome !== 'connect-timeout') return suspects
  const silent = filterIfAny(suspects, ({ lastFreshSentUs }) => lastFreshSentUs === null || lastFreshSentUs <= lostUs)
  // What a later SYN met as well was silent until the end.
  return sentUs === request.sentUs ? silent : silent.filter((pod) => mayHaveEnded(pod, lostUs))
}

function filterIfAny(suspects: PodTrace[], keep: (pod: PodTrace) => boolean): PodTrace[] {
  const kept = suspects.filter(keep)
  return kept.length > 0 ? kept : suspects
}

/** What cut a connection happened when it was cut: the pod comes first whose stop may have been then, where only claims tell of stops. */
function sortByLikelihood(suspects: readonly PodTrace[], { request, lostUs, lostBy }: ConnectionAttempt): PodTrace[] {
  const isCut = request.connectedUs !== null && lostBy === 'failure'
  return suspects
    .map((pod) => ({
      pod,
      gapUs: isCut ? computeClaimedGapUs(pod.life, lostUs) : 0,
      distanceUs: computeStopDistanceUs(pod.life, lostUs),
    }))
    .sort((a, b) => a.gapUs - b.gapUs || a.distanceUs - b.distanceUs || (a.pod.life.pod < b.pod.life.pod ? -1 : 1))
    .map(({ pod }) => pod)
}

function movePreferredFirst(suspects: readonly PodTrace[], preferred: readonly PodTrace[]): PodTrace[] {
  return suspects.toSorted((a, b) => Number(preferred.includes(b)) - Number(preferred.includes(a)))
}

/** From the first thing done to a container because of the deletion; where a kubelet reports nothing, from the deletion on. */
function isLeaving({ life }: PodTrace, lostUs: number): boolean {
  const { deletionUs } = life
  if (deletionUs === null) return false
  const begunUs = findStopBegunUs(life, deletionUs - maxRoutingLagUs)
  return (begunUs ?? deletionUs - routingLagUs) <= lostUs
}

/** A container that died by itself, or was killed by its probe or for want of memory. */
function hasStopNear({ life }: PodTrace, { sentUs, lostUs }: ConnectionAttempt): boolean {
  return listStopsUs(life).some((atUs) => sentUs - stopNearUs <= atUs && atUs <= lostUs)
}

/** A pod may be called ready before it serves. */
function isUnproven({ provenUs }: PodTrace, sentUs: number): boolean {
  return provenUs === null || sentUs < provenUs
}

/**
 * A leaving pod closes its listening socket once and for good. One that answered a connection made after this one was refused
 * still had it open then, so it is not the one that refused; nor did a server that says itself that it listens.
 */
function hasListenedAfter(pod: PodTrace, { request: { outcome }, lostUs }: ConnectionAttempt): boolean {
  const { life, lastFreshSentUs } = pod
  if (outcome !== 'refused' && outcome !== 'unreachable') return false
  const answered = life.deletionUs !== null && lastFreshSentUs !== null && lastFreshSentUs > lostUs
  return answered || isListening(life, lostUs)
}

function hadStopped(life: PodTimeline, atUs: number): boolean {
  return listStopsUs(life).some((stopUs) => stopUs <= atUs)
}

/** Whether it was certain that nothing of the pod ran any more. */
function hasEnded({ life }: PodTrace, atUs: number): boolean {
  return (life.goneUs !== null && life.goneUs <= atUs) || hasExitedBy(life, atUs, 'certainly')
}

/** An exit may not have been reported. */
function mayHaveEnded({ life }: PodTrace, atUs: number): boolean {
  const { deletionUs, goneUs, containers } = life
  if (goneUs !== null && goneUs <= atUs) return true
  const untold = !containers.some(({ moments }) => moments.some(({ moment }) => moment === 'exited'))
  if (untold) return deletionUs !== null && deletionUs - routingLagUs <= atUs
  return hasExitedBy(life, atUs, 'possibly')
}
