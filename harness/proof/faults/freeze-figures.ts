/** A server that stands still, and what its clients must then have measured: pure. */
import { findNearestRank } from '../../judge/figures/quantiles.ts'

export interface Freeze {
  ratePerSecond: number
  requests: number
  frozenUs: number
  /** What the server takes for each of those that have waited, once it goes on. */
  serviceUs: number
}

export interface FreezeFigures {
  p99Us: number
  /** Requests that took longer than a second from the instant they were due. */
  overOneSecond: number
}

/**
 * Requests are due at even intervals, and the one that is due x µs after the server froze waits for the rest of the freeze and
 * for those before it, which are served one after another: each waits an interval less, and a service time more, than the
 * one before. So the k-th longest wait is the freeze less k − ½ such steps, give or take half of one, and the k of p99 is
 * the number of requests that the nearest rank of 99 % leaves above it, and itself. At 200/s, frozen for 5 s, of 2,400
 * requests 800 wait for more than 1 s, and p99, the 25th longest, is 4.88 s, if serving takes no time; 0.1 ms for each makes
 * that 816.
 */
export function predictFigures({ ratePerSecond, requests, frozenUs, serviceUs }: Freeze): FreezeFigures {
  const stepUs = 1e6 / ratePerSecond - serviceUs
  const place = requests - Math.ceil(0.99 * requests) + 1
  return {
    p99Us: frozenUs - (place - 0.5) * stepUs,
    overOneSecond: (frozenUs - 1e6) / stepUs,
  }
}

/** Of latencies from the due time, which it sorts. */
export function measureFigures(latenciesUs: Float64Array): FreezeFigures {
  latenciesUs.sort()
  return { p99Us: findNearestRank(latenciesUs, 0.99) ?? 0, overOneSecond: latenciesUs.filter((us) => us > 1e6).length }
}

/** The larger of the two figures' distances from what must have been, as a share of it. */
export function computeDistance(measured: FreezeFigures, expected: FreezeFigures): number {
  const computeShare = (name: keyof FreezeFigures): number => Math.abs(measured[name] - expected[name]) / expected[name]
  return Math.max(computeShare('p99Us'), computeShare('overOneSecond'))
}
