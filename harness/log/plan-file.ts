/** `plan.json`: the plan of a run, beside its log. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { readBytes, readJson } from '../base/files/bounded-file.ts'
import { writeDurably } from '../base/files/durable-file.ts'
import { Fault } from '../base/fault.ts'
import { clusterKinds } from '../model/cluster-kind.ts'
import { disruptionSchema } from '../model/disruptions/disruptions.ts'
import { maxDrivers } from '../model/plan.ts'
import type { CellPlan, KnownCapacity, RunPlan, Scenario } from '../model/plan.ts'
import {
  capacitySchema,
  configurationSchema,
  environmentSchema,
  loadSchema,
  phasesSchema,
  viaSchema,
} from '../model/plan-schema.ts'
import { disruptOnce } from '../model/steps/order.ts'
import { stepSchema } from '../model/steps/steps.ts'
import { buildSampleWorkload, workloadKinds } from '../model/workload.ts'
import type { Workload } from '../model/workload.ts'
import { formatPlan } from './format-plan.ts'

/** The schemas contain the fields that judging and the report need; other fields are dropped, because a later nodrop may write more. */
const maxBytes = 4 * 1024 * 1024
const count = z.int().nonnegative()
const text = z.string()

const deployed = z.object({
  objects: z.array(z.looseObject({ apiVersion: text, kind: text, metadata: z.looseObject({ name: text }) })),
  images: z.array(z.object({ name: text, digest: text.nullable() })),
  source: z.object({ path: text.nullable(), sha256: text }),
})

const workload = z.object({
  kind: z.enum(workloadKinds),
  name: text,
  namespace: text.exactOptional(),
  selector: z.object({
    matchLabels: z.record(text, text).exactOptional(),
    matchExpressions: z
      .array(z.object({ key: text, operator: text, values: z.array(text).exactOptional() }))
      .exactOptional(),
  }),
  containers: z.object({ names: z.array(text), front: text, logs: z.array(text).exactOptional() }),
  service: z.object({ name: text, ports: z.array(z.object({ name: text.exactOptional(), port: count })) }),
  path: text,
  identification: z.object({
    podHeader: text.nullable(),
    workloadHeader: text.nullable(),
    requestIdHeader: text.nullable(),
  }),
})

const asked = z.object({ name: text, summary: text, replicas: count, load: loadSchema })
const scenarioOfSteps: z.ZodType<Scenario> = asked.extend({
  steps: z.array(stepSchema),
  limitMs: z.number().positive(),
})
/** For older plans, whose scenarios had one disruption and no other steps. */
const scenarioOfDisruption: z.ZodType<Scenario> = asked
  .extend({ disruption: disruptionSchema, phases: phasesSchema })
  .transform(({ disruption, phases: { limitMs, ...undisturbed }, ...one }) => ({
    ...one,
    steps: disruptOnce(disruption, undisturbed),
    limitMs,
  }))

const scenario = z.unknown().transform((value, context): Scenario => {
  const isOld = typeof value === 'object' && value !== null && 'disruption' in value
  const parsed = (isOld ? scenarioOfDisruption : scenarioOfSteps).safeParse(value)
  if (parsed.success) return parsed.data
  context.issues.push(...(parsed.error.issues as typeof context.issues))
  return z.NEVER
})

const cell = z.object({
  scenario,
  configuration: configurationSchema,
  // Older plans, from when only the sample could be measured, do not describe it.
  workload: workload.optional(),
  cluster: z.enum(clusterKinds),
  // Older plans, from when there was one driver, lack this.
  drivers: count.min(1).max(maxDrivers).default(1),
  via: viaSchema.default({ kind: 'service' }),
  fullRecords: count.exactOptional(),
  connectionTracking: z.literal(false).exactOptional(),
  environment: environmentSchema,
  capacity: capacitySchema.exactOptional(),
  keptFields: z.array(text).exactOptional(),
})

/** What the runs of a cell share. */
export const cellSchema: z.ZodType<CellPlan> = cell.transform(addSampleWorkload)

const planSchema: z.ZodType<RunPlan> = cell
  .extend({
    schema: z.literal(1),
    runId: text,
    round: count,
    attempt: count.min(1).exactOptional(),
    firstSeq: count.exactOptional(),
    seed: z.number(),
    deployed: deployed.exactOptional(),
  })
  .transform(addSampleWorkload)

function addSampleWorkload<T extends z.infer<typeof cell>>(plan: T): T & { workload: Workload } {
  return { ...plan, workload: plan.workload ?? buildSampleWorkload(plan.scenario.load) }
}

export function getPlanPath(runDir: string): string {
  return join(runDir, 'plan.json')
}

/** A stored capacity, without the inputs that it was measured with. Throws an Error that says what is wrong. */
export function parseCapacity(value: unknown): KnownCapacity {
  z.object({ schema: z.literal(1) }).parse(value)
  return capacitySchema.parse(value)
}

/** Returns the digest by which the log identifies it. */
export function writePlan(runDir: string, plan: RunPlan): string {
  const text = formatPlan(plan)
  writeDurably(getPlanPath(runDir), text, 0o644)
  return hashPlan(text)
}

/** The digest of the plan in a directory, to be compared with the one in the log; throws a usage Fault if it cannot be read. */
export function readPlanDigest(runDir: string): string {
  return hashPlan(readBytes(getPlanPath(runDir), maxBytes))
}

/** SHA-256 in hexadecimal. */
function hashPlan(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Throws a usage Fault if it does not exist or is not a plan that this nodrop can read. */
export function readPlan(runDir: string): RunPlan {
  const parsed = planSchema.safeParse(readJson(getPlanPath(runDir), maxBytes))
  if (!parsed.success)
    throw new Fault('usage', `${getPlanPath(runDir)} is not the plan of a run:\n${formatIssues(parsed.error)}`)
  return parsed.data
}

const mostShown = 8

/** The problems, one per line, limited in number. */
export function formatIssues({ issues }: z.ZodError): string {
  const others = issues.length - mostShown
  const shown = z.prettifyError(new z.ZodError(issues.slice(0, mostShown)))
  return others > 0 ? `${shown}\nand ${others} more` : shown
}
