/** Attributes each lost request to a pod and to a moment in its life. */
import type { RequestLookup } from '../../model/load/request-choice.ts'
import type { AttributedBy } from '../../model/loss.ts'
import type { Outcome, RequestRecord } from '../../model/record.ts'
import type { Loss, PhaseSpan } from '../../model/result.ts'
import type { PodTrace } from './pod-life.ts'
import { findMomentBefore } from './pod-moments.ts'
import { EarlierConnections } from './earlier-connections.ts'
import { computeLossInstants } from './loss-instants.ts'
import type { LossInstants } from './loss-instants.ts'
import { findSignalUs, findStop } from './loss-stop.ts'
import { findPhaseAt } from '../figures/phases.ts'
import type { SpanWithoutPods } from './spans-without-pods.ts'
import type { RequestTable } from '../facts/request-table.ts'
import { findLossOrigin } from './loss-origin.ts'
import { findKeptSuspects, findSuspects, findSuspectsBehindController } from './suspects.ts'
import type { RoutingEvidence, Suspects } from './suspects.ts'
import type { ControllerConnections } from '../tracking/controller-connections.ts'
import type { KernelPods } from '../tracking/kernel-pods.ts'
import { listRetryingClients } from '../tools/retry-rules.ts'
import { toSentRequest } from '../tools/sent-request.ts'

interface Attribution {
  pod: string | null
  attributedBy: AttributedBy | null
  candidates: string[]
  podless: Loss['podless']
}

export interface AttributionContext {
  pods: readonly PodTrace[]
  /** When the Service may have had no pod. */
  podless: readonly SpanWithoutPods[]
  /** All planned requests of the workload. */
  requests: RequestTable
  phases: readonly PhaseSpan[]
  /** The content of each request. */
  lookUp: RequestLookup
  /** Whether answers name their pods. */
  namesPods: boolean
  /** The header in which they do. */
  podHeader: string | null
  /** Whether an ingress controller is between the driver and the pods. */
  throughController: boolean
  /** Whether an unknown component, such as a load balancer or proxy, may be before the cluster. */
  fromOutside: boolean
  kernel: KernelPods
  /** Connections of the ingress controller's pods. */
  controller: ControllerConnections
  /** The duration of an answer without disruption. */
  usualUs: number
}

/** Only for lost requests, by due time. */
export function attributeLosses(lost: readonly RequestRecord[], circumstances: AttributionContext): Loss[] {
  const { pods, podless, phases, lookUp, namesPods, throughController, kernel, controller, usualUs } = circumstances
  const earlier = new EarlierConnections(circumstances.requests, lost)
  const byName = new Map(pods.map((trace) => [trace.life.pod, trace.life]))
  return lost.map((request): Loss => {
    const instants = computeLossInstants(request, usualUs)
    const { lostUs, lostBy } = instants
    const tracked = earlier.findPodsBefore(request)
    const evidence = { pods, podless, tracked, namesPods, throughController, kernel, controller }
    const found = attributeRequest(request, instants, evidence)
    const culprit = circumstances.fromOutside ? withdrawCertainty(found) : found
    earlier.add(request, listPossiblePods(culprit))
    const life = culprit.pod === null ? undefined : byName.get(culprit.pod)
    const stop = life === undefined ? null : findStop(life, request, lostUs)
    const computeSinceUs = (atUs: number | null | undefined): number | null => (atUs == null ? null : lostUs - atUs)
    return {
      request,
      outcome: request.outcome as Loss['outcome'],
      lostUs,
      lostBy,
      phase: findPhaseAt(phases, lostUs),
      ...culprit,
      moment: life === undefined ? null : findMomentBefore(life, lostUs),
      sinceDeletionUs: computeSinceUs(life?.deletionUs),
      sinceSignalUs: computeSinceUs(life && findSignalUs(life, stop, lostUs)),
      sinceEndpointRemovedUs: computeSinceUs(life?.endpointRemovedUs),
      stop,
      retriedBy: listRetryingClients(toSentRequest(request, lookUp)),
      origin: throughController ? findLossOrigin(request, circumstances.podHeader) : null,
      served: null,
    }
  })
}

/** Complete answers that the end of a pod behind a controller does not cause: the controller refuses or redirects. */
const wholeAnswers: ReadonlySet<string> = new Set<Outcome>([
  'http-4xx',
  'unexpected-status',
  'header-mismatch',
  'body-mismatch',
  'wrong-target',
])

function attributeRequest(
  request: RequestRecord,
  instants: LossInstants,
  {
    namesPods,
    throughController,
    kernel,
    controller,
    ...behind
  }: RoutingEvidence & Pick<AttributionContext, 'namesPods' | 'throughController' | 'kernel' | 'controller'>,
): Attribution {
  if (request.pod !== null) return { pod: request.pod, attributedBy: 'response', candidates: [], podless: null }
  if (throughController) {
    // A failure of the client's own connection happened at the controller.
    const answered =
      (request.status !== null && !wholeAnswers.has(request.outcome)) || request.outcome === 'timeout-headers'
    const pods = answered ? findSuspectsBehindController(request, instants, behind) : []
    return nameConnected(pods, controller, request, instants) ?? nameSuspects({ pods, podless: null })
  }
  const led = request.previousPod === null ? kernel.findPod(request) : null
  if (led !== null) return { pod: led, attributedBy: 'kernel', candidates: [], podless: null }
  // The kernel's connection tracking keeps an established connection at its pod, even when the endpoints change.
  if (request.use > 1 && (namesPods || request.previousPod !== null)) {
    const attributedBy = request.previousPod === null ? null : 'connection'
    return { pod: request.previousPod, attributedBy, candidates: [], podless: null }
  }
  return nameSuspects((request.use > 1 ? findKeptSuspects : findSuspects)(request, instants, behind))
}

/** A failure of a connection from outside may have happened before the cluster; an answer that names its pod is still the pod's. */
function withdrawCertainty(found: Attribution): Attribution {
  const { pod, attributedBy, podless } = found
  if (attributedBy === 'response') return found
  if (pod === null) return { ...found, podless: podless === 'certain' ? null : podless }
  return attributedBy === null ? found : { ...found, attributedBy: null, candidates: [pod] }
}

/** Suspects, headed by the only one to which the controller opened a connection while it had the request; else `null`. */
// oxlint-disable-next-line max-params -- whom, by what, and when
function nameConnected(
  suspects: readonly PodTrace[],
  controller: ControllerConnections,
  { sentUs }: RequestRecord,
  { lostUs }: LossInstants,
): Attribution | null {
  if (sentUs === null || !controller.isWhole) return null
  const [one, ...others] = suspects.filter(({ life }) => controller.hasBetween(life.pod, sentUs, lostUs))
  if (one === undefined || others.length > 0) return null
  // Only the likeliest: the controller may have asked another pod over a kept connection.
  return nameSuspects({ pods: [one, ...suspects.filter((other) => other !== one)], podless: null })
}

function nameSuspects({ pods, podless }: Suspects): Attribution {
  const [likeliest, ...others] = pods.map(({ life }) => life.pod)
  if (likeliest === undefined) return { pod: null, attributedBy: null, candidates: [], podless }
  if (others.length === 0 && podless === null)
    return { pod: likeliest, attributedBy: 'moment', candidates: [], podless }
  return { pod: likeliest, attributedBy: null, candidates: [likeliest, ...others], podless }
}

/** The pods to which it may have gone; `null` stands for no pod. */
function listPossiblePods({ pod, candidates, podless }: Attribution): (string | null)[] {
  const pods = candidates.length > 0 ? candidates : pod === null ? [] : [pod]
  return podless === null ? pods : [...pods, null]
}
