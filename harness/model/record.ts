/**
 * The observations of a run: the records of the event log, one JSON value per line. JSON objects are in plain-record.ts; the most frequent
 * records have a shorter form.
 *
 * Every time is in µs on the run's monotonic clock, which starts at 0 when the log is opened; `t` is the instant at which the record
 * reached the harness. Times of a server's own clock are kept as claims and never mixed with these.
 */
import type { Lane } from './plan.ts'
import type { PlainRecord } from './plain-record.ts'
import type { RequestSummary } from './request-summary.ts'

export type {
  ContainerMoment,
  ContainerSnapshot,
  DriverHealth,
  EndpointSnapshot,
  MomentSource,
  NetworkCounts,
  PodSnapshot,
} from './plain-record.ts'

/** How one sent request ended. A closed list: every sent request has exactly one outcome. */
export type Outcome = (typeof outcomes)[number]
export const outcomes = [
  'ok',
  'http-4xx',
  'http-5xx',
  'unexpected-status',
  'header-mismatch',
  'body-mismatch',
  'refused',
  'unreachable',
  'connect-timeout',
  'dns',
  'tls',
  'closed-before-response',
  'reset-before-response',
  'truncated',
  'reset-in-body',
  'timeout-headers',
  'timeout-body',
  'protocol-error',
  'wrong-target',
  'in-flight',
] as const

/** Outcomes of requests with a complete response, whatever its content. */
export const answeredOutcomes: ReadonlySet<string> = new Set<Outcome>([
  'ok',
  'http-4xx',
  'http-5xx',
  'unexpected-status',
  'header-mismatch',
  'body-mismatch',
  'wrong-target',
])

/** Why a planned request was never sent; with `driver-lost` that is unknown: its driver ended before it reported the request. */
export type NotSentReason = (typeof notSentReasons)[number]
export const notSentReasons = ['overload', 'stopped', 'driver-lost'] as const

/** Every way in which a planned request can end. */
export type RequestOutcome = Outcome | NotSentReason
export const requestOutcomes: readonly RequestOutcome[] = [...outcomes, ...notSentReasons]

/** The type of each kind of field; an instant is a time on the run's clock. */
interface FieldKinds {
  count: number
  instant: number
  duration: number
  text: string
  lane: Lane
  outcome: RequestOutcome
}

interface FieldRule {
  name: string
  kind: keyof FieldKinds
  unit: 'µs' | 'bytes' | null
  /** Whether it is `null` if the request did not get that far. */
  nullable: boolean
  /** Exclusive upper limit of a count; absent: the largest integer that a double represents exactly. */
  below?: number
}

/**
 * The recorded fields of a request. The record, the driver's buffer, the batches between driver and harness, the lines of the log and the
 * data of the report's page are derived from this table; its order is that on the wire and in the log. Append new fields, and make them
 * nullable: existing logs lack them.
 */
export const requestFields = [
  /** The driver that was to send it. With `seq` it identifies the request: both fit into a key of 53 bits, exact in a double. */
  { name: 'driver', kind: 'count', unit: null, nullable: false, below: 16_384 },
  /** The place in the plan, from 0; each driver has its own places. */
  { name: 'seq', kind: 'count', unit: null, nullable: false, below: 549_755_813_888 },
  { name: 'lane', kind: 'lane', unit: null, nullable: false },
  { name: 'outcome', kind: 'outcome', unit: null, nullable: false },
  { name: 'dueUs', kind: 'instant', unit: 'µs', nullable: false },
  /** When its connection was opened or taken from the pool. */
  { name: 'sentUs', kind: 'instant', unit: 'µs', nullable: true },
  /** When the connection was established; equal to `sentUs` on a reused connection. */
  { name: 'connectedUs', kind: 'instant', unit: 'µs', nullable: true },
  { name: 'firstByteUs', kind: 'instant', unit: 'µs', nullable: true },
  /** When the outcome was known: the last byte of a response, or the failure. */
  { name: 'settledUs', kind: 'instant', unit: 'µs', nullable: false },
  { name: 'status', kind: 'count', unit: null, nullable: true },
  /** Number of the connection within its driver; `null` if no socket was opened. */
  { name: 'connection', kind: 'count', unit: null, nullable: true },
  /** 1 for the first request on its connection. */
  { name: 'use', kind: 'count', unit: null, nullable: false },
  /** How long the connection had been idle when this request took it; 0 on a new one. */
  { name: 'idleUs', kind: 'duration', unit: 'µs', nullable: false },
  /** Bytes received of the response, headers included. */
  { name: 'bytes', kind: 'count', unit: 'bytes', nullable: false },
  /** The pod that answered, by its response. */
  { name: 'pod', kind: 'text', unit: null, nullable: true },
  /** The pod that answered earlier on the same connection. */
  { name: 'previousPod', kind: 'text', unit: null, nullable: true },
  { name: 'localPort', kind: 'count', unit: null, nullable: true, below: 65_536 },
  /** The system's error code, or what is wrong with the response. */
  { name: 'detail', kind: 'text', unit: null, nullable: true },
] as const
requestFields satisfies readonly FieldRule[]

export type RequestField = (typeof requestFields)[number]
/** The names of the fields of some kinds. */
export type RequestFieldName<K extends keyof FieldKinds> = Extract<RequestField, { kind: K }>['name']

/** One planned request and its outcome. Times are µs on the run's clock, `null` if the request did not get that far. */
export type RequestRecord = {
  [F in RequestField as F['name']]: FieldKinds[F['kind']] | (F['nullable'] extends true ? null : never)
}

/** The fields of a request in a log of schema 1, in order: none may be moved, renamed or removed. */
type Schema1 = readonly [
  'driver',
  'seq',
  'lane',
  'outcome',
  'dueUs',
  'sentUs',
  'connectedUs',
  'firstByteUs',
  'settledUs',
  'status',
  'connection',
  'use',
  'idleUs',
  'bytes',
  'pod',
  'previousPod',
  'localPort',
  'detail',
]
export const schema1FieldCount: Schema1['length'] = 18

type Names<F extends readonly FieldRule[]> = { [I in keyof F]: F[I]['name'] }
type After<S extends readonly unknown[], F extends readonly unknown[]> = S extends readonly [unknown, ...infer Others]
  ? F extends readonly [unknown, ...infer Rest]
    ? After<Others, Rest>
    : never
  : F
true satisfies Names<typeof requestFields> extends readonly [...Schema1, ...string[]] ? true : false
true satisfies After<Schema1, typeof requestFields> extends readonly { nullable: true }[] ? true : false

/** `proxy`: clients connect to it, and it forwards requests. `application`: it does the work. */
export type ServerRole = (typeof serverRoles)[number]
export const serverRoles = ['proxy', 'application'] as const

/** A request in a server's own log. The line is written when the server has finished the request. */
export interface AccessLogEntry {
  seq: number
  /** When the line was written. */
  atUs: number
  /** How long the server had the request, in µs. */
  tookUs: number
  status: number
  /** The statuses of its upstreams, unless it is `status` once: `502, 200` if a second one was tried, empty if none was. */
  upstream: string | null
  /** False if the server itself says that the response was not sent completely. */
  whole: boolean
}

export interface ServedRecord {
  type: 'served'
  t: number
  pod: string
  container: string
  role: ServerRole
  /** The maximum error of the times of its lines. */
  errorUs: number
  driver: number
  lines: AccessLogEntry[]
}

export type LogRecord =
  | PlainRecord
  | { type: 'request'; request: RequestRecord }
  | { type: 'summary'; summary: RequestSummary }
  /** Requests of the run in the order of a container's log, all of one driver. */
  | ServedRecord
