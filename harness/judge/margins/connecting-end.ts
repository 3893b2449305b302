/** Until when new connections came to a leaving pod: by the kernel's connection tracking, or by what a driver knows itself. */
import type { Loss, PodTimeline } from '../../model/result.ts'

interface ConnectingEnd {
  atUs: number
  /** How much later the next one may have come. */
  errorUs: number
  source: 'driver' | 'kernel'
  atLeast: boolean
}

/** The kernel reports a connection just before it is established. */
const handshakeUs = 10_000

export interface ConnectionFigures {
  /** The average time from one new connection to the pod to the next. */
  spacingUs: number
  /** The error of the times at which the service proxy changed its rules. */
  rulesErrorUs: number
}

/**
 * `null` where none is known to have come. If the service proxy reports its rules, none came after they had changed: a later one belongs to
 * another pod, from the same port.
 */
export function findConnectingEnd(
  pod: PodTimeline,
  losses: readonly Loss[],
  { spacingUs, rulesErrorUs }: ConnectionFigures,
): ConnectingEnd | null {
  const { lastFreshUs, lastLedUs } = pod
  const failed = losses.filter(({ request, outcome }) => request.use === 1 && outcome !== 'dns')
  const certain = failed.filter((loss) => loss.pod === pod.pod && isCertain(loss, lastLedUs !== null))
  const seenUs = certain.reduce((last, loss) => Math.max(last, getSentUs(loss)), lastFreshUs ?? -Infinity)
  const latestUs = Math.max(seenUs, lastLedUs ?? -Infinity)
  if (latestUs === -Infinity) return null
  const rulesUs = pod.removedFromProxyUs ?? Infinity
  const atUs = latestUs > rulesUs + rulesErrorUs ? rulesUs : latestUs
  const isLed = lastLedUs !== null && seenUs - lastLedUs < handshakeUs
  // Without reports of answered connections, one of them may have come later.
  const isUntold = lastFreshUs === null && lastLedUs === null
  const atLeast = isUntold || (!isLed && failed.some((loss) => isPossibleLoss(loss, pod.pod) && getSentUs(loss) > atUs))
  const untilRulesUs = Math.max(0, rulesUs - atUs) + rulesErrorUs
  // Connections that may be this pod's came later: only the change of the rules limits their time.
  const errorUs = atLeast && rulesUs !== Infinity ? untilRulesUs : Math.min(spacingUs, untilRulesUs)
  return { atUs, errorUs, source: isLed ? 'kernel' : 'driver', atLeast: atLeast && rulesUs === Infinity }
}

/** If the kernel reports all connections, one without a report was sent to no pod, whatever its time suggests. */
function isCertain({ attributedBy }: Loss, isTold: boolean): boolean {
  return isTold ? attributedBy === 'kernel' || attributedBy === 'response' : attributedBy !== null
}

function getSentUs({ request }: Loss): number {
  return request.sentUs ?? -Infinity
}

function isPossibleLoss({ pod, candidates }: Loss, name: string): boolean {
  return pod === name || candidates.includes(name)
}
