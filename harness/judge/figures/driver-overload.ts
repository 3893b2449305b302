/** Whether the driver kept up with its own plan: where it did not, its figures describe itself and not the workload. */
import type { PhaseSpan, Quantiles } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { formatDuration, formatPercent } from '../../base/figures.ts'

export interface OverloadLimits {
  /** p99 of the send lag, as a share of the p99 of the latency, */
  lagShare: number
  /** where that is more than this. */
  lagFloorUs: number
  /** The longest send lag. */
  lagMaxUs: number
  /** The share of a core that the driver used on average while it was measuring. */
  cpuShare: number
  /** The share of the time for which the driver waited on average for a core that something else had; */
  waitShare: number
  /** where that shows in the send lag too, by such a share of its limit. */
  waitLagShare: number
  /** From such a share on, the time stolen on average from the driver's machine is reported. */
  stolenShare: number
}

/**
 * `lagShare`, `lagFloorUs`: latency counts from the due time, so lag is part of it: a tenth of it is no longer small. An event loop that
 * keeps up stays well below a few ms, and no latency of a server is reported more precisely than that.
 * `lagMaxUs`: the driver gives up what is later.
 * `cpuShare`: from there on a single-threaded sender is late for reasons of its own.
 * `waitShare`, `waitLagShare`: what has arrived waits as long to be read and stamped, and no send lag shows that. Beside four
 * processes that took all that they could get of its core a driver of 200 requests/s waited for 38 to 47 % of the time, beside two
 * for 22 % with a p99 of the lag of 4.8 ms; sharing two cores with the embedded cluster or kind it is 4 to 9 %.
 * `stolenShare`: as much as a 99th percentile leaves over.
 */
export const overloadLimits: OverloadLimits = {
  lagShare: 0.1,
  lagFloorUs: 2_000,
  lagMaxUs: 1_000_000,
  cpuShare: 0.7,
  waitShare: 0.1,
  waitLagShare: 0.25,
  stolenShare: 0.01,
}

/** What is needed of a load to say whether its driver kept up. */
export interface LagFigures {
  latency: Quantiles
  sendLag: Quantiles
}

/** The highest p99 of the send lag with which latencies are still the workload's. */
export function computeLagLimitUs({ latency }: Pick<LagFigures, 'latency'>): number {
  return Math.max(overloadLimits.lagFloorUs, Math.round(overloadLimits.lagShare * (latency.p99Us ?? 0)))
}

/** Why the driver counts as overloaded; `null` when it kept up. Stolen time is no reason by itself, but may explain one. */
export function explainOverload(load: LagFigures, evidence: Evidence, phases: readonly PhaseSpan[]): string | null {
  const reason = findOverloadReason(load, evidence, phases)
  const stolen = computeMeanHealth(evidence, phases, 'stolenShare')
  return reason === null || stolen < overloadLimits.stolenShare
    ? reason
    : `${reason}; ${formatPercent(stolen, 1)} of its machine's time went to other machines`
}

function findOverloadReason(load: LagFigures, evidence: Evidence, phases: readonly PhaseSpan[]): string | null {
  const { sendLag } = load
  const [p99Us, maxUs] = [sendLag.p99Us ?? 0, sendLag.maxUs ?? 0]
  const limitUs = computeLagLimitUs(load)
  if (p99Us > limitUs) {
    return `driver overloaded: 1 % of the requests were sent ${formatDuration(p99Us)} or more after they were due`
  }
  if (maxUs > overloadLimits.lagMaxUs)
    return `driver overloaded: a request was sent ${formatDuration(maxUs)} after it was due`
  const busy = computeMeanHealth(evidence, phases, 'cpuShare')
  if (busy > overloadLimits.cpuShare) return `driver overloaded: it used ${formatPercent(busy, 1)} of a core`
  const waited = computeMeanHealth(evidence, phases, 'waitShare')
  return waited > overloadLimits.waitShare && p99Us > overloadLimits.waitLagShare * limitUs
    ? `driver overloaded: it waited ${formatPercent(waited, 1)} of the time for a core that something else had`
    : null
}

/** Of the reports that came while the load was measured, each with the weight of the time since the one before. */
export function computeMeanHealth(
  { seen }: Evidence,
  phases: readonly PhaseSpan[],
  of: 'cpuShare' | 'waitShare' | 'stolenShare' | 'idleShare',
): number {
  const [fromUs, toUs] = [phases[0]?.fromUs ?? 0, phases.at(-1)?.toUs ?? 0]
  const drivers = Map.groupBy(seen.driver, ({ driver }) => driver).values()
  const shares = drivers.map((records) => {
    let [usedUs, spentUs, last] = [0, 0, fromUs]
    for (const { t, health } of records) {
      if (t <= fromUs || t > toUs) continue
      usedUs += (health[of] ?? 0) * (t - last)
      spentUs += t - last
      last = t
    }
    return spentUs === 0 ? 0 : usedUs / spentUs
  })
  return Math.max(0, ...shares)
}

/**
 * The share of the time of the drivers' machines in which no core had anything to run, on average while the load was measured: of the busiest
 * of them. `null` where no kernel reports it.
 */
export function computeIdleShare({ seen }: Pick<Evidence, 'seen'>, phases: readonly PhaseSpan[]): number | null {
  const [fromUs, toUs] = [phases[0]?.fromUs ?? 0, phases.at(-1)?.toUs ?? 0]
  const means = [...Map.groupBy(seen.driver, ({ driver }) => driver).values()].flatMap((records) => {
    const idle = records.flatMap(({ t, health }) => (t > fromUs && t <= toUs ? (health.idleShare ?? []) : []))
    return idle.length === 0 ? [] : [idle.reduce((sum, share) => sum + share, 0) / idle.length]
  })
  return means.length === 0 ? null : Math.min(...means)
}
