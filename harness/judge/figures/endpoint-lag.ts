/** For how long new connections still reached pods that were leaving: what a zero, and a preStop hook's sleep, is to be held against. */
import type { EndpointLag, PodTimeline } from '../../model/result.ts'
import { listClosingUs } from '../pods/pod-moments.ts'
import { formatDuration } from '../../base/figures.ts'

/** New connections come to a pod every few ms, at a low rate every few hundred: one that stops within this may have missed some. */
const nextConnectionUs = 250_000

/** Of every pod that was deleted and to which a new connection is known to have come, in the order of their deletion. */
export function computeEndpointLags(pods: readonly PodTimeline[]): EndpointLag[] {
  return pods
    .flatMap((life) => {
      const { pod, deletionUs, endpointRemovedUs, lastLedUs } = life
      const lastFreshUs = lastLedUs ?? life.lastFreshUs
      if (deletionUs === null || lastFreshUs === null) return []
      // A server that went on answering for long after its signal had not closed by it.
      const closedUs = listClosingUs(life).find((atUs) => atUs >= Math.max(deletionUs, lastFreshUs - nextConnectionUs))
      return [
        {
          deletionUs,
          lag: {
            pod,
            sinceDeletionUs: lastFreshUs - deletionUs,
            sinceEndpointRemovedUs: endpointRemovedUs === null ? null : lastFreshUs - endpointRemovedUs,
            // The kernel leads connections to a pod whether anybody listens there or not.
            atLeast: lastLedUs === null && closedUs !== undefined && closedUs - lastFreshUs < nextConnectionUs,
          },
        },
      ]
    })
    .sort((a, b) => a.deletionUs - b.deletionUs || (a.lag.pod < b.lag.pod ? -1 : 1))
    .map(({ lag }) => lag)
}

/** `; new connections reached leaving pods up to 0.9 s after their deletion`, of the one that was reached longest; else empty. */
export function formatEndpointLag(lags: readonly EndpointLag[]): string {
  const longest = lags.toSorted((a, b) => b.sinceDeletionUs - a.sinceDeletionUs)[0]
  if (longest === undefined) return ''
  if (longest.sinceDeletionUs <= 0) return '; no new connection reached a leaving pod after its deletion'
  const least = longest.atLeast ? ' or longer' : ''
  return `; new connections reached leaving pods up to ${formatDuration(longest.sinceDeletionUs)}${least} after their deletion`
}
