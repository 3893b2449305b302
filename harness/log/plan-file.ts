/** `plan.json`: what was asked of a run, beside its log. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { readBytes, readJson } from '../base/bounded-file.ts'
import { writeDurably } from '../base/durable-file.ts'
import { Fault } from '../base/fault.ts'
import { methods } from '../model/client.ts'
import { maxDrivers } from '../model/plan.ts'
import type { CellPlan, KnownCapacity, RunPlan } from '../model/plan.ts'
import { formatPlan } from './format-plan.ts'

/** What judging and the report rely on is in the schemas, as the types have it; what else is there is left out: a later nodrop may write more. */
const maxBytes = 4 * 1024 * 1024
const count = z.int().nonnegative()
const text = z.string()
const perSecond = z.number().positive().max(1e6)
/** A hundred years. */
const milliseconds = z.number().nonnegative().max(3.2e12)

const request = z.object({
  method: z.enum(methods).exactOptional(),
  headers: z.record(text, text).exactOptional(),
  bodyBytes: count.exactOptional(),
})
const load = z.object({
  ratePerSecond: perSecond,
  closedLoop: z.object({ engine: z.literal('autocannon'), connections: count }).exactOptional(),
  shares: z.object({ fresh: z.number(), reused: z.number(), 'reused-post': z.number() }),
  controlPerSecond: z.number().nonnegative().max(1e6).exactOptional(),
  workMs: milliseconds,
  thinkMs: milliseconds,
  timeoutMs: milliseconds,
  bodyTimeoutMs: milliseconds.exactOptional(),
  connectTimeoutMs: milliseconds.exactOptional(),
  responseBytes: count.exactOptional(),
  requests: z
    .object({
      fresh: request.exactOptional(),
      reused: request.exactOptional(),
      'reused-post': request.exactOptional(),
    })
    .exactOptional(),
  tls: z
    .union([
      z.object({ ca: text, serverName: text.exactOptional() }),
      z.object({ unverified: z.literal(true), serverName: text.exactOptional() }),
    ])
    .exactOptional(),
  reuse: z
    .object({
      idleMs: milliseconds.nullable().exactOptional(),
      uses: count.nullable().exactOptional(),
      obeysKeepAliveTimeout: z.boolean().exactOptional(),
    })
    .exactOptional(),
})
const disruption = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rollout-restart') }),
  z.object({ kind: z.literal('scale'), to: count }),
  z.object({ kind: z.literal('evict'), budget: z.object({ maxUnavailable: count }).exactOptional() }),
])
const via = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('service') }),
  z.object({ kind: z.literal('nodeport') }),
  z.object({ kind: z.literal('ingress'), host: text, port: count }),
])
const environment = z.object({
  nodrop: text,
  node: text,
  kernel: text,
  cpus: count,
  cpuModel: text,
  kubernetes: text,
  coresAwake: z.boolean().exactOptional(),
  driverBefore: z.enum(['all', 'workload']).exactOptional(),
})
const capacity = z.object({ kneePerSecond: z.number().nullable(), belowPerSecond: z.number(), measured: text })

const deployed = z.object({
  objects: z.array(z.looseObject({ apiVersion: text, kind: text, metadata: z.looseObject({ name: text }) })),
  images: z.array(z.object({ name: text, digest: text.nullable() })),
  source: z.object({ path: text.nullable(), sha256: text }),
})

const cell = z.object({
  scenario: z.object({
    name: text,
    summary: text,
    disruption,
    replicas: count,
    load,
    phases: z.object({ beforeMs: milliseconds, afterMs: milliseconds, limitMs: milliseconds }),
  }),
  configuration: z.object({
    name: text,
    expects: z.enum(['loses', 'loses-none']),
    hypothesis: text,
    pitfalls: z.array(text),
  }),
  cluster: z.enum(['local', 'kind', 'kubeconfig']),
  // Plans of the time when there was one driver do not say so.
  drivers: count.min(1).max(maxDrivers).default(1),
  via: via.default({ kind: 'service' }),
  fullRecords: count.exactOptional(),
  environment,
  capacity: capacity.exactOptional(),
  keptFields: z.array(text).exactOptional(),
})

/** What the runs of a cell have in common. */
export const cellSchema: z.ZodType<CellPlan> = cell

const planSchema: z.ZodType<RunPlan> = cell.extend({
  schema: z.literal(1),
  runId: text,
  round: count,
  attempt: count.min(1).exactOptional(),
  seed: z.number(),
  deployed: deployed.exactOptional(),
})

export function getPlanPath(runDir: string): string {
  return join(runDir, 'plan.json')
}

/** A capacity that was stored, and what it was measured of is left out. Throws an Error that says what is wrong. */
export function parseCapacity(value: unknown): KnownCapacity {
  z.object({ schema: z.literal(1) }).parse(value)
  return capacity.parse(value)
}

/** Returns the digest by which the log names it. */
export function writePlan(runDir: string, plan: RunPlan): string {
  const text = formatPlan(plan)
  writeDurably(getPlanPath(runDir), text, 0o644)
  return hashPlan(text)
}

/** The digest of the plan in a directory, to be held against the log's word; throws a usage Fault when it cannot be read. */
export function readPlanDigest(runDir: string): string {
  return hashPlan(readBytes(getPlanPath(runDir), maxBytes))
}

/** SHA-256 in hexadecimal. */
function hashPlan(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Throws a usage Fault when it is not there or not a plan that this nodrop reads. */
export function readPlan(runDir: string): RunPlan {
  const parsed = planSchema.safeParse(readJson(getPlanPath(runDir), maxBytes))
  if (!parsed.success)
    throw new Fault('usage', `${getPlanPath(runDir)} is no plan of a run:\n${formatIssues(parsed.error)}`)
  return parsed.data
}

const mostShown = 8

/** What is wrong, each on lines of its own, and never many. */
export function formatIssues({ issues }: z.ZodError): string {
  const others = issues.length - mostShown
  const shown = z.prettifyError(new z.ZodError(issues.slice(0, mostShown)))
  return others > 0 ? `${shown}\nand ${others} more` : shown
}
