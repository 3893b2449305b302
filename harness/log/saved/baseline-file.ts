/** A baseline's file, written once and read by later comparisons. */
import { dirname } from 'node:path'
import { z } from 'zod'
import { readJson } from '../../base/files/bounded-file.ts'
import { createDirectory } from '../../base/files/durable-file.ts'
import { writeNamedFile } from '../../base/files/named-file.ts'
import { Fault } from '../../base/fault.ts'
import type { Baseline } from '../../model/baseline/baseline.ts'
import { clusterKinds } from '../../model/cluster-kind.ts'
import { maxRuns } from '../../model/plan.ts'
import { environmentSchema } from '../../model/plan-schema.ts'
import { formatIssues } from '../plan-file.ts'

const maxBytes = 16 * 1024 * 1024
const count = z.int().nonnegative()
const text = z.string()
const us = z.number()

const conditions = z.object({
  cluster: z.enum(clusterKinds),
  environment: environmentSchema,
  load: z.object({
    ratePerSecond: z.number().nullable(),
    connections: count.nullable(),
    drivers: count,
    replicas: count,
    via: text,
    shares: text,
    workMs: us,
    thinkMs: us,
    timeoutMs: us,
    path: text.exactOptional(),
    requests: text.exactOptional(),
    responseBytes: count.nullable().exactOptional(),
    connectTimeoutMs: us.exactOptional(),
    bodyTimeoutMs: us.exactOptional(),
    reuse: text.exactOptional(),
    tls: text.nullable().exactOptional(),
    steps: text.exactOptional(),
  }),
  images: z.array(z.object({ name: text, digest: text.nullable() })),
})

const round = z.object({
  round: count,
  lost: count,
  sent: count,
  span: z.object({ due: count, lost: count }).nullable(),
  latency: z
    .object({ p50Us: us.nullable(), p90Us: us.nullable(), p99Us: us.nullable(), maxUs: us.nullable() })
    .nullable(),
  margin: z.object({ us, errorUs: us }).nullable(),
})

const baselineSchema: z.ZodType<Baseline> = z.object({
  schema: z.literal(1),
  comparison: text,
  rows: z.array(
    z.object({
      scenario: text,
      configuration: text,
      conditions,
      rounds: z.array(round).max(maxRuns),
      unjudged: count,
    }),
  ),
})

/** Throws a usage Fault if it cannot be read or is not a baseline. */
export function readBaseline(path: string): Baseline {
  const parsed = baselineSchema.safeParse(readJson(path, maxBytes))
  if (parsed.success) return parsed.data
  throw new Fault(
    'usage',
    `Cannot read ${path}: it is not a baseline:\n${formatIssues(parsed.error)}`,
    'nodrop baseline save DIR makes one of a comparison.',
  )
}

/** Also makes its folder. Writes one line for each round, so that changes are readable in a diff. */
export function writeBaseline(path: string, baseline: Baseline): void {
  createDirectory(dirname(path))
  writeNamedFile(path, `${formatBaseline(baseline)}\n`)
}

function formatBaseline({ schema, comparison, rows }: Baseline): string {
  const texts = rows.map(({ rounds, ...row }) => {
    const head = JSON.stringify(row, null, 2).replaceAll('\n', '\n    ').replace(/\s*}$/, '')
    const lines = rounds.map((one) => `        ${JSON.stringify(one)}`)
    return `    ${head},\n      "rounds": [${lines.length > 0 ? `\n${lines.join(',\n')}\n      ` : ''}]\n    }`
  })
  const list = texts.length > 0 ? `\n${texts.join(',\n')}\n  ` : ''
  return `{\n  "schema": ${schema},\n  "comparison": ${JSON.stringify(comparison)},\n  "rows": [${list}]\n}`
}
