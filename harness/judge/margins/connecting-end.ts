/** Until when new connections came to a leaving pod: the kernel's word, or what a driver knows of its own. */
import type { Loss, PodTimeline } from '../../model/result.ts'
import { programmingErrorUs } from '../pods/pod-life.ts'

interface ConnectingEnd {
  atUs: number
  /** By how much later the next one may have come. */
  errorUs: number
  source: 'driver' | 'kernel'
  atLeast: boolean
}

/** The kernel leads a connection just before it stands. */
const handshakeUs = 10_000

/** `spacingUs`: from one new connection to the pod to the next, on average. `null` where none is known to have come. */
export function findConnectingEnd(pod: PodTimeline, losses: readonly Loss[], spacingUs: number): ConnectingEnd | null {
  const { lastFreshUs, lastLedUs } = pod
  const failed = losses.filter(({ request, outcome }) => request.use === 1 && outcome !== 'dns')
  const certain = failed.filter((loss) => loss.pod === pod.pod && isCertain(loss, lastLedUs !== null))
  const seenUs = certain.reduce((last, loss) => Math.max(last, getSentUs(loss)), lastFreshUs ?? -Infinity)
  const atUs = Math.max(seenUs, lastLedUs ?? -Infinity)
  if (atUs === -Infinity) return null
  const isLed = lastLedUs !== null && seenUs - lastLedUs < handshakeUs
  const atLeast = !isLed && failed.some((loss) => mayBeOf(loss, pod.pod) && getSentUs(loss) > atUs)
  return { atUs, errorUs: Math.min(spacingUs, boundByRules(pod, atUs)), source: isLed ? 'kernel' : 'driver', atLeast }
}

/** Where the kernel tells of all that it led, what it did not tell of was led to no pod, whatever the moment suggests. */
function isCertain({ attributedBy }: Loss, isTold: boolean): boolean {
  return isTold ? attributedBy === 'kernel' || attributedBy === 'response' : attributedBy !== null
}

function getSentUs({ request }: Loss): number {
  return request.sentUs ?? -Infinity
}

function mayBeOf({ pod, candidates }: Loss, name: string): boolean {
  return pod === name || candidates.includes(name)
}

/** Where the service proxy tells its rules, none came much later than these led any to the pod. */
function boundByRules({ unprogrammedUs }: PodTimeline, atUs: number): number {
  return unprogrammedUs === null ? Infinity : Math.max(0, unprogrammedUs - atUs) + programmingErrorUs
}
