import type { Lane } from '../../model/plan.ts'
import type { Loss, PodTimeline, Observation } from '../../model/result.ts'
import { listRetryingClients } from '../../judge/tools/retry-rules.ts'
import { toSentRequest } from '../../judge/tools/sent-request.ts'
import { createRequestLookup } from '../../model/load/request-choice.ts'
import { buildRequest } from './records.ts'
import type { Burst } from '../behaviours.ts'

/** The lanes send their default requests. */
const lookUp = createRequestLookup({}, 0)

/** The requests that every old pod loses in one burst. */
export function buildLosses(burst: Burst, given: { pods: PodTimeline[]; random: () => number; times: number }): Loss[] {
  const { pods, random, times } = given
  return pods
    .filter(({ old }) => old)
    .flatMap((pod) => Array.from({ length: burst.perPod * times }, () => buildLoss(burst, pod, { pods, random })))
}

function buildLoss(
  burst: Burst,
  pod: PodTimeline,
  { pods, random }: { pods: PodTimeline[]; random: () => number },
): Loss {
  const sinceDeletionUs = Math.round((burst.fromMs + random() ** 1.5 * (burst.toMs - burst.fromMs)) * 1_000)
  const settledUs = (pod.deletionUs ?? 0) + sinceDeletionUs
  const lane: Lane = burst.reusedOnly || random() > 0.5 ? (random() > 0.2 ? 'reused' : 'reused-post') : 'fresh'
  const fresh = lane === 'fresh'
  const sentUs = settledUs - Math.round(burst.tookMs * 1_000 * (0.5 + random()))
  const container = pod.containers.find(({ name }) => name === burst.container)
  const signal = container?.moments.find(({ moment }) => moment === 'signal') ?? null
  const known = random() > 0.04
  const lostSight = !known && random() > 0.5
  const request = buildRequest({
    lane,
    outcome: burst.outcome,
    dueUs: sentUs - Math.round(random() * 900),
    sentUs,
    connectedUs: burst.outcome === 'refused' ? null : sentUs + (fresh ? 180 : 0),
    settledUs,
    firstByteUs: burst.status === null ? null : settledUs - 120,
    status: burst.status,
    connection: Math.floor(random() * 900),
    use: fresh ? 1 : 2 + Math.floor(random() * 9),
    idleUs: fresh ? 0 : 500_000 + Math.floor(random() * 90_000),
    bytes: burst.status === null ? 0 : 312,
    pod: null,
    previousPod: fresh ? null : pod.pod,
    localPort: 32_768 + Math.floor(random() * 20_000),
    detail: burst.detail,
  })
  return {
    request,
    outcome: burst.outcome,
    lostUs: settledUs,
    lostBy: burst.outcome === 'refused' ? 'last-syn' : burst.status === null ? 'failure' : 'first-byte',
    phase: 'during',
    pod: lostSight ? null : pod.pod,
    attributedBy: known ? (burst.status === null ? (fresh ? 'moment' : 'connection') : 'response') : null,
    candidates: known || lostSight ? [] : pods.filter(({ old }) => old).map((other) => other.pod),
    podless: known ? null : lostSight ? 'certain' : 'possible',
    moment:
      signal === null || !known || settledUs < signal.atUs
        ? null
        : { ...toObservation(signal), name: 'signal', container: burst.container, sinceUs: settledUs - signal.atUs },
    sinceDeletionUs: known ? sinceDeletionUs : null,
    sinceSignalUs: signal === null || !known ? null : settledUs - signal.atUs,
    sinceEndpointRemovedUs: known ? sinceDeletionUs - 18_000 : null,
    stop:
      signal === null || !known || settledUs < signal.atUs
        ? null
        : { container: burst.container, signal: signal.detail, signalUs: signal.atUs, exitedUs: null, faults: [] },
    retriedBy: listRetryingClients(toSentRequest(request, lookUp)),
    origin: null,
    served: buildServed(burst, pod, settledUs),
  }
}

/** A proxy that answers with an error logs it. */
function buildServed({ outcome, status, container }: Burst, { pod }: PodTimeline, atUs: number): Loss['served'] {
  if (status === null) return { fate: outcome === 'refused' ? 'never-seen' : 'untold', lines: [] }
  const line = { pod, container, role: 'proxy', errorUs: 1_600, upstream: null, whole: true } as const
  return { fate: 'failed', lines: [{ ...line, atUs, tookUs: 1_000, status }] }
}

function toObservation({ atUs, errorUs, source, detail }: Observation): Observation {
  return { atUs, errorUs, source, detail }
}
