/**
 * The protocol between harness and driver. The driver listens on `NODROP_DRIVER_HOST` and `NODROP_DRIVER_PORT`; the harness reaches it
 * through the API server's pod proxy, which may cut any answer short, so every call may be repeated.
 *
 * Every call carries the run's token, whose digest is in the driver's `NODROP_DRIVER_TOKEN_SHA256` (see credential.ts). Without it: 401
 * `{error}`, before anything is read or done.
 *
 * - `POST /plan`, a DriverPlan: checked, and answered once the driver has warmed up against itself, so that its start-up affects no
 *   measurement. 200 `{}`; 400 `{error}`; 409 while the load of another plan runs; a finished one is dropped, with its records.
 * - `GET /reach`: 200 `{problem}`, `null` when the workload answers as it should at the plan's target, else why not. Its requests are not
 *   part of the load. Before it answers `null` the driver waits, some seconds at most, until its timers are on time.
 * - `POST /start?atUs=<t>`: 200 `{startUs}`, the driver's clock at the schedule's origin: t, or now when t is past, or soon without a t.
 *   The same answer when the load has already begun.
 * - `GET /records?after=<n>&max=<m>&waitMs=<w>`: the records numbered n+1 … n+m, see batch.ts. Requesting what comes after n acknowledges
 *   all records up to n, which the driver may then drop; those not acknowledged are sent again. Answers as soon as m records are there or
 *   the load is over, else after w ms with what there is. 400 for an n that was never sent, 410 for one acknowledged before.
 * - `POST /stop?afterUs=<t>`: no request becomes due later than t after the schedule's origin (without a t: later than now), so that
 *   several drivers end at the same point of their plan; requests in flight finish. 200 `{}`, also when repeated.
 * - `GET /clock`: 200 `{us}`, CLOCK_MONOTONIC in µs.
 *
 * The driver keeps at most `recordCapacity` records and requests in flight. While it is full nothing becomes due; requests that should have
 * been sent meanwhile are recorded as `overload` (or `stopped`) once there is room, so memory is bounded and the ledger balances.
 */
import { maxBodyBytes, isHeaders, methods } from '../../model/load/client.ts'
import type { Method, LaneRequest, ReusePlan, TlsPlan } from '../../model/load/client.ts'
import { lanes, workloadLanes } from '../../model/plan.ts'
import type { WorkloadLane } from '../../model/plan.ts'
import type { Shares } from '../../model/load/schedule.ts'
import { explainUnusable } from './driver-requests.ts'
import type { DriverRequest } from './driver-requests.ts'
import { identifyingFields } from '../../model/workload.ts'
import type { Identification } from '../../model/workload.ts'

export const defaultControlPort = 8089
/** Maximum duration of one plan: a week. */
export const longestLoadMs: number = 7 * 86_400_000
/** Maximum number of unacknowledged records and requests in flight together. */
export const recordCapacity: number = 1 << 17

/** Maximum size of a plan as JSON, including the bodies of its requests, in bytes. */
export const maxPlanBytes: number = 8 << 20

/** Everything a driver needs to know. */
export interface DriverPlan {
  /** Makes the ids of this load unique: `x-request-id: <runToken>-<driver>-<seq>`. */
  runToken: string
  /** Index of this driver, from 0, and the number of drivers that share the plan: it takes requests driver, driver + drivers … */
  driver: number
  drivers: number
  seed: number
  target: { host: string; port: number }
  /** The `Host` of its requests, where it differs from the target's address. */
  authority: string | null
  /** How to reach the target over TLS; `null`: plain HTTP, which the lane `control` always uses. */
  tls: TlsPlan | null
  /** The target of the lane `control`, and how the sample application there identifies its workload. */
  control: { target: { host: string; port: number }; workload: string } | null
  path: string
  /** The requests that the workload's lanes share, chosen by seed and number; `null`: each lane has its own, below. */
  listed: DriverRequest[] | null
  /** What each of the workload's lanes sends. */
  requests: Record<WorkloadLane, Required<LaneRequest>>
  /** The value by which the right workload identifies itself in its answers, if it does. */
  workload: string
  /** How answers in the workload's lanes identify themselves. */
  identification: Identification
  /** Requests per second, all drivers together. */
  ratePerSecond: number
  /** For a closed loop, in place of the rate: the number of clients of this driver, each of which keeps one request in flight. */
  clients: number | null
  /** Shares of the rate; they sum to 1, and without `control` its share is 0. */
  shares: Shares
  /** How long a kept connection stays idle before it may be reused. */
  thinkMs: number
  connectTimeoutMs: number
  /** Limit from writing the request to the end of the response's headers. */
  timeoutMs: number
  /** Limit from the end of the headers to the end of the body. */
  bodyTimeoutMs: number
  /** A request that would be sent later than this after it was due is not sent: `overload`. */
  maxLagMs: number
  /** Maximum number of open sockets over all lanes; a request that would need one more is not sent: `overload`. */
  maxConnections: number
  /** Maximum number of idle connections for each lane; any further one is closed when its request ends. */
  maxIdle: number
  reuse: ReusePlan
  /** The load stops by itself after this time. */
  limitMs: number
}

/** A request's id is this prefix followed by its number. */
export function formatIdPrefix({ runToken, driver }: Pick<DriverPlan, 'runToken' | 'driver'>): string {
  return `${runToken}-${driver}-`
}

type Check = [ok: (value: unknown) => boolean, rule: string]

const numberBetween = (min: number, max: number): Check => [
  (value) => typeof value === 'number' && value >= min && value <= max,
  `must be a number from ${min} to ${max}`,
]
const integerBetween = (min: number, max: number): Check => [
  (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
  `must be a whole number from ${min} to ${max}`,
]
const textMatching = (pattern: RegExp): Check => [
  (value) => typeof value === 'string' && pattern.test(value),
  `must be a text that matches ${pattern.source}`,
]

const orNull = ([ok, rule]: Check): Check => [(value) => value === null || ok(value), `${rule}, or null`]

function listRequestChecks(lane: WorkloadLane): [string, Check][] {
  return [
    [`requests.${lane}.method`, [(value) => methods.includes(value as Method), `must be one of ${methods.join(', ')}`]],
    [`requests.${lane}.bodyBytes`, integerBetween(0, maxBodyBytes)],
    [`requests.${lane}.headers`, [isHeaders, 'must be headers that a client may choose']],
  ]
}

const host = textMatching(/^[A-Za-z0-9.:_-]{1,253}$/)
const port = integerBetween(1, 65_535)
const workload = textMatching(/^[!-~]{1,200}$/)
const fieldName = textMatching(/^[a-z0-9!#$%&'*+.^_`|~-]{1,200}$/)
const [isHost, isPort, isWorkload] = [host[0], port[0], workload[0]]

/** Refuses anything that could split a header or a request line. */
const checks: Record<string, Check> = {
  runToken: textMatching(/^[A-Za-z0-9._-]{1,64}$/),
  driver: integerBetween(0, 9999),
  drivers: integerBetween(1, 10_000),
  seed: integerBetween(0, 2 ** 53 - 1),
  'target.host': host,
  'target.port': port,
  authority: orNull(textMatching(/^[A-Za-z0-9.:_[\]-]{1,260}$/)),
  tls: [isTls, 'must be null, or a CA, the roots of the system or unverified, and maybe a server name'],
  control: [isControl, 'must be null or a target and a workload'],
  path: textMatching(/^\/[!-~]{0,2000}$/),
  workload,
  ...Object.fromEntries(identifyingFields.map((key) => [`identification.${key}`, orNull(fieldName)])),
  ratePerSecond: numberBetween(0.001, 1_000_000),
  clients: orNull(integerBetween(1, 10_000)),
  'shares.fresh': numberBetween(0, 1),
  'shares.reused': numberBetween(0, 1),
  'shares.reused-post': numberBetween(0, 1),
  'shares.control': [(value) => value === undefined || numberBetween(0, 1)[0](value), 'must be absent or from 0 to 1'],
  thinkMs: numberBetween(0, 600_000),
  connectTimeoutMs: numberBetween(1, 600_000),
  timeoutMs: numberBetween(1, 600_000),
  bodyTimeoutMs: numberBetween(1, 600_000),
  maxLagMs: numberBetween(1, 60_000),
  maxConnections: integerBetween(1, 60_000),
  maxIdle: integerBetween(0, 60_000),
  'reuse.idleMs': orNull(numberBetween(1, 3_600_000)),
  'reuse.uses': orNull(integerBetween(1, 1_000_000)),
  'reuse.obeysKeepAliveTimeout': [(value) => typeof value === 'boolean', 'must be true or false'],
  ...Object.fromEntries(workloadLanes.flatMap(listRequestChecks)),
  limitMs: numberBetween(1, longestLoadMs),
}

function isTls(value: unknown): boolean {
  if (value === null) return true
  const { ca, roots, unverified, serverName } = (value ?? {}) as Record<string, unknown>
  const isOne = [ca, roots, unverified].filter((one) => one !== undefined).length === 1
  const isKnown = typeof ca === 'string' || roots === 'system' || unverified === true
  return isOne && isKnown && (serverName === undefined || isHost(serverName))
}

function isControl(value: unknown): boolean {
  if (value === null) return true
  const { target, workload: who } = (value ?? {}) as Partial<NonNullable<DriverPlan['control']>>
  return isHost(target?.host) && isPort(target?.port) && isWorkload(who)
}

/** JSON.parse quotes part of an invalid text in its error; the text may be a credential. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('Cannot use the plan: it is not JSON')
  }
}

/** Parses a plan from JSON. Throws an Error that names the first invalid value. */
export function parseDriverPlan(json: string): DriverPlan {
  const plan = parseJson(json)
  for (const [name, [ok, rule]] of Object.entries(checks)) {
    const value = name.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], plan)
    if (ok(value)) continue
    // Values of headers may be credentials.
    const current = name.endsWith('.headers') ? '' : `, current value is ${JSON.stringify(value)}`
    throw new Error(`Cannot use ${name}: it ${rule}${current}`)
  }
  const { shares, control, driver, drivers, listed } = plan as DriverPlan
  const unusable = listed === null ? null : explainUnusable(listed)
  if (unusable !== null) throw new Error(`Cannot use listed: it ${unusable}`)
  if (driver >= drivers) throw new Error(`Cannot use driver: it must be below ${drivers}, current value is ${driver}`)
  const sum = lanes.reduce((all, lane) => all + (shares[lane] ?? 0), 0)
  if (Math.abs(sum - 1) > 1e-6) throw new Error(`Cannot use shares: they must sum to 1, current sum is ${sum}`)
  if ((shares.control ?? 0) > 0 && control === null)
    throw new Error('Cannot use shares: there is no target for control')
  return plan as DriverPlan
}
