/** What a file in `scenarios/` must look like. Keys that are not known are refused: a misspelt one would change nothing in silence. */
import { z } from 'zod'
import { disruptionSchema } from '../model/disruptions/disruptions.ts'
import { createLanedSchema } from '../model/load/request-schema.ts'
import type { Scenario } from '../model/plan.ts'
import { requestListSchema } from './request-list.ts'

/** As much as the sample application gives (apps/app/app.py). */
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
const scenarioSchema: z.ZodType<Scenario> = z.strictObject({
  name: z.string().regex(/^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$/, 'must be a short DNS label'),
  summary: z.string().min(1),
  // What a file names is done to pods, and never run on this machine.
  disruption: disruptionSchema.refine(({ kind }) => kind !== 'command', 'a command is given after --'),
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
  phases: z.strictObject({ beforeMs: milliseconds, afterMs: milliseconds, limitMs: milliseconds.min(1) }),
})

function createShareSchema(): z.ZodNumber {
  return z.number().min(0).max(1)
}

/** What the file says, or what is wrong with it. */
export function parseScenario(document: unknown): { scenario: Scenario } | { scenario: null; error: z.ZodError } {
  const parsed = scenarioSchema.safeParse(document)
  return parsed.success ? { scenario: parsed.data } : { scenario: null, error: parsed.error }
}
