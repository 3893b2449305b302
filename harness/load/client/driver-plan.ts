/** From what a run asks to what its driver is told. */
import { isIP } from 'node:net'
import { defaultReuse } from '../../model/load/client.ts'
import { resolveRequests } from '../../model/load/lane-requests.ts'
import type { LoadPlan } from '../../model/plan.ts'
import { resolveListedRequests } from './listed-requests.ts'
import { computeLaneRates } from '../../model/load/schedule.ts'
import { buildSamplePath, sampleIdentification } from '../../model/workload.ts'
import type { Identification } from '../../model/workload.ts'
import type { DriverPlan } from '../service/control-protocol.ts'

export interface DriverPlanOptions {
  load: LoadPlan
  /** Where clients find the workload; an address spares every connection a name lookup. */
  target: { host: string; port: number }
  /** Default: the target's own address. */
  authority?: DriverPlan['authority']
  /** The pod that nothing disrupts, where there is one; only then has `control` its requests. */
  control?: DriverPlan['control']
  runToken: string
  /** What the field holds by which the right workload identifies itself, if it does. */
  workload: string
  /** Default: those of the sample. */
  path?: string
  identification?: Identification
  seed: number
  /** Which one of how many, from 0; default: the only one. */
  driver?: number
  drivers?: number
  /** After this time the load ends whatever the harness does; default: an hour. A driver takes no more than `longestLoadMs`. */
  limitMs?: number
  /** Where references to variables lead; default: that of this process. */
  environment?: NodeJS.ProcessEnv
}

/**
 * A machine that stops for a moment makes requests late, which their latency and the send lag tell; only what is later than
 * this is not sent. The analysis has the same limit for the longest lag.
 */
const maxLagMs = 1000
const defaultLimitMs = 3_600_000

/**
 * Idle connections are bounded such that the one that waits longest
 * is used again within think time + 2 s: a drain of 5 s tries every connection there is.
 */
export function createDriverPlan(options: DriverPlanOptions): DriverPlan {
  const { load, target, authority = null, control = null, runToken, workload, seed, driver = 0, drivers = 1 } = options
  const { path = buildSamplePath(load), identification = sampleIdentification, environment } = options
  const { limitMs = defaultLimitMs } = options
  const { timeoutMs, bodyTimeoutMs = timeoutMs, connectTimeoutMs = timeoutMs } = load
  const { ratePerSecond, shares } = computeLaneRates(load, control !== null)
  const clients = load.closedLoop ? shareClients(load.closedLoop.connections, driver, drivers) : null
  // In a closed loop nobody thinks: the load is as many requests as fit.
  const thinkMs = clients === null ? load.thinkMs : 0
  const reusedRate = (ratePerSecond / drivers) * Math.max(shares.reused, shares['reused-post'])
  return {
    runToken,
    driver,
    drivers,
    seed,
    target,
    authority,
    tls: load.tls === undefined ? null : { ...findServerName(authority), ...load.tls },
    control,
    path,
    listed: resolveListedRequests(load, path, environment),
    requests: resolveRequests(load),
    workload,
    identification,
    ratePerSecond,
    clients,
    shares,
    thinkMs,
    connectTimeoutMs,
    timeoutMs,
    bodyTimeoutMs,
    maxLagMs,
    maxConnections: 10_000,
    maxIdle: clients ?? Math.min(10_000, Math.ceil(reusedRate * (thinkMs / 1000 + 2)) + 1),
    reuse: { ...defaultReuse, ...load.reuse },
    limitMs,
  }
}

/** An ingress controller tells hosts apart by their names in TLS too (RFC 6066 §3); `authority` is one, maybe with a port. */
function findServerName(authority: string | null): { serverName?: string } {
  const host = authority?.replace(/:\d+$/, '') ?? ''
  return host === '' || isIP(host) !== 0 ? {} : { serverName: host }
}

/** Of a number of clients those of one driver: as even as can be. */
function shareClients(clients: number, driver: number, drivers: number): number {
  return Math.floor(clients / drivers) + (driver < clients % drivers ? 1 : 0)
}
