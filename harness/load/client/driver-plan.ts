/** Builds the plan that a driver gets from the settings of a run. */
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
  /** Where clients reach the workload; an IP address saves every connection a name lookup. */
  target: { host: string; port: number }
  /** Default: the target's own address. */
  authority?: DriverPlan['authority']
  /** The pod that nothing disrupts, if there is one; only then does the lane `control` send requests. */
  control?: DriverPlan['control']
  runToken: string
  /** The value by which the right workload identifies itself in its answers, if it does. */
  workload: string
  /** Default: those of the sample. */
  path?: string
  identification?: Identification
  seed: number
  /** Index of this driver, from 0, and the number of drivers; default: the only one. */
  driver?: number
  drivers?: number
  /** The load ends after this time even if the harness does nothing; default: an hour, at most `longestLoadMs`. */
  limitMs?: number
  /** The environment in which variables are looked up; default: that of this process. */
  environment?: NodeJS.ProcessEnv
}

/**
 * A request that is later than this is not sent. Below it, a machine that stops for a moment sends late, which shows in latency and send
 * lag. The analysis uses the same limit for the longest lag.
 */
const maxLagMs = 1000
const defaultLimitMs = 3_600_000

/**
 * Idle connections are limited so that the one waiting longest is used again within think time + 2 s: a drain of 5 s then uses each one.
 */
export function createDriverPlan(options: DriverPlanOptions): DriverPlan {
  const { load, target, authority = null, control = null, runToken, workload, seed, driver = 0, drivers = 1 } = options
  const { path = buildSamplePath(load), identification = sampleIdentification, environment } = options
  const { limitMs = defaultLimitMs } = options
  const { timeoutMs, bodyTimeoutMs = timeoutMs, connectTimeoutMs = timeoutMs } = load
  const { ratePerSecond, shares } = computeLaneRates(load, control !== null)
  const clients = load.closedLoop ? shareClients(load.closedLoop.connections, driver, drivers) : null
  // A closed loop has no think time: it sends as many requests as fit.
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

/** The server name for TLS: an ingress controller tells hosts apart by it (RFC 6066 §3). `authority` may have a port. */
function findServerName(authority: string | null): { serverName?: string } {
  const host = authority?.replace(/:\d+$/, '') ?? ''
  return host === '' || isIP(host) !== 0 ? {} : { serverName: host }
}

/** The number of clients of this driver, when all clients are divided as evenly as possible. */
function shareClients(clients: number, driver: number, drivers: number): number {
  return Math.floor(clients / drivers) + (driver < clients % drivers ? 1 : 0)
}
