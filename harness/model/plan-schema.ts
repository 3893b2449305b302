/**
 * The parts of a plan that are in `plan.json` unchanged: their schemas, and so their types. The fields that judging and the report need are
 * here; others are dropped, because a later nodrop may write more. Only code that reads files imports this at run time; other code imports
 * the types from plan.ts, so that the driver and the page need no zod.
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
  /** For a closed loop, in place of the rate: the engine, and the number of requests that it keeps in flight. */
  closedLoop: z.object({ engine: z.literal('autocannon'), connections: count }).exactOptional(),
  /** Share of the rate for each lane; the shares sum to 1. */
  shares: z.object({ fresh: z.number(), reused: z.number(), 'reused-post': z.number() }),
  /** Requests per second of the lane `control`, beside the rate; absent or 0: there is no such lane, nor its pod. */
  controlPerSecond: z.number().nonnegative().max(1e6).exactOptional(),
  /** How long the application works on each request, in ms. */
  workMs: milliseconds,
  /** Minimum idle time of a kept connection between two requests. */
  thinkMs: milliseconds,
  /** Limit for a response's headers, after which the outcome is `timeout-headers`. */
  timeoutMs: milliseconds,
  /** Limit from the end of the headers to the end of the body; absent: the same as for the headers. */
  bodyTimeoutMs: milliseconds.exactOptional(),
  /** Limit for establishing a connection; absent: the same as for the headers. */
  connectTimeoutMs: milliseconds.exactOptional(),
  /** Minimum size of the sample application's answer, in bytes; absent: a line with the name of the pod. */
  responseBytes: count.exactOptional(),
  /** The request of a lane if it is not a GET, or in `reused-post` a POST of 64 bytes; or a weighted list that the lanes share. */
  requests: z.union([createListSchema(z.object), createLanedSchema(z.object)]).exactOptional(),
  /** Absent: plain HTTP. */
  tls: tls.exactOptional(),
  /** How clients treat their kept connections; absent: `defaultReuse`. */
  reuse: reuse.exactOptional(),
})
export type LoadPlan = z.infer<typeof loadSchema>

/** For older plans, whose scenarios had one disruption. */
export const phasesSchema = z.object({
  /** Undisturbed load before the disruption. */
  beforeMs: milliseconds,
  /** Undisturbed load after the last old container is gone. */
  afterMs: milliseconds,
  /** Limit for the disruption and the end of the old pods, beyond which the verdict is `unknown`. */
  limitMs: milliseconds,
})

export const configurationSchema = z.object({
  name: text,
  /** For a demonstration: whether it should lose requests when it is disrupted, or none. */
  expects: z.enum(['loses', 'loses-none']).exactOptional(),
  /** One sentence, the first comment of the manifest: why it loses requests or not, or what it is; may be empty. */
  hypothesis: text,
  /** If there are any, they decide in place of the expectation. With neither, no request may be lost. */
  gates: z.array(gateSchema).exactOptional(),
  /** The configuration that is played under this other name, so that the machine is compared with itself. */
  sameAs: text.exactOptional(),
})
export type Configuration = z.infer<typeof configurationSchema>

/** The entry point of the load: the path from a driver to the workload. */
export const viaSchema = z.discriminatedUnion('kind', [
  /** To the cluster IP of its Service. */
  z.object({ kind: z.literal('service') }),
  /** To the Service's port of a node. */
  z.object({ kind: z.literal('nodeport') }),
  /** Through the cluster's ingress controller, which selects the workload by this host name. */
  z.object({ kind: z.literal('ingress'), host: text, port: count }),
  /** From the machine that nodrop runs on to an address outside: the one that the host's name resolved to during planning. */
  z.object({ kind: z.literal('url'), scheme: z.enum(['http', 'https']), host: text, port: count, address: text }),
])
export type Via = z.infer<typeof viaSchema>

/** What the figures depend on besides the plan. */
export const environmentSchema = z.object({
  nodrop: text,
  node: text,
  kernel: text,
  cpus: count,
  cpuModel: text,
  kubernetes: text,
  /** Whether idle processors were kept from sleeping during the load; absent: they were not. */
  coresAwake: z.boolean().exactOptional(),
  /**
   * On the embedded cluster: whether its driver had priority over everything else on the machine or, without permission, only over the
   * workload; absent elsewhere.
   */
  driverBefore: z.enum(['all', 'workload']).exactOptional(),
})
export type Environment = z.infer<typeof environmentSchema>

/** The rate at which a workload's p99 doubles. */
export const capacitySchema = z.object({
  /** `null` if it is above the rates that could be tried. */
  kneePerSecond: z.number().nullable(),
  /** The highest rate at which it had not doubled. */
  belowPerSecond: z.number(),
  /** Wall clock, ISO 8601. */
  measured: text,
})
export type KnownCapacity = z.infer<typeof capacitySchema>
