/** Until when new connections came to a leaving pod: the kernel's word, or what a driver knows of its own. */
import type { Loss, PodTimeline } from '../../model/result.ts'

interface ConnectingEnd {
  atUs: number
  /** By how much later the next one may have come. */
  errorUs: number
  source: 'driver' | 'kernel'
  atLeast: boolean
}

/** The kernel leads a connection just before it stands. */
const handshakeUs = 10_000

export interface ConnectionFigures {
  /** From one new connection to the pod to the next, on average. */
  spacingUs: number
  /** How far the times may be off at which the service proxy changed its rules. */
  rulesErrorUs: number
}

/**
 * `null` where none is known to have come. Where the service proxy tells its rules, none came after these had changed: one that is told to have
 * come later is another's, from the same port.
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
  // Where nobody tells of those that were answered, one of them may have come later.
  const isUntold = lastFreshUs === null && lastLedUs === null
  const atLeast = isUntold || (!isLed && failed.some((loss) => isPossibleLoss(loss, pod.pod) && getSentUs(loss) > atUs))
  const untilRulesUs = Math.max(0, rulesUs - atUs) + rulesErrorUs
  // What may be this pod's came later: until the rules changed, that is all that is known.
  const errorUs = atLeast && rulesUs !== Infinity ? untilRulesUs : Math.min(spacingUs, untilRulesUs)
  return { atUs, errorUs, source: isLed ? 'kernel' : 'driver', atLeast: atLeast && rulesUs === Infinity }
}

/** Where the kernel tells of all that it led, what it did not tell of was led to no pod, whatever the moment suggests. */
function isCertain({ attributedBy }: Loss, isTold: boolean): boolean {
  return isTold ? attributedBy === 'kernel' || attributedBy === 'response' : attributedBy !== null
}

function getSentUs({ request }: Loss): number {
  return request.sentUs ?? -Infinity
}

function isPossibleLoss({ pod, candidates }: Loss, name: string): boolean {
  return pod === name || candidates.includes(name)
}
