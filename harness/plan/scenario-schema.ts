/** The schema of a file in `scenarios/`. Unknown keys are refused: a misspelt one would have no effect, without notice. */
import { z } from 'zod'
import { disruptionSchema } from '../model/disruptions/disruptions.ts'
import { createLanedSchema } from '../model/load/request-schema.ts'
import type { Scenario } from '../model/plan.ts'
import { disruptOnce, explainWrongSteps } from '../model/steps/order.ts'
import { stepSchema } from '../model/steps/steps.ts'
import type { ScenarioStep } from '../model/steps/steps.ts'
import { requestListSchema } from './request-list.ts'

/** The maximum of the sample application (apps/app/app.py). */
const responseBytesLimit = 64 * 1024 * 1024

const milliseconds = z.int().min(0).max(3_600_000)
const requests = z.union([requestListSchema, createLanedSchema(z.strictObject)])
const ca = z
  .string()
  .regex(/^-----BEGIN CERTIFICATE-----\n[^]+-----END CERTIFICATE-----\s*$/, 'must be certificates in PEM')
const serverName = z.hostname().exactOptional()
const reuse = z.strictObject({
  idleMs: milliseconds.min(1).nullable().exactOptional(),
  uses: z.int().min(1).max(1_000_000).nullable().exactOptional(),
  obeysKeepAliveTimeout: z.boolean().exactOptional(),
})
const asked = z.strictObject({
  name: z.string().regex(/^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$/, 'must be a short DNS label'),
  summary: z.string().min(1),
  replicas: z.int().min(1).max(100),
  load: z
    .strictObject({
      ratePerSecond: z.number().positive().max(100_000),
      shares: z
        .strictObject({ fresh: createShareSchema(), reused: createShareSchema(), 'reused-post': createShareSchema() })
        .refine(
          (shares) => Math.abs(Object.values(shares).reduce((sum, one) => sum + one, 0) - 1) < 1e-9,
          'must sum to 1',
        ),
      controlPerSecond: z.number().min(0).max(1000).exactOptional(),
      workMs: milliseconds,
      thinkMs: milliseconds,
      timeoutMs: milliseconds.min(1),
      bodyTimeoutMs: milliseconds.min(1).exactOptional(),
      connectTimeoutMs: milliseconds.min(1).exactOptional(),
      responseBytes: z.int().min(0).max(responseBytesLimit).exactOptional(),
      requests: requests.exactOptional(),
      tls: z
        .union([z.strictObject({ ca, serverName }), z.strictObject({ unverified: z.literal(true), serverName })])
        .exactOptional(),
      reuse: reuse.exactOptional(),
    })
    .refine(({ requests: sent, shares }) => !Array.isArray(sent) || shares['reused-post'] === 0, {
      error: 'must be 0 where the lanes share a list of requests',
      path: ['shares', 'reused-post'],
    }),
})
/** The default for scenarios. */
const usualLimitMs = 90_000
const limitMs = milliseconds.min(1)

/** `isCode`: whether it is in a module instead of a data file. */
function createSchemas(isCode: boolean): Record<'steps' | 'disruption', z.ZodType<Scenario>> {
  const steps = z.array(stepSchema).superRefine((all, context) => {
    const why = explainWrongSteps(all)
    if (why !== null) context.addIssue({ code: 'custom', message: why })
    for (const { path, message } of findRefused(all, isCode)) context.addIssue({ code: 'custom', path, message })
  })
  return {
    steps: asked.extend({ steps, limitMs: limitMs.default(usualLimitMs) }),
    // The short form: one disruption between undisturbed load.
    disruption: asked
      .extend({
        disruption: disruptionSchema.superRefine((disruption, context) => {
          for (const { message } of findRefused([disruption], false)) context.addIssue({ code: 'custom', message })
        }),
        phases: z.strictObject({ beforeMs: milliseconds, afterMs: milliseconds, limitMs }),
      })
      .transform(({ disruption, phases: { limitMs: limit, ...undisturbed }, ...one }) => ({
        ...one,
        steps: disruptOnce(disruption, undisturbed),
        limitMs: limit,
      })),
  }
}

/** A data file describes what is done to pods, and runs nothing here. Disruptions from outside are no steps of a scenario. */
function findRefused(
  steps: readonly ScenarioStep[],
  isCode: boolean,
  path: PropertyKey[] = [],
): { path: PropertyKey[]; message: string }[] {
  return steps.flatMap((step, place) => {
    const here = [...path, place]
    if (step.kind === 'observed')
      return [{ path: here, message: 'what others do is observed by nodrop watch, and is no step of a scenario' }]
    if (step.kind === 'command' && !isCode)
      return [{ path: here, message: 'a command is given after --, or in a scenario that is a module' }]
    if (step.kind === 'step' && !isCode)
      return [{ path: here, message: 'code can only be in a scenario that is a module' }]
    return 'steps' in step ? findRefused(step.steps, isCode, [...here, 'steps']) : []
  })
}

const schemas = { data: createSchemas(false), code: createSchemas(true) }

function createShareSchema(): z.ZodNumber {
  return z.number().min(0).max(1)
}

/** The content of a file of data or code, or its problems. */
export function parseScenario(
  document: unknown,
  origin: 'data' | 'code',
): { scenario: Scenario } | { scenario: null; error: z.ZodError } {
  const isShort =
    typeof document === 'object' && document !== null && ('disruption' in document || 'phases' in document)
  const parsed = schemas[origin][isShort ? 'disruption' : 'steps'].safeParse(document)
  return parsed.success ? { scenario: parsed.data } : { scenario: null, error: parsed.error }
}
