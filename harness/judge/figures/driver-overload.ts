/** Whether the driver kept up with its own plan: if not, its figures describe the driver and not the workload. */
import type { PhaseSpan, Quantiles } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { formatDuration, formatPercent } from '../../base/figures.ts'

export interface OverloadLimits {
  /** p99 of the send lag, as a share of the p99 of the latency; */
  lagShare: number
  /** applies where the lag is more than this. */
  lagFloorUs: number
  /** The longest send lag. */
  lagMaxUs: number
  /** The share of a core that the driver used on average while it was measuring. */
  cpuShare: number
  /** The share of the time for which the driver waited on average for a core that was in use; */
  waitShare: number
  /** applies where the send lag shows it too, by at least this share of its limit. */
  waitLagShare: number
  /** From this share on, the average time stolen from the driver's machine is reported. */
  stolenShare: number
}

/**
 * `lagShare`, `lagFloorUs`: latency counts from the due time and so includes the lag; a tenth of it is not negligible. An event loop that
 * keeps up stays well below a few ms, and no latency of a server is reported more precisely than that. `lagMaxUs`: the driver skips later
 * requests. `cpuShare`: above this a single-threaded sender is late for its own reasons. `waitShare`, `waitLagShare`: received data waits
 * as long to be read and stamped, which no send lag shows. With four busy processes on its core a driver of 200 requests/s waited for 38 to
 * 47 % of the time, with two for 22 % at a p99 of the lag of 4.8 ms; on two cores shared with the embedded cluster or kind for 4 to 9 %.
 * `stolenShare`: the share that a 99th percentile leaves over.
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

/** The figures of a load that show whether its driver kept up. */
export interface LagFigures {
  latency: Quantiles
  sendLag: Quantiles
}

/** The highest p99 of the send lag at which latencies still describe the workload. */
export function computeLagLimitUs({ latency }: Pick<LagFigures, 'latency'>): number {
  return Math.max(overloadLimits.lagFloorUs, Math.round(overloadLimits.lagShare * (latency.p99Us ?? 0)))
}

/** Why the driver counts as overloaded; `null` when it kept up. Stolen time alone is no reason, but may explain one. */
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

/** The mean of the reports during the measured load, each weighted by the time since the one before. */
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
 * The average share of time in which no core of a driver's machine had anything to run, during the measured load, for the busiest machine.
 * `null` where no kernel reports it.
 */
export function computeIdleShare({ seen }: Pick<Evidence, 'seen'>, phases: readonly PhaseSpan[]): number | null {
  const [fromUs, toUs] = [phases[0]?.fromUs ?? 0, phases.at(-1)?.toUs ?? 0]
  const means = [...Map.groupBy(seen.driver, ({ driver }) => driver).values()].flatMap((records) => {
    const idle = records.flatMap(({ t, health }) => (t > fromUs && t <= toUs ? (health.idleShare ?? []) : []))
    return idle.length === 0 ? [] : [idle.reduce((sum, share) => sum + share, 0) / idle.length]
  })
  return means.length === 0 ? null : Math.min(...means)
}
