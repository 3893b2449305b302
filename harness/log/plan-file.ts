/** `plan.json`: what was asked of a run, beside its log. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault, messageOf } from '../fault.ts'
import type { RunPlan } from '../model/plan.ts'

const count = z.int().nonnegative()
const text = z.string()

/** What judging and the report rely on; a later nodrop may write more. */
const cell = z.looseObject({
  scenario: z.looseObject({
    name: text,
    summary: text,
    disruption: z.looseObject({ kind: z.enum(['rollout-restart', 'scale', 'evict']) }),
    replicas: count,
    load: z.looseObject({
      ratePerSecond: z.number().positive(),
      shares: z.record(text, z.number()),
      workMs: z.number(),
      thinkMs: z.number(),
      timeoutMs: z.number(),
    }),
    phases: z.looseObject({ beforeMs: count, afterMs: count, limitMs: count }),
  }),
  configuration: z.looseObject({
    name: text,
    expects: z.enum(['loses', 'loses-none']),
    hypothesis: text,
    pitfalls: z.array(text),
  }),
  cluster: z.enum(['local', 'kind', 'kubeconfig']),
  // Plans of the time when there was one driver do not say so.
  drivers: count.min(1).default(1),
  via: z.looseObject({ kind: z.enum(['service', 'nodeport', 'ingress']) }).default({ kind: 'service' }),
  environment: z.looseObject({
    nodrop: text,
    node: text,
    kernel: text,
    cpus: count,
    cpuModel: text,
    kubernetes: text,
    coresAwake: z.boolean().exactOptional(),
  }),
})

/** What the runs of a cell have in common: a CellPlan. */
export const cellSchema: z.ZodType = cell

const planSchema = cell.extend({
  schema: z.literal(1),
  runId: text,
  round: count,
  attempt: count.min(1).exactOptional(),
  seed: z.number(),
})

export function planPath(runDir: string): string {
  return join(runDir, 'plan.json')
}

/** Returns the digest by which the log names it. */
export function writePlan(runDir: string, plan: RunPlan): string {
  const text = `${JSON.stringify(plan, null, 2)}\n`
  writeFileSync(planPath(runDir), text)
  return digestOf(text)
}

/** The digest of the plan in a directory, to be held against the log's word; throws as `readFileSync`. */
export function planDigestOf(runDir: string): string {
  return digestOf(readFileSync(planPath(runDir)))
}

/** SHA-256 in hexadecimal. */
function digestOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Throws a usage Fault when it is not there or not a plan that this nodrop reads. */
export function readPlan(runDir: string): RunPlan {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(planPath(runDir), 'utf8'))
  } catch (error) {
    throw new Fault('usage', `Cannot read ${planPath(runDir)}: ${messageOf(error)}`)
  }
  const parsed = planSchema.safeParse(value)
  if (!parsed.success)
    throw new Fault('usage', `${planPath(runDir)} is no plan of a run:\n${z.prettifyError(parsed.error)}`)
  return parsed.data as unknown as RunPlan
}
