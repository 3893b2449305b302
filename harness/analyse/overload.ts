/** Whether the driver kept up with its own plan: where it did not, its figures tell of itself and not of the workload. */
import type { DriverHealth } from '../model/record.ts'
import type { Ledger, PhaseSpan, Quantiles } from '../model/result.ts'
import type { Evidence } from './evidence.ts'
import { count, duration, percent } from './wording.ts'

export interface Limits {
  /** Planned requests that were not sent, because there was no connection or it was too late for them. */
  notSent: number
  /** p99 of the send lag. */
  lagP99Us: number
  /** The longest send lag. */
  lagMaxUs: number
  /** The share of a core that the driver used on average while it was measuring. */
  cpuShare: number
  /** The share of the time for which the driver waited on average for a core that something else had; */
  waitShare: number
  /** where that shows in the send lag too, by such a p99. */
  waitLagP99Us: number
  /** What was stolen on average of the time of the driver's machine is told from such a share on. */
  stolenShare: number
}

/**
 * `notSent`: one such request is one whose fate nobody knows.
 * `lagP99Us`: latency counts from the due time, so lag is part of it, and what was sent late may have missed what it was to
 * meet; an event loop that keeps up stays well below 5 ms.
 * `lagMaxUs`: while nothing is sent nothing can be lost; an outage as long as this could hide in it.
 * `cpuShare`: from there on a single-threaded sender is late for reasons of its own.
 * `waitShare`, `waitLagP99Us`: what has arrived waits as long to be read and stamped, and no send lag tells of that. Beside four
 * processes that took all that they could get of its core a driver of 200 requests/s waited for 38 to 47 % of the time, beside two
 * for 22 % with a p99 of the lag of 4.8 ms; sharing two cores with the embedded cluster or kind it is 4 to 9 %.
 * `stolenShare`: as much as a 99th percentile leaves over.
 */
export const limits: Limits = {
  notSent: 0,
  lagP99Us: 5_000,
  lagMaxUs: 1_000_000,
  cpuShare: 0.7,
  waitShare: 0.1,
  waitLagP99Us: 2_500,
  stolenShare: 0.01,
}

export interface Load {
  ledger: Ledger
  sendLag: Quantiles
}

/** Why the driver counts as overloaded; `null` when it kept up. Stolen time is no reason by itself, but may explain one. */
export function overloadOf(load: Load, evidence: Evidence, phases: readonly PhaseSpan[]): string | null {
  const reason = reasonOf(load, evidence, phases)
  const stolen = meanShare(evidence, phases, ({ stolenShare }) => stolenShare ?? 0)
  return reason === null || stolen < limits.stolenShare
    ? reason
    : `${reason}; ${percent(stolen, 1)} of its machine's time went to other machines`
}

function reasonOf(load: Load, evidence: Evidence, phases: readonly PhaseSpan[]): string | null {
  const { ledger, sendLag } = load
  const { overload } = ledger.notSent
  if (overload > limits.notSent) {
    return `driver overloaded: ${count(overload)} of ${count(ledger.planned)} planned requests were not sent`
  }
  const [p99Us, maxUs] = [sendLag.p99Us ?? 0, sendLag.maxUs ?? 0]
  if (p99Us > limits.lagP99Us) {
    return `driver overloaded: 1 % of the requests were sent ${duration(p99Us)} or more after they were due`
  }
  if (maxUs > limits.lagMaxUs) return `driver overloaded: a request was sent ${duration(maxUs)} after it was due`
  const busy = meanShare(evidence, phases, ({ cpuShare }) => cpuShare)
  if (busy > limits.cpuShare) return `driver overloaded: it used ${percent(busy, 1)} of a core`
  const waited = meanShare(evidence, phases, ({ waitShare }) => waitShare ?? 0)
  return waited > limits.waitShare && p99Us > limits.waitLagP99Us
    ? `driver overloaded: it waited ${percent(waited, 1)} of the time for a core that something else had`
    : null
}

/** Of the reports that came while the load was measured, each with the weight of the time since the one before. */
function meanShare(
  { seen }: Evidence,
  phases: readonly PhaseSpan[],
  shareOf: (health: DriverHealth) => number,
): number {
  const [fromUs, toUs] = [phases[0]?.fromUs ?? 0, phases.at(-1)?.toUs ?? 0]
  const drivers = Map.groupBy(seen.driver, ({ driver }) => driver).values()
  const shares = drivers.map((records) => {
    let [usedUs, spentUs, last] = [0, 0, fromUs]
    for (const { t, health } of records) {
      if (t <= fromUs || t > toUs) continue
      usedUs += shareOf(health) * (t - last)
      spentUs += t - last
      last = t
    }
    return spentUs === 0 ? 0 : usedUs / spentUs
  })
  return Math.max(0, ...shares)
}
