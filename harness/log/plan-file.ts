/** `plan.json`: what was asked of a run, beside its log. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { readBytes, readJson } from '../base/bounded-file.ts'
import { writeDurably } from '../base/durable-file.ts'
import { Fault } from '../base/fault.ts'
import { maxDrivers } from '../model/plan.ts'
import type { CellPlan, KnownCapacity, RunPlan } from '../model/plan.ts'
import {
  capacitySchema,
  configurationSchema,
  environmentSchema,
  loadSchema,
  phasesSchema,
  viaSchema,
} from '../model/plan-schema.ts'
import { formatPlan } from './format-plan.ts'

/** What judging and the report rely on is in the schemas, as the types have it; what else is there is left out: a later nodrop may write more. */
const maxBytes = 4 * 1024 * 1024
const count = z.int().nonnegative()
const text = z.string()

const disruption = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rollout-restart') }),
  z.object({ kind: z.literal('scale'), to: count }),
  z.object({ kind: z.literal('evict'), budget: z.object({ maxUnavailable: count }).exactOptional() }),
])
const cell = z.object({
  scenario: z.object({
    name: text,
    summary: text,
    disruption,
    replicas: count,
    load: loadSchema,
    phases: phasesSchema,
  }),
  configuration: configurationSchema,
  cluster: z.enum(['local', 'kind', 'kubeconfig']),
  // Plans of the time when there was one driver do not say so.
  drivers: count.min(1).max(maxDrivers).default(1),
  via: viaSchema.default({ kind: 'service' }),
  fullRecords: count.exactOptional(),
  environment: environmentSchema,
  capacity: capacitySchema.exactOptional(),
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
})

export function getPlanPath(runDir: string): string {
  return join(runDir, 'plan.json')
}

/** A capacity that was stored, and what it was measured of is left out. Throws an Error that says what is wrong. */
export function parseCapacity(value: unknown): KnownCapacity {
  z.object({ schema: z.literal(1) }).parse(value)
  return capacitySchema.parse(value)
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
    throw new Fault('usage', `${getPlanPath(runDir)} is not the plan of a run:\n${formatIssues(parsed.error)}`)
  return parsed.data
}

const mostShown = 8

/** What is wrong, each on lines of its own, and never many. */
export function formatIssues({ issues }: z.ZodError): string {
  const others = issues.length - mostShown
  const shown = z.prettifyError(new z.ZodError(issues.slice(0, mostShown)))
  return others > 0 ? `${shown}\nand ${others} more` : shown
}
