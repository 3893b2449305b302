/**
 * The records of the event log that are JSON objects: their schemas, and so their types. Only the log imports this file at run time; other
 * code imports the types from record.ts, so that the driver and the page need no zod.
 *
 * Every time is in µs on the run's monotonic clock, which starts at 0 when the log is opened; `t` is the instant at which the record
 * reached the harness. Times of a server's own clock are kept as claims and never mixed with these.
 */
import { z } from 'zod'
import { steps } from './step.ts'

const us = z.int()
const errorUs = z.number().nonnegative()
const count = z.int().nonnegative()
const share = z.number().nonnegative()
const text = z.string()

/**
 * A moment in a container's life. `stopping`: the kubelet began to stop it, starting with its hook. `stopped-accepting`: its server accepts
 * no more new connections. `unhealthy`: a probe failed.
 */
const containerMoment = z.enum([
  'started',
  'stopping',
  'hook-began',
  'hook-ended',
  'hook-failed',
  'signal',
  'stopped-accepting',
  'exited',
  'unhealthy',
  'ready',
  'not-ready',
])
export type ContainerMoment = z.infer<typeof containerMoment>

/**
 * The source of a moment: the embedded cluster's kubelet, to the µs; the server's own line in the container's log; or, in whole seconds, a
 * Kubernetes Event or the state in the pod's status.
 */
const momentSource = z.enum(['kubelet', 'log', 'event', 'status'])
export type MomentSource = z.infer<typeof momentSource>

const container = z.strictObject({
  name: text,
  ready: z.boolean(),
  restarts: count,
  state: z.enum(['waiting', 'running', 'terminated']),
  exitCode: z.int().nullable(),
})
export type ContainerSnapshot = z.infer<typeof container>

/** A pod as a watch showed it. */
const pod = z.strictObject({
  name: text,
  uid: text,
  node: text.nullable(),
  ip: text.nullable(),
  phase: text,
  ready: z.boolean(),
  /** True from the moment a deletion was accepted. */
  terminating: z.boolean(),
  graceSeconds: z.number().nullable(),
  containers: z.array(container),
})
export type PodSnapshot = z.infer<typeof pod>

const endpoint = z.strictObject({
  pod: text,
  ip: text,
  ready: z.boolean(),
  serving: z.boolean(),
  terminating: z.boolean(),
})
export type EndpointSnapshot = z.infer<typeof endpoint>

/** TcpExtListenOverflows, TcpExtListenDrops and TcpExtTCPSynRetrans of a network namespace since it was made. */
const networkCounts = z.strictObject({
  /** Connections that came while an accept queue was full. */
  listenOverflows: count,
  /** Connections dropped by a listening socket, for that or any other reason. */
  listenDrops: count,
  /** Retransmitted SYNs, each after at least a second. */
  synRetransmits: count,
})
export type NetworkCounts = z.infer<typeof networkCounts>

/** How well the driver itself kept up since the last such record. Shares are 0…1, and absent if the kernel does not report them. */
const driverHealth = z.strictObject({
  planned: count,
  settled: count,
  inFlight: count,
  /** Longest time for which the driver's event loop was blocked, in µs. */
  loopDelayMaxUs: z.number().nonnegative(),
  /** CPU time used, as a share of one core. */
  cpuShare: share,
  /** Share of time in which the driver was ready to run but its core was in use. */
  waitShare: share.exactOptional(),
  /** Share of the time of the machine's cores that a hypervisor gave to other machines. */
  stolenShare: share.exactOptional(),
  /** Share of the time of the machine's cores in which nothing ran. */
  idleShare: share.exactOptional(),
})
export type DriverHealth = z.infer<typeof driverHealth>

export const plainRecords = {
  /** `planDigest`: SHA-256 of plan.json's bytes, so that a log cannot be combined with another plan. */
  begin: z.strictObject({
    type: z.literal('begin'),
    t: us,
    schema: z.literal(1),
    runId: text,
    planDigest: text.nullable().default(null),
    wallClock: text,
  }),
  /** plan.json was rewritten with what was deployed; from here on this is its digest. */
  deployed: z.strictObject({ type: z.literal('deployed'), t: us, planDigest: text }),
  step: z.strictObject({
    type: z.literal('step'),
    t: us,
    step: z.enum(steps),
    detail: text.nullable(),
    number: z.int().min(1).exactOptional(),
  }),
  pod: z.strictObject({ type: z.literal('pod'), t: us, change: z.enum(['added', 'modified', 'deleted']), pod }),
  endpoints: z.strictObject({
    type: z.literal('endpoints'),
    t: us,
    slice: text,
    service: text,
    endpoints: z.array(endpoint),
  }),
  /** `at`: when it happened; `errorUs`: the maximum error of that time. */
  container: z.strictObject({
    type: z.literal('container'),
    t: us,
    at: us,
    errorUs,
    source: momentSource,
    pod: text,
    container: text,
    moment: containerMoment,
    detail: text.nullable(),
  }),
  /**
   * A container's log was read to its end, or to the end of the run; else `why` it may have had more lines. `requests`: how many of its
   * lines are in `served` records; `null` in older logs without that number.
   */
  'log-read': z.strictObject({
    type: z.literal('log-read'),
    t: us,
    pod: text,
    container: text,
    complete: z.boolean(),
    why: text.nullable(),
    requests: count.nullable().default(null),
  }),
  /** Counters of a pod's network namespace by `at`, where they can be read. */
  network: z.strictObject({ type: z.literal('network'), t: us, at: us, pod: text, ...networkCounts.shape }),
  /** The node's service proxy now sends new connections for `service` to these pods. */
  programmed: z.strictObject({
    type: z.literal('programmed'),
    t: us,
    at: us,
    errorUs,
    service: text,
    pods: z.array(text),
  }),
  /**
   * Connection tracking of a node. `on`: new connections from it are reported from here on; `lossy`: since `from` some were not, because
   * the kernel had no room for them; `off`: none are reported any more or, with `why`, none could be.
   */
  tracking: z.strictObject({
    type: z.literal('tracking'),
    t: us,
    node: text,
    /** Whose connections; absent: drivers'. */
    hop: z.literal('controller').exactOptional(),
    state: z.enum(['on', 'lossy', 'off']),
    from: us,
    why: text.nullable(),
  }),
  /**
   * The addresses, listed in `to`, that the kernel sent a driver's new connections to the Service to. In columns, because there are many:
   * the driver's port, the time (µs since the one before, for the first since `t`), and an index into `to`. With `hop` they are the
   * connections of a pod of the ingress controller to any address, and `driver` is that pod's number.
   */
  translation: z
    .strictObject({
      type: z.literal('translation'),
      t: us,
      driver: count,
      hop: z.literal('controller').exactOptional(),
      errorUs,
      to: z.array(text),
      ports: z.array(count.max(65_535)),
      times: z.array(us),
      places: z.array(count),
    })
    .refine(({ ports, times, places }) => ports.length === times.length && ports.length === places.length, {
      error: 'the columns differ in length',
    }),
  /** A Kubernetes Event, as it came. */
  event: z.strictObject({ type: z.literal('event'), t: us, object: text, reason: text, message: text }),
  /** An eviction's answer: 201 accepted, 429 refused by a budget. */
  eviction: z.strictObject({ type: z.literal('eviction'), t: us, pod: text, status: count, message: text }),
  /** `what` was not observed between `from` and `t`, so events in that time cannot be attributed. */
  gap: z.strictObject({ type: z.literal('gap'), t: us, from: us, what: text, why: text }),
  /** The driver's clock is `offsetUs` ahead of the run's, with an error of `errorUs`. Request times are already corrected. */
  clock: z.strictObject({ type: z.literal('clock'), t: us, driver: count, offsetUs: z.number(), errorUs }),
  driver: z.strictObject({ type: z.literal('driver'), t: us, driver: count, health: driverHealth }),
  /**
   * A driver's last record is in the log. `planned`: how many places of the plan belonged to it until the load ended; `lost`: why it could
   * not report all of them, if so.
   */
  end: z.strictObject({
    type: z.literal('end'),
    t: us,
    // Older logs with a single driver do not name it.
    driver: count.default(0),
    planned: count,
    lost: text.nullable().default(null),
  }),
}

export type PlainRecordType = keyof typeof plainRecords
export type PlainRecord = z.infer<(typeof plainRecords)[PlainRecordType]>

plainRecords satisfies { [T in PlainRecordType]: z.ZodType<{ type: T }> }
