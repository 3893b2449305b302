/** For how long each leaving pod still got work, and for how long it did it. */
import type { FreshMargin, PodMargin } from '../../model/figures/margin.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { Loss, PhaseSpan, PodTimeline } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { findStepUs } from '../facts/evidence.ts'
import { countByLane } from '../facts/lane-results.ts'
import { computeProgrammingErrorUs } from '../pods/pod-life.ts'
import { listLeavingPods } from '../figures/loss-figures.ts'
import { findAnsweringEnd } from './answering-end.ts'
import { findConnectingEnd } from './connecting-end.ts'
import type { ConnectionFigures } from './connecting-end.ts'
import { cutOutcomes } from './cut-outcomes.ts'
import { nameEnding, newsLagUs } from './name-ending.ts'

interface MarginContext extends TrafficFigures {
  plan: Pick<RunPlan, 'via' | 'workload'>
  pods: readonly PodTimeline[]
  losses: readonly Loss[]
}

interface TrafficFigures {
  /** When the disruption began; `null` if it never did. */
  beganUs: number | null
  /** Average number of new connections to the workload per second. */
  connectionsPerSecond: number
  /** The error of the times of connections. */
  clockErrorUs: number
  /** The error of the times of the service proxy's rules. */
  rulesErrorUs: number
}

export function computePodMargins({ plan, pods, losses, ...traffic }: MarginContext): PodMargin[] {
  const { front } = plan.workload.containers
  const { beganUs, connectionsPerSecond, ...errors } = traffic
  return listLeavingPods(pods, beganUs).map((pod) => {
    const own = losses.filter((loss) => loss.pod === pod.pod && loss.attributedBy !== null)
    const serving = pods.filter((other) => isReadyAt(other, pod.deletionUs)).length
    const spacingUs = (serving * 1_000_000) / connectionsPerSecond
    const measure = (): PodMargin['fresh'] => {
      if (plan.via.kind === 'ingress') return measureBehindController(pod, { front, ...errors })
      // A load balancer before the cluster connects to pods itself, and its connections are not reported.
      return plan.via.kind === 'url' ? null : measureFresh(pod, { front, losses, spacingUs, ...errors })
    }
    return {
      pod: pod.pod,
      deletionUs: pod.deletionUs,
      fresh: measure(),
      kept: summarizeCuts(pod.deletionUs, own),
      upstream: summarizeUpstream(pod.deletionUs, own),
      endedBy: nameEnding(pod, front),
    }
  })
}

/** The part of the traffic that margins depend on. */
export function measureTraffic(evidence: Evidence, phases: readonly PhaseSpan[]): TrafficFigures {
  return {
    beganUs: findStepUs(evidence, 'disrupt-begin'),
    connectionsPerSecond: countConnectionsPerSecond(evidence, phases),
    clockErrorUs: [...evidence.seen.clock, ...evidence.controllerConnections].reduce(
      (most, { errorUs }) => Math.max(most, errorUs),
      0,
    ),
    rulesErrorUs: computeProgrammingErrorUs(evidence.seen.programmed),
  }
}

function countConnectionsPerSecond(evidence: Evidence, phases: readonly PhaseSpan[]): number {
  const [fromUs, toUs] = [phases[0]?.fromUs ?? 0, phases.at(-1)?.toUs ?? 0]
  if (toUs <= fromUs) return 0
  const { fresh } = countByLane(evidence, { fromUs, toUs })
  return (Math.max(fresh, evidence.openings.size) * 1_000_000) / (toUs - fromUs)
}

function isReadyAt({ readyUs, deletionUs }: PodTimeline, atUs: number): boolean {
  return readyUs !== null && readyUs <= atUs && (deletionUs === null || atUs <= deletionUs)
}

/** A controller connects to pods itself: only the kernel of its node reports that, not the clients. */
function measureBehindController(
  pod: LeavingPod,
  context: Omit<FreshContext, 'losses' | 'spacingUs'>,
): FreshMargin | null {
  if (pod.lastLedUs === null) return null
  return measureFresh({ ...pod, lastFreshUs: null, removedFromProxyUs: null }, { ...context, losses: [], spacingUs: 0 })
}

type LeavingPod = PodTimeline & { deletionUs: number }

interface FreshContext extends ConnectionFigures {
  front: string
  losses: readonly Loss[]
  clockErrorUs: number
}

function measureFresh(pod: LeavingPod, { front, losses, clockErrorUs, ...figures }: FreshContext): FreshMargin | null {
  const refusedUs = losses
    .filter(({ outcome, pod: of, attributedBy }) => outcome === 'refused' && of === pod.pod && attributedBy !== null)
    .map(({ lostUs }) => lostUs)
    .sort((a, b) => a - b)
  const connecting = findConnectingEnd(pod, losses, figures)
  const answering = findAnsweringEnd(pod, front, { lastAnsweredUs: pod.lastFreshUs, refusedUs })
  if (connecting === null || answering === null || connecting.errorUs === Infinity) return null
  return {
    connectingUs: connecting.atUs - pod.deletionUs,
    source: connecting.source,
    atLeast: connecting.atLeast,
    answeringUs: answering.atUs - pod.deletionUs,
    ...(answering.atLeast && { answeringAtLeast: true as const }),
    marginUs: answering.atUs - connecting.atUs,
    errorUs: Math.round(connecting.errorUs + answering.errorUs + clockErrorUs),
  }
}

/** `own`: losses that are known to be the pod's. */
function summarizeCuts(deletionUs: number, own: readonly Loss[]): PodMargin['kept'] {
  const cut = own.filter(
    ({ request, outcome, lostUs }) => request.use > 1 && cutOutcomes.has(outcome) && lostUs >= deletionUs - newsLagUs,
  )
  if (cut.length === 0) return null
  const { fromUs, toUs } = getRange(cut, deletionUs)
  return { cut: cut.length, firstUs: fromUs, lastUs: toUs }
}

function summarizeUpstream(deletionUs: number, own: readonly Loss[]): PodMargin['upstream'] {
  const answers = own.filter((loss) => isGatewayError(loss) && loss.lostUs >= deletionUs - newsLagUs)
  const [most] = [...Map.groupBy(answers, ({ request }) => request.status)].sort(
    ([a, withA], [b, withB]) => withB.length - withA.length || (a ?? 0) - (b ?? 0),
  )
  if (!most || most[0] === null) return null
  const [status, found] = most
  return { status, answers: found.length, ...getRange(found, deletionUs) }
}

/**
 * Whether a gateway in the pod answered for a server behind it. Only gateways answer 502 and 504 (RFC 9110, sections 15.6.3 and 15.6.5);
 * 503 counts if the log of a proxy in the pod contains it.
 */
function isGatewayError({ request: { status }, origin, served, pod }: Loss): boolean {
  if (origin === 'controller') return false
  if (status === 502 || status === 504) return true
  return status === 503 && served !== null && served.lines.some((line) => line.role === 'proxy' && line.pod === pod)
}

function getRange(losses: readonly Loss[], originUs: number): { fromUs: number; toUs: number } {
  const [fromUs, toUs] = losses.reduce(
    ([least, most], { lostUs }) => [Math.min(least, lostUs), Math.max(most, lostUs)],
    [Infinity, -Infinity],
  )
  return { fromUs: fromUs - originUs, toUs: toUs - originUs }
}
