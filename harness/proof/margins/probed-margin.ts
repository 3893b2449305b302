/** The margin of a pod by a probe, and its difference from that of an analysis. */
import { formatMeasured } from '../../base/figures.ts'
import type { PodMargin } from '../../model/figures/margin.ts'
import type { ProbeAttempt } from './attempt.ts'

/** A pod that still gets connections gets several within this time. Later failures are refusals of the node, for lack of a pod. */
const maxPauseMs = 1_000

export interface ProbedMargin {
  /** Until the last connection through the Service that was sent to it; wall clock. */
  connectingMs: number
  /** Until it accepted no more: between its last accepted attempt and the next. */
  answeringMs: number
  marginMs: number
}

/** `direct`: attempts at the pod's own address. `null` if the probe did not meet both ends. */
export function computeProbedMargin(
  pod: string,
  direct: readonly ProbeAttempt[],
  throughService: readonly ProbeAttempt[],
): ProbedMargin | null {
  const tries = direct.toSorted((a, b) => a.atMs - b.atMs)
  const last = tries.findLastIndex(({ failed }) => failed === null)
  const [accepted, refused] = [tries[last], tries[last + 1]]
  if (!accepted || !refused) return null
  // A refusal does not name its pod: it is the Service's pod that accepts no more.
  const reachedMs = throughService
    .filter((one) => one.pod === pod || (one.failed !== null && one.atMs > accepted.atMs))
    .map(({ atMs }) => atMs)
    .sort((a, b) => a - b)
  const connectingMs = reachedMs.find((atMs, place) => (reachedMs[place + 1] ?? Infinity) - atMs > maxPauseMs)
  if (connectingMs === undefined) return null
  const answeringMs = (accepted.atMs + refused.atMs) / 2
  return { connectingMs, answeringMs, marginMs: answeringMs - connectingMs }
}

/** nodrop's margin minus the probe's; `null` if either is missing. */
export function compareMargins(margin: PodMargin | undefined, probed: ProbedMargin | null): number | null {
  return margin?.fresh && probed ? Math.abs(margin.fresh.marginUs / 1000 - probed.marginMs) : null
}

/** For people, in one line. */
export function formatComparedMargin(
  name: string,
  { margin, probed, allowedMs }: { margin: PodMargin | undefined; probed: ProbedMargin | null; allowedMs: number },
): string {
  const apartMs = compareMargins(margin, probed)
  const own = margin?.fresh
    ? `${formatMeasured(margin.fresh.marginUs, 1_000)} by the event log (give or take ${formatMeasured(margin.fresh.errorUs, 1_000)})`
    : 'none in the event log'
  const other = probed ? `${formatMeasured(probed.marginMs * 1000, 1_000)} by the probe` : 'none by the probe'
  const apart = apartMs === null ? 'not compared' : `${apartMs.toFixed(1)} ms apart, ${allowedMs} ms allowed`
  return `${apartMs !== null && apartMs <= allowedMs ? '✓' : '✗'} ${name}: margin ${own}, ${other}: ${apart}`
}
