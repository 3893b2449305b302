/** Whether the ingress controller or a pod failed a request that went through the controller. */
import type { LossOrigin, LossOrigins } from '../../model/loss.ts'
import type { Outcome, RequestRecord } from '../../model/record.ts'
import type { Loss, PodTimeline } from '../../model/result.ts'
import type { ControllerConnections } from '../tracking/controller-connections.ts'
import type { KernelPods } from '../tracking/kernel-pods.ts'
import { sampleIdentification } from '../../model/workload.ts'
import { formatCount, formatDuration, formatList } from '../../base/figures.ts'

/** Outcomes of the client's connection without an answer: it ends at the controller, so no pod caused them. */
const connectionOutcomes: ReadonlySet<Outcome> = new Set<Outcome>([
  'refused',
  'unreachable',
  'connect-timeout',
  'tls',
  'closed-before-response',
  'reset-before-response',
])

/** Statuses that a gateway uses for failures behind it (RFC 9110 §15.6.3 to §15.6.5). */
const gatewayStatuses: ReadonlySet<number> = new Set([502, 503, 504])

/**
 * `podHeader`: the header in which a pod's answers name it. The sample's always have it, so an answer without it is the controller's. In
 * other workloads errors of a framework may lack it, so only a gateway's status is evidence.
 */
export function findLossOrigin({ pod, status, outcome }: RequestRecord, podHeader: string | null): LossOrigin {
  if (pod !== null) return outcome === 'timeout-body' ? 'unknown' : 'pod'
  if (status !== null) {
    const isOwn = podHeader === sampleIdentification.podHeader || gatewayStatuses.has(status)
    return podHeader !== null && isOwn ? 'controller' : 'unknown'
  }
  return connectionOutcomes.has(outcome as Outcome) ? 'controller' : 'unknown'
}

/** `through`: the pods, and the controller's connections; `null` if the load did not come through an ingress controller. */
export function countLossOrigins(
  losses: readonly Loss[],
  through: { pods: readonly PodTimeline[]; kernel: KernelPods; controller: ControllerConnections } | null,
): LossOrigins | null {
  if (through === null) return null
  const { pods, kernel, controller } = through
  const count = (origin: LossOrigin): number => losses.filter((loss) => loss.origin === origin).length
  const answered = losses.filter(({ origin, request }) => origin === 'controller' && request.status !== null)
  const statuses = [...Map.groupBy(answered, ({ request }) => request.status ?? 0)]
  const lags = answered
    .filter(({ attributedBy }) => attributedBy !== null)
    .map(({ sinceEndpointRemovedUs }) => sinceEndpointRemovedUs ?? -1)
    .filter((us) => us >= 0)
  return {
    byController: count('controller'),
    byPod: count('pod'),
    unknown: count('unknown'),
    statuses: statuses.map(([status, all]): [number, number] => [status, all.length]).sort((a, b) => b[1] - a[1]),
    lagUs: lags.length === 0 ? null : lags.reduce((most, us) => Math.max(most, us), 0),
    connections: {
      toController: kernel.findGap() === undefined && kernel.wasOn ? kernel.count : null,
      toPods: controller.isWhole ? controller.count : null,
    },
    connectedUs: findLongestConnectedUs(pods),
    untold: controller.why,
  }
}

/** For the pods that left, from the removal of their endpoint. */
function findLongestConnectedUs(pods: readonly PodTimeline[]): number | null {
  const times = pods.flatMap(({ deletionUs, endpointRemovedUs, lastLedUs }) =>
    deletionUs === null || endpointRemovedUs === null || lastLedUs === null ? [] : [lastLedUs - endpointRemovedUs],
  )
  return times.length === 0 ? null : times.reduce((most, us) => Math.max(most, us), -Infinity)
}

/** `; 120 were lost by the ingress controller (status 502 ×118, 504 ×2), 3 by pods`; empty without such losses. */
export function formatLossOrigins(origins: LossOrigins | null): string {
  if (origins === null) return ''
  const { byController, byPod, unknown, statuses, lagUs, connectedUs } = origins
  if (byController + byPod + unknown === 0) return ''
  const listed = statuses.map(([status, count]) => `${status} ×${formatCount(count)}`).join(', ')
  const own = listed === '' ? '' : ` (its own answers: ${listed})`
  const lag = lagUs === null ? '' : `, up to ${formatDuration(lagUs)} after the endpoint of their pod was removed`
  const parts = [
    byController > 0 && `${formatCount(byController)} by the ingress controller${own}${lag}`,
    byPod > 0 && `${formatCount(byPod)} by pods`,
    unknown > 0 && `${formatCount(unknown)} by one or the other`,
  ].filter((part) => part !== false)
  const connected =
    connectedUs === null
      ? ''
      : connectedUs <= 0
        ? '; the controller opened no connection to a pod whose endpoint was removed'
        : `; the controller went on connecting to pods up to ${formatDuration(connectedUs)} after their endpoints were removed`
  return `; failed ${formatList(parts)}${connected}`
}
