/** The facts about one lost request, as a table. Also runs in the browser, but uses nothing of it. */
import type { AttributedBy, LossOrigin } from '../../model/loss.ts'
import type { Lane } from '../../model/plan.ts'
import type { Loss } from '../../model/result.ts'
import { nameClients } from '../../model/tools/retrying-clients.ts'
import { formatCount, formatDuration, formatInstant } from '../../base/figures.ts'
import type { TimeScale } from '../timeline/timeline-geometry.ts'

export type Fact = [name: string, value: string]

const laneMeanings: Record<Lane, string> = {
  fresh: 'a new connection for each request',
  reused: 'connections kept alive between requests',
  'reused-post': 'POST requests on connections kept alive',
  control: 'a new connection for each request to a pod that nothing disrupts',
}

export const attributionMeanings: Record<AttributedBy, string> = {
  response: 'the pod answered, if only with an error',
  connection: 'the pod had answered before on the same connection',
  kernel: 'the kernel led the connection to it',
  moment: 'no other pod to which it could go was leaving, stopping or new at that instant',
}

export const originMeanings: Record<LossOrigin, string> = {
  controller: 'the ingress controller: its own answer, or its end of the connection',
  pod: 'the pod: the ingress controller passed its answer on, or what there was of it',
  unknown: 'the ingress controller or the pod: nothing came that tells which',
}

export function listFacts(loss: Loss, scale: TimeScale): Fact[] {
  const { request } = loss
  const formatAt = (us: number | null) => formatInstant(us, scale.originUs)
  const facts: [string, string | null][] = [
    ['due', formatAt(request.dueUs)],
    ['sent', formatAt(request.sentUs)],
    ['connected', formatAt(request.connectedUs)],
    ['first byte', formatAt(request.firstByteUs)],
    ['failed', formatAt(request.settledUs)],
    ['lane', `${request.lane}: ${laneMeanings[request.lane]}`],
    ['connection', request.connection === null ? 'no socket was opened' : `number ${formatCount(request.connection)}`],
    ['use of the connection', request.use === 1 ? 'first' : `number ${formatCount(request.use)}`],
    ['idle before', formatDuration(request.idleUs)],
    ['local port', request.localPort === null ? null : String(request.localPort)],
    ['status', request.status === null ? null : String(request.status)],
    ['bytes of response', formatCount(request.bytes)],
    ['pod', loss.pod ?? (loss.podless === 'certain' ? 'none' : 'not known')],
    ['known by', formatAttribution(loss)],
    ['not ruled out', formatCandidates(loss)],
    ['failed by', loss.origin === null ? null : originMeanings[loss.origin]],
    ['answered before', request.previousPod],
    ['latest moment', formatMoment(loss, scale)],
    ['since deletion', loss.sinceDeletionUs === null ? null : formatDuration(loss.sinceDeletionUs)],
    [
      'since endpoint removed',
      loss.sinceEndpointRemovedUs === null ? null : formatDuration(loss.sinceEndpointRemovedUs),
    ],
    ['stop signal', loss.stop?.signal ?? null],
    ['since stop signal', loss.sinceSignalUs === null ? null : formatDuration(loss.sinceSignalUs)],
    ['sent again by', nameClients(loss.retriedBy).join(', ') || 'no client that is known'],
    ['in the servers’ logs', loss.served === null ? null : loss.served.fate.replaceAll('-', ' ')],
    ['the system said', request.detail],
  ]
  return facts.filter((fact): fact is Fact => fact[1] !== null)
}

function formatMoment({ moment }: Loss, scale: TimeScale): string | null {
  if (moment === null) return null
  const container = moment.container === null ? '' : ` ${moment.container}`
  const detail = moment.detail === null ? '' : ` ${moment.detail}`
  const who = moment.source === 'watch' ? '' : `, from its ${moment.source}, ±${formatDuration(moment.errorUs)}`
  return `${moment.name}${container}${detail} at ${formatInstant(moment.atUs, scale.originUs)}${who}`
}

function formatCandidates({ candidates, podless }: Loss): string | null {
  const all = podless === 'possible' ? [...candidates, 'no pod'] : candidates
  return all.length === 0 ? null : all.join(', ')
}

function formatAttribution({ pod, attributedBy, podless }: Loss): string | null {
  if (attributedBy !== null) return `${attributedBy}: ${attributionMeanings[attributedBy]}`
  if (pod === null) return podless === 'certain' ? 'the Service had no pod' : null
  return 'the likeliest; others are not ruled out'
}
