/** The pods at which a new connection may have failed, if neither a response nor an earlier request on it names the pod. */
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

/** A watch reports a deletion after it was accepted, and a kubelet reports an exit after the connections were cut. */
const routingLagUs = 100_000
/** On a busy cluster much later than the container's own log. */
const maxRoutingLagUs = 2_000_000
/** A container that stopped this long before a request was sent may still have lost it. */
const stopNearUs = 1_000_000

/** What is known about the pods behind the Service. */
export interface RoutingEvidence {
  pods: readonly PodTrace[]
  /** When it may have had no pod. */
  podless: readonly SpanWithoutPods[]
  /** Where connection tracking may have sent it because of an earlier connection from the same port; `null`: nowhere. */
  tracked: readonly (string | null)[]
}

export interface Suspects {
  /** Likeliest first. */
  pods: PodTrace[]
  /** Whether it belongs to none of them, see Loss. */
  podless: 'certain' | 'possible' | null
}

/** One SYN, or all of them: sent at `sentUs`, and lost by `lostUs`. */
interface ConnectionAttempt {
  request: RequestRecord
  sentUs: number
  lostUs: number
  lostBy: LostBy
  /** Whether the node may have refused or dropped it for lack of a pod. */
  podless: boolean
}

/**
 * Pods to which the connection may have been sent and that were leaving, stopping or new, likeliest first: by how close a signal or exit of
 * a container was before the loss. A name that was not resolved was sent to none; and without a pod in the Service, the node refuses or
 * drops.
 */
export function findSuspects(
  request: RequestRecord,
  instants: LossInstants,
  { pods, podless, tracked }: RoutingEvidence,
): Suspects {
  const { sentUs, connectedUs, outcome } = request
  if (sentUs === null || outcome === 'dns') return { pods: [], podless: null }
  const { beganUs, lostUs, lostBy } = instants
  // A proxy reports its rules after writing them: they were in force a few ms before.
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
  // A SYN that found no pod was not sent to one; the refusal of a later one may be a pod's.
  if (lack === 'certain' && outcome !== 'refused') return addPossibleAbsence(findSuspectsAt(first, kept))
  const led = new Set([...kept, ...findReachablePods(pods, beganUs, connectedUs ?? beganUs)])
  const suspects = movePreferredFirst(findSuspectsAt(first, [...led]), kept)
  return addPossibleAbsence([...new Set([...suspects, ...findSuspectsOfRetries(first, suspects, pods)])])
}

/** The same for a kept connection on which no answer named its pod: it was made at an unknown time, and was open when it was last used. */
export function findKeptSuspects(request: RequestRecord, instants: LossInstants, evidence: RoutingEvidence): Suspects {
  const stoodUs = (request.sentUs ?? request.dueUs) - request.idleUs
  return findSuspects({ ...request, connectedUs: stoodUs }, { ...instants, beganUs: -Infinity }, evidence)
}

/**
 * The same for a request that an ingress controller answered with its own error. It connects to pods itself, over kept connections, so the
 * client's connection shows nothing.
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

/** For the retransmitted SYNs. */
function findSuspectsOfRetries(
  first: ConnectionAttempt,
  suspects: readonly PodTrace[],
  pods: readonly PodTrace[],
): PodTrace[] {
  const { connectedUs, outcome } = first.request
  // A request without any answer went to a pod without a network; seldom are two such pods chosen in succession.
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

/** Removes suspects that contradict the outcome of the connection. If it contradicts all, none is removed. */
function filterByOutcome(attempt: ConnectionAttempt, suspects: PodTrace[]): PodTrace[] {
  const { request, sentUs, lostUs, podless } = attempt
  const { connectedUs, outcome } = request
  if (connectedUs !== null) {
    // The pod that accepted it had not ended, and the cut happened while it was open. A pod that does not answer may have stopped before.
    const living = filterIfAny(suspects, (pod) => !hasEnded(pod, connectedUs))
    const isCut = attempt.lostBy !== 'answer-due'
    return filterIfAny(living, ({ life }) => {
      return hasStoppedWithin(life, connectedUs, lostUs, routingLagUs) || (!isCut && hadStopped(life, connectedUs))
    })
  }
  // A pod refuses only while its network exists, and is unreachable only once that is gone. Silence may also be a full backlog.
  if (outcome === 'refused') {
    const standing = suspects.filter(({ life }) => life.goneUs === null || lostUs <= life.goneUs)
    return standing.length > 0 || podless ? standing : suspects
  }
  if (outcome === 'unreachable') return filterIfAny(suspects, (pod) => mayHaveEnded(pod, lostUs))
  if (outcome !== 'connect-timeout') return suspects
  const silent = filterIfAny(suspects, ({ lastFreshSentUs }) => lastFreshSentUs === null || lastFreshSentUs <= lostUs)
  // A pod that a later SYN reached too was silent until the end.
  return sentUs === request.sentUs ? silent : silent.filter((pod) => mayHaveEnded(pod, lostUs))
}

function filterIfAny(suspects: PodTrace[], keep: (pod: PodTrace) => boolean): PodTrace[] {
  const kept = suspects.filter(keep)
  return kept.length > 0 ? kept : suspects
}

/** The cause of a cut is at the time of the cut: if only claims report stops, pods that may have stopped then come first. */
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

/** From the first action on a container because of the deletion; without reports of the kubelet, from the deletion on. */
function isLeaving({ life }: PodTrace, lostUs: number): boolean {
  const { deletionUs } = life
  if (deletionUs === null) return false
  const begunUs = findStopBegunUs(life, deletionUs - maxRoutingLagUs)
  return (begunUs ?? deletionUs - routingLagUs) <= lostUs
}

/** A container that ended by itself, or was killed because of its probe or lack of memory. */
function hasStopNear({ life }: PodTrace, { sentUs, lostUs }: ConnectionAttempt): boolean {
  return listStopsUs(life).some((atUs) => sentUs - stopNearUs <= atUs && atUs <= lostUs)
}

/** A pod may be reported ready before it serves. */
function isUnproven({ provenUs }: PodTrace, sentUs: number): boolean {
  return provenUs === null || sentUs < provenUs
}

/**
 * A leaving pod closes its listening socket once and for good. A pod that answered a connection made after this refusal still listened
 * then, so it is not the one that refused; nor is a server whose log says that it listens.
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

/** Whether all containers of the pod had certainly ended. */
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
