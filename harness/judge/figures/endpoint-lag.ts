/** For how long new connections still reached leaving pods: to compare with a loss of zero and the sleep of a preStop hook. */
import type { EndpointLag } from '../../model/figures/margin.ts'
import type { PodTimeline } from '../../model/result.ts'
import { listClosingUs } from '../pods/pod-moments.ts'
import { formatDuration } from '../../base/figures.ts'

/** New connections come to a pod every few ms, at a low rate every few hundred: a pod that closes within this time may have missed some. */
const nextConnectionUs = 250_000

/**
 * For every deleted pod that is known to have got a new connection, in the order of deletion. `answered`: behind an ingress controller,
 * which connects to pods itself, when the last request was sent that each pod answered.
 */
export function computeEndpointLags(
  pods: readonly PodTimeline[],
  answered: ReadonlyMap<string, { lastSentUs: number }> = new Map(),
): EndpointLag[] {
  return pods
    .flatMap((life) => {
      const { pod, deletionUs, endpointRemovedUs } = life
      const { lastUs, isLed } = findLastReached(life, answered.get(pod)?.lastSentUs)
      if (deletionUs === null || lastUs === -Infinity) return []
      // A server that answered for long after its signal had not closed at the signal.
      const closedUs = listClosingUs(life).find((atUs) => atUs >= Math.max(deletionUs, lastUs - nextConnectionUs))
      return [
        {
          deletionUs,
          lag: {
            pod,
            sinceDeletionUs: lastUs - deletionUs,
            sinceEndpointRemovedUs: endpointRemovedUs === null ? null : lastUs - endpointRemovedUs,
            // The kernel sends connections to a pod whether it listens or not.
            atLeast: !isLed && closedUs !== undefined && closedUs - lastUs < nextConnectionUs,
          },
        },
      ]
    })
    .sort((a, b) => a.deletionUs - b.deletionUs || (a.lag.pod < b.lag.pod ? -1 : 1))
    .map(({ lag }) => lag)
}

/** `isLed`: by the kernel, which counts unless the pod answered on a connection long after the last one that the kernel reported. */
function findLastReached(
  { lastFreshUs, lastLedUs }: PodTimeline,
  answeredUs = -Infinity,
): { lastUs: number; isLed: boolean } {
  const lastUs = Math.max(lastFreshUs ?? -Infinity, answeredUs)
  // A controller keeps connections, so the later of its last new connection and the last answer counts.
  if (answeredUs !== -Infinity && lastLedUs !== null) {
    return { lastUs: Math.max(lastUs, lastLedUs), isLed: lastLedUs >= lastUs }
  }
  return lastLedUs !== null && lastUs - lastLedUs < nextConnectionUs
    ? { lastUs: lastLedUs, isLed: true }
    : { lastUs, isLed: false }
}

/**
 * `; new connections reached leaving pods up to 0.9 s after their deletion`, for the pod with the longest time; else empty.
 * `throughController`: names requests instead of connections.
 */
export function formatEndpointLag(lags: readonly EndpointLag[], throughController: boolean): string {
  const longest = lags.toSorted((a, b) => b.sinceDeletionUs - a.sinceDeletionUs)[0]
  if (longest === undefined) return ''
  const what = throughController ? 'request' : 'new connection'
  if (longest.sinceDeletionUs <= 0) return `; no ${what} reached a leaving pod after its deletion`
  const least = longest.atLeast ? ' or longer' : ''
  return `; ${what}s reached leaving pods up to ${formatDuration(longest.sinceDeletionUs)}${least} after their deletion`
}
