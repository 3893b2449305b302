/** A server that stalls, and what its clients must then have measured: pure. */
import { findNearestRank } from '../../judge/figures/quantiles.ts'

export interface Freeze {
  ratePerSecond: number
  requests: number
  frozenUs: number
  /** Time that the server needs for each waiting request once it continues. */
  serviceUs: number
}

export interface FreezeFigures {
  p99Us: number
  /** Number of requests that took longer than a second from the instant they were due. */
  overOneSecond: number
}

/**
 * Requests are due at even intervals. The one that is due x µs after the server froze waits for the rest of the freeze and for those before
 * it, which are served one after another: each waits an interval less, and a service time more, than the one before. So the k-th longest
 * wait is the freeze minus k − ½ such steps, within half a step, where for p99 k is one more than the number of requests above the nearest
 * rank of 99 %. At 200/s, frozen for 5 s, 800 of 2,400 requests wait for more than 1 s, and p99, the 25th longest, is 4.88 s, if serving
 * takes no time; with 0.1 ms for each it is 816 requests.
 */
export function predictFigures({ ratePerSecond, requests, frozenUs, serviceUs }: Freeze): FreezeFigures {
  const stepUs = 1e6 / ratePerSecond - serviceUs
  const place = requests - Math.ceil(0.99 * requests) + 1
  return {
    p99Us: frozenUs - (place - 0.5) * stepUs,
    overOneSecond: (frozenUs - 1e6) / stepUs,
  }
}

/** For latencies from the due time, which it sorts. */
export function measureFigures(latenciesUs: Float64Array): FreezeFigures {
  latenciesUs.sort()
  return { p99Us: findNearestRank(latenciesUs, 0.99) ?? 0, overOneSecond: latenciesUs.filter((us) => us > 1e6).length }
}

/** The larger relative difference of the two figures from the expected ones. */
export function computeDistance(measured: FreezeFigures, expected: FreezeFigures): number {
  const computeShare = (name: keyof FreezeFigures): number => Math.abs(measured[name] - expected[name]) / expected[name]
  return Math.max(computeShare('p99Us'), computeShare('overOneSecond'))
}
