/**
 * What was seen in a run: the records of the event log, one JSON value a line. Those that are JSON objects are in plain-record.ts; the
 * others are too many for that and have a short form of their own.
 *
 * Every time is in µs on the run's monotonic clock, which starts at 0 when the log is opened; `t` is the instant at which
 * the record reached the harness. What a server says of its own clock is kept as a claim and never mixed with these.
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

/** What became of one request that was sent. A closed list: every sent request has exactly one. */
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

/** Those of requests that got a whole response, whatever it said. */
export const answeredOutcomes: ReadonlySet<string> = new Set<Outcome>([
  'ok',
  'http-4xx',
  'http-5xx',
  'unexpected-status',
  'header-mismatch',
  'body-mismatch',
  'wrong-target',
])

/** Why a planned request was never sent; after `driver-lost` nobody knows: its driver ended before it told of it. */
export type NotSentReason = (typeof notSentReasons)[number]
export const notSentReasons = ['overload', 'stopped', 'driver-lost'] as const

/** Every way in which a planned request can end. */
export type RequestOutcome = Outcome | NotSentReason
export const requestOutcomes: readonly RequestOutcome[] = [...outcomes, ...notSentReasons]

/** The values of each kind of field; an instant is a time on the run's clock. */
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
  /** Whether it is `null` where the request never came so far. */
  nullable: boolean
  /** A count is less than this; without it, what a double counts exactly. */
  below?: number
}

/**
 * What is recorded of a request. The record, the driver's buffer, the batches between driver and harness, the lines of the log and the
 * data of the report's page follow from this table; its order is that on the wire and in the log. New fields go to the end, and are
 * nullable: logs that are there already have none.
 */
export const requestFields = [
  /** The driver that was to send it. With `seq` it names the request for ever: both make one key of 53 bits, exact in a double. */
  { name: 'driver', kind: 'count', unit: null, nullable: false, below: 16_384 },
  /** Place in the plan, from 0; of several drivers each has its own places. */
  { name: 'seq', kind: 'count', unit: null, nullable: false, below: 549_755_813_888 },
  { name: 'lane', kind: 'lane', unit: null, nullable: false },
  { name: 'outcome', kind: 'outcome', unit: null, nullable: false },
  { name: 'dueUs', kind: 'instant', unit: 'µs', nullable: false },
  /** When its connection was asked for or taken from the pool. */
  { name: 'sentUs', kind: 'instant', unit: 'µs', nullable: true },
  /** When the connection was established; equals `sentUs` on a reused connection. */
  { name: 'connectedUs', kind: 'instant', unit: 'µs', nullable: true },
  { name: 'firstByteUs', kind: 'instant', unit: 'µs', nullable: true },
  /** When the outcome was known: the last byte of a response, or the failure. */
  { name: 'settledUs', kind: 'instant', unit: 'µs', nullable: false },
  { name: 'status', kind: 'count', unit: null, nullable: true },
  /** Number of the connection within its driver; `null` when no socket was opened. */
  { name: 'connection', kind: 'count', unit: null, nullable: true },
  /** 1 for the first request on its connection. */
  { name: 'use', kind: 'count', unit: null, nullable: false },
  /** How long the connection had been idle when this request took it; 0 on a new one. */
  { name: 'idleUs', kind: 'duration', unit: 'µs', nullable: false },
  /** Of the response, as far as it arrived, headers included. */
  { name: 'bytes', kind: 'count', unit: 'bytes', nullable: false },
  /** The pod that answered, as its response says. */
  { name: 'pod', kind: 'text', unit: null, nullable: true },
  /** The pod that answered before on the same connection. */
  { name: 'previousPod', kind: 'text', unit: null, nullable: true },
  { name: 'localPort', kind: 'count', unit: null, nullable: true, below: 65_536 },
  /** The system's error code, or what is wrong with the response. */
  { name: 'detail', kind: 'text', unit: null, nullable: true },
] as const
requestFields satisfies readonly FieldRule[]

export type RequestField = (typeof requestFields)[number]
/** The names of the fields of some kinds. */
export type RequestFieldName<K extends keyof FieldKinds> = Extract<RequestField, { kind: K }>['name']

/** One planned request and what became of it. Times are µs on the run's clock, `null` where the request never came so far. */
export type RequestRecord = {
  [F in RequestField as F['name']]: FieldKinds[F['kind']] | (F['nullable'] extends true ? null : never)
}

/** The fields of a request in a log of schema 1, in their order: none of them may be moved, renamed or removed. */
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

/** `proxy`: clients talk to it, and it asks others. `application`: it does the work. */
export type ServerRole = (typeof serverRoles)[number]
export const serverRoles = ['proxy', 'application'] as const

/** A request as a server's own log has it. The line is written when the request is over for that server, and not before. */
export interface AccessLogEntry {
  seq: number
  /** When the line was written. */
  atUs: number
  /** How long the server had the request. */
  tookUs: number
  status: number
  /** What its upstreams answered, where that is not `status` once: `502, 200` when a second one was asked, empty when none was. */
  upstream: string | null
  /** False where the server says itself that the response did not go out as a whole. */
  whole: boolean
}

export interface ServedRecord {
  type: 'served'
  t: number
  pod: string
  container: string
  role: ServerRole
  /** How far off the times of its lines may be. */
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
