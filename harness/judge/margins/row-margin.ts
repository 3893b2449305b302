/** The margin of a row: the smallest of all pods in its judged rounds, with a short text. */
import { formatMeasured } from '../../base/figures.ts'
import type { FreshMargin, PodMargin, RowMargin } from '../../model/figures/margin.ts'

interface JudgedRound {
  round: number
  margins: readonly PodMargin[]
}

/** A pod that answered for an upstream that was gone. */
export type PodOfUpstream = PodMargin & { upstream: NonNullable<PodMargin['upstream']> }

export function findRowMargin(rounds: readonly JudgedRound[]): RowMargin | null {
  const known = rounds
    .flatMap(({ round, margins }) => margins.map((margin) => ({ round, margin })))
    .filter((one): one is { round: number; margin: RowMargin['tightest'] } => one.margin.fresh !== null)
    .sort((a, b) => a.margin.fresh.marginUs - b.margin.fresh.marginUs)
  const [tightest] = known
  if (!tightest) return null
  return {
    tightest: tightest.margin,
    round: tightest.round,
    fromUs: tightest.margin.fresh.marginUs,
    toUs: known.at(-1)!.margin.fresh.marginUs,
    pods: known.length,
  }
}

/** The pod that answered longest for an upstream that was gone; `null` without one. */
export function findLongestUpstream(rounds: readonly JudgedRound[]): PodOfUpstream | null {
  const [longest = null] = rounds
    .flatMap(({ margins }) => margins)
    .filter((one): one is PodOfUpstream => one.upstream !== null)
    .sort((a, b) => getSpanUs(b) - getSpanUs(a))
  return longest
}

/** `3.9 s to spare`, `nobody listened for 0.95 s`, `answered 502 for 4.8 s`; `null` if unknown. */
export function formatRowMargin(rounds: readonly JudgedRound[]): string | null {
  const [margin, failing] = [findRowMargin(rounds), findLongestUpstream(rounds)]
  if (failing !== null) return `answered ${failing.upstream.status} ${formatUpstreamSpan(failing)}`
  return margin === null ? null : formatFreshMargin(margin.tightest.fresh)
}

function formatFreshMargin(fresh: FreshMargin): string | null {
  const { marginUs, errorUs, atLeast, answeringAtLeast } = fresh
  // Its stop was not seen, so it may have listened all the while.
  if (answeringAtLeast && marginUs <= errorUs) return null
  if (Math.abs(marginUs) <= errorUs) return `nothing to spare, within ${formatError(errorUs)}`
  const says = formatMeasured(Math.abs(marginUs), errorUs)
  if (marginUs < 0) return `nobody listened for ${atLeast ? 'at least ' : ''}${says}`
  // Both ends may have been later, so the sign of the error is unknown.
  if (atLeast && answeringAtLeast) return `about ${says} to spare`
  return `${atLeast ? 'at most ' : answeringAtLeast ? 'at least ' : ''}${says} to spare`
}

/** The error itself, in one or two digits. */
export function formatError(errorUs: number): string {
  return formatMeasured(errorUs, errorUs / 10)
}

/** `for 4.8 s`, or `once`. An answer is only seen when a request gets it, so the time is exact to the interval between two requests. */
export function formatUpstreamSpan({ upstream }: Pick<PodOfUpstream, 'upstream'>): string {
  const spanUs = upstream.toUs - upstream.fromUs
  if (spanUs === 0) return upstream.answers === 1 ? 'once' : `${upstream.answers} times`
  return `for ${formatMeasured(spanUs, spanUs / (upstream.answers - 1))}`
}

function getSpanUs({ upstream }: PodOfUpstream): number {
  return upstream.toUs - upstream.fromUs
}
