/**
 * The parts of a plan that stand in `plan.json` as they are: what each must look like, and so their types. What judging and the report
 * rely on is here; what else a file has is left out, as a later nodrop may write more. This file is read at run time by those who
 * read files; others take the types from plan.ts, so that the driver and the page do without zod.
 */
import { z } from 'zod'
import { gateSchema } from './gates/gates.ts'
import type { ReusePlan, TlsPlan } from './load/client.ts'
import { createLanedSchema, createListSchema } from './load/request-schema.ts'

const count = z.int().nonnegative()
const text = z.string()
/** Up to a hundred years. */
const milliseconds = z.number().nonnegative().max(3.2e12)

const tls: z.ZodType<TlsPlan> = z.union([
  z.object({ ca: text, serverName: text.exactOptional() }),
  z.object({ roots: z.literal('system'), serverName: text.exactOptional() }),
  z.object({ unverified: z.literal(true), serverName: text.exactOptional() }),
])
const reuse: z.ZodType<Partial<ReusePlan>> = z.object({
  idleMs: milliseconds.nullable().exactOptional(),
  uses: count.nullable().exactOptional(),
  obeysKeepAliveTimeout: z.boolean().exactOptional(),
})

export const loadSchema = z.object({
  /** Requests due per second, over the workload's lanes. */
  ratePerSecond: z.number().positive().max(1e6),
  /** In place of the rate, a closed loop: another engine keeps so many requests in flight. */
  closedLoop: z.object({ engine: z.literal('autocannon'), connections: count }).exactOptional(),
  /** Share of the rate for each lane; the shares sum to 1. */
  shares: z.object({ fresh: z.number(), reused: z.number(), 'reused-post': z.number() }),
  /** Requests per second of the lane `control`, beside the rate; absent or 0: there is no such lane, nor its pod. */
  controlPerSecond: z.number().nonnegative().max(1e6).exactOptional(),
  /** How long the application works on each request. */
  workMs: milliseconds,
  /** How long a kept connection stays idle between two requests, at least. */
  thinkMs: milliseconds,
  /** Without a response's headers after this time the outcome is `timeout-headers`. */
  timeoutMs: milliseconds,
  /** From the end of the headers to that of the body; absent: as long again. */
  bodyTimeoutMs: milliseconds.exactOptional(),
  /** For a connection to be established; absent: as long as for the headers. */
  connectTimeoutMs: milliseconds.exactOptional(),
  /** The body that the sample application is asked for has at least so many bytes; absent: a line that tells who answered. */
  responseBytes: count.exactOptional(),
  /** What a lane sends where it is not a GET, or in `reused-post` a POST of 64 bytes; or a list that the lanes share, by weights. */
  requests: z.union([createListSchema(z.object), createLanedSchema(z.object)]).exactOptional(),
  /** Absent: plain HTTP. */
  tls: tls.exactOptional(),
  /** How clients treat their kept connections; absent: `defaultReuse`. */
  reuse: reuse.exactOptional(),
})
export type LoadPlan = z.infer<typeof loadSchema>

/** Of plans of the time when a scenario had one disruption. */
export const phasesSchema = z.object({
  /** Undisturbed load before the disruption. */
  beforeMs: milliseconds,
  /** Undisturbed load after the last old container is gone. */
  afterMs: milliseconds,
  /** The disruption and the end of the old pods must fit in this time, else the verdict is `unknown`. */
  limitMs: milliseconds,
})

export const configurationSchema = z.object({
  name: text,
  /** Of a demonstration: whether it is there to lose requests when it is disrupted, or to lose none. */
  expects: z.enum(['loses', 'loses-none']).exactOptional(),
  /** One sentence, the first comment of the manifest: why it loses some or none, or what it is; may be empty. */
  hypothesis: text,
  /** Where there are some, they decide in place of what is expected. Where there is neither, no request may be lost. */
  gates: z.array(gateSchema).exactOptional(),
  /** The configuration that this one is, under another name, so that the machine is compared with itself. */
  sameAs: text.exactOptional(),
})
export type Configuration = z.infer<typeof configurationSchema>

/** The way of the load from a driver to the workload. */
export const viaSchema = z.discriminatedUnion('kind', [
  /** To the cluster IP of its Service. */
  z.object({ kind: z.literal('service') }),
  /** To the Service's port of a node. */
  z.object({ kind: z.literal('nodeport') }),
  /** Through the cluster's ingress controller, which tells the workload by this host name. */
  z.object({ kind: z.literal('ingress'), host: text, port: count }),
  /** From the machine that nodrop runs on to an address outside: what the host's name led to when the run was planned. */
  z.object({ kind: z.literal('url'), scheme: z.enum(['http', 'https']), host: text, port: count, address: text }),
])
export type Via = z.infer<typeof viaSchema>

/** What the figures depend on beside the plan. */
export const environmentSchema = z.object({
  nodrop: text,
  node: text,
  kernel: text,
  cpus: count,
  cpuModel: text,
  kubernetes: text,
  /** Whether idle processors were kept from sleeping while the load went on; absent: they were not. */
  coresAwake: z.boolean().exactOptional(),
  /**
   * On the embedded cluster: whether its driver went before everything else on the machine, or, for want of a right, only before the
   * workload; absent elsewhere.
   */
  driverBefore: z.enum(['all', 'workload']).exactOptional(),
})
export type Environment = z.infer<typeof environmentSchema>

/** At which rate a workload's p99 doubles. */
export const capacitySchema = z.object({
  /** `null` where that is above what could be tried. */
  kneePerSecond: z.number().nullable(),
  /** The highest rate at which it was seen not to have doubled. */
  belowPerSecond: z.number(),
  /** Wall clock, ISO 8601. */
  measured: text,
})
export type KnownCapacity = z.infer<typeof capacitySchema>
