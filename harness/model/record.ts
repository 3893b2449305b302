/**
 * What was seen in a run: the records of the event log, one JSON value a line.
 *
 * Every time is in µs on the run's monotonic clock, which starts at 0 when the log is opened; `t` is the instant at which
 * the record reached the harness. What a server says of its own clock is kept as a claim and never mixed with these.
 */
import type { Lane } from './plan.ts'
import type { Step } from './step.ts'
import type { RequestSummary } from './request-summary.ts'

/** What became of one request that was sent. A closed list: every sent request has exactly one. */
export type Outcome = (typeof outcomes)[number]
export const outcomes = [
  'ok',
  'http-4xx',
  'http-5xx',
  'unexpected-status',
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

/** Why a planned request was never sent; after `driver-lost` nobody knows: its driver ended before it told of it. */
export type NotSentReason = (typeof notSentReasons)[number]
export const notSentReasons = ['overload', 'stopped', 'driver-lost'] as const

/** One planned request and what became of it. Times are µs on the run's clock, `null` where the request never came so far. */
export interface RequestRecord {
  /** Place in the plan, from 0; of several drivers each has its own places. With `driver` it names the request for ever. */
  seq: number
  driver: number
  lane: Lane
  outcome: Outcome | NotSentReason
  dueUs: number
  /** When the request was taken up: its connection was asked for or taken from the pool. */
  sentUs: number | null
  /** When the connection was established; equals `sentUs` on a reused connection. */
  connectedUs: number | null
  firstByteUs: number | null
  /** When the outcome was known: the last byte of a response, or the failure. */
  settledUs: number
  status: number | null
  /** Number of the connection within its driver; `null` when no socket was opened. */
  connection: number | null
  /** 1 for the first request on its connection. */
  use: number
  /** How long the connection had been idle when this request took it; 0 on a new one. */
  idleUs: number
  /** Bytes of the response that arrived, headers included. */
  bytes: number
  /** The pod that answered, as its response says. */
  pod: string | null
  /** The pod that answered before on the same connection. */
  previousPod: string | null
  localPort: number | null
  /** The system's error code or the parser's complaint, for the failure's story. */
  detail: string | null
}

/**
 * A moment in a container's life. `stopping`: the kubelet began to stop it, its hook first. `stopped-accepting`: its server no
 * longer takes new connections. `unhealthy`: a probe failed.
 */
export type ContainerMoment =
  | 'started'
  | 'stopping'
  | 'hook-began'
  | 'hook-ended'
  | 'hook-failed'
  | 'signal'
  | 'stopped-accepting'
  | 'exited'
  | 'unhealthy'
  | 'ready'
  | 'not-ready'

/**
 * Who told of a moment: the embedded cluster's kubelet, to the µs; the server's own line in the container's log; or, in whole
 * seconds, a Kubernetes Event or the state in the pod's status.
 */
export type MomentSource = (typeof momentSources)[number]
export const momentSources = ['kubelet', 'log', 'event', 'status'] as const

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

export interface ContainerSnapshot {
  name: string
  ready: boolean
  restarts: number
  state: 'waiting' | 'running' | 'terminated'
  exitCode: number | null
}

/** A pod as a watch showed it. */
export interface PodSnapshot {
  name: string
  uid: string
  node: string | null
  ip: string | null
  phase: string
  ready: boolean
  /** True from the moment a deletion was accepted. */
  terminating: boolean
  graceSeconds: number | null
  containers: ContainerSnapshot[]
}

export interface EndpointSnapshot {
  pod: string
  ip: string
  ready: boolean
  serving: boolean
  terminating: boolean
}

/** TcpExtListenOverflows, TcpExtListenDrops and TcpExtTCPSynRetrans of a network namespace since it was made. */
export interface NetworkCounts {
  /** Connections that came while an accept queue was full. */
  listenOverflows: number
  /** Connections dropped by a listening socket, for that and any other reason. */
  listenDrops: number
  /** SYNs sent again, each after waiting for a second at least. */
  synRetransmits: number
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
  /** `planDigest`: SHA-256 of plan.json's bytes, so that a log and the plan that it carried out cannot be mixed up. */
  | { type: 'begin'; t: number; schema: 1; runId: string; planDigest: string | null; wallClock: string }
  /** plan.json was written again, with what was deployed; from here on this is its digest. */
  | { type: 'deployed'; t: number; planDigest: string }
  | { type: 'step'; t: number; step: Step; detail: string | null }
  | { type: 'pod'; t: number; change: 'added' | 'modified' | 'deleted'; pod: PodSnapshot }
  | { type: 'endpoints'; t: number; slice: string; service: string; endpoints: EndpointSnapshot[] }
  /** `at`: when it happened; `errorUs`: how far off that may be. */
  | {
      type: 'container'
      t: number
      at: number
      errorUs: number
      source: MomentSource
      pod: string
      container: string
      moment: ContainerMoment
      detail: string | null
    }
  /** Requests of the run in the order of a container's log, all of one driver. */
  | ServedRecord
  /**
   * A container's log was read to its end, or to where the run ended; `why` it may have had more lines, else. `requests`: how many of its
   * lines are in `served` records; `null` in logs of the time when that was not told.
   */
  | {
      type: 'log-read'
      t: number
      pod: string
      container: string
      complete: boolean
      why: string | null
      requests: number | null
    }
  /** The node's service proxy now sends new connections for `service` to these pods. */
  | { type: 'programmed'; t: number; at: number; errorUs: number; service: string; pods: string[] }
  /** What a pod's network namespace has counted by `at`, where that can be read: see `NetworkCounts`. */
  | ({ type: 'network'; t: number; at: number; pod: string } & NetworkCounts)
  /** A Kubernetes Event, as it came. */
  | { type: 'event'; t: number; object: string; reason: string; message: string }
  /** An eviction's answer: 201 accepted, 429 refused by a budget. */
  | { type: 'eviction'; t: number; pod: string; status: number; message: string }
  /** Nothing was seen of `what` between `from` and `t`: what happened in it cannot be attributed. */
  | { type: 'gap'; t: number; from: number; what: string; why: string }
  /** The driver's clock runs `offsetUs` ahead of the run's, give or take `errorUs`. Request times are already corrected. */
  | { type: 'clock'; t: number; driver: number; offsetUs: number; errorUs: number }
  | { type: 'driver'; t: number; driver: number; health: DriverHealth }
  | { type: 'request'; request: RequestRecord }
  | { type: 'summary'; summary: RequestSummary }
  /**
   * A driver's last record is in the log. `planned`: how many places of the plan were its own until the load ended; `lost`: why it
   * could not tell of all of them, where it could not.
   */
  | { type: 'end'; t: number; driver: number; planned: number; lost: string | null }

/** How well the driver itself kept up, over the time since the last such record. */
export interface DriverHealth {
  planned: number
  settled: number
  inFlight: number
  /** Longest time the driver's event loop was held up, µs. */
  loopDelayMaxUs: number
  /** CPU time used, as a share of one core, 0…1. */
  cpuShare: number
  /** Time in which the driver was ready to run and something else had its core, as a share; absent where the kernel does not tell. */
  waitShare?: number
  /** What a hypervisor gave to others of the time of the machine's cores, as a share; absent where the kernel does not tell. */
  stolenShare?: number
  /** The time of the machine's cores in which nothing ran, as a share; absent where the kernel does not tell. */
  idleShare?: number
}
