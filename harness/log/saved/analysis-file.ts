/** `analysis.json`: the conclusions about a run, for commands that do not judge it again. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJson } from '../../base/files/bounded-file.ts'
import { Fault } from '../../base/fault.ts'
import type { Analysis } from '../../model/result.ts'
import { formatIssues } from '../plan-file.ts'

/** A run that lost a million requests has an entry for each. */
const maxBytes = 512 * 1024 * 1024
const count = z.int().nonnegative()
const text = z.string()
const list = z.array(z.unknown())
const us = z.number().nullable()

/** The fields that rows and baselines need; the rest is passed on unchanged. */
const analysisSchema = z.looseObject({
  schema: z.literal(1),
  runId: text,
  scenario: text,
  configuration: text,
  ending: z.enum(['complete', 'cut-short', 'never-began', 'unreadable']),
  ledger: z.looseObject({ sent: count, lost: count, ok: count, outcomes: z.record(text, count) }),
  latency: z.looseObject({ p50Us: us, p90Us: us, p99Us: us, maxUs: us }),
  phases: list,
  losses: list,
  pods: list,
  logExcerpts: list,
  endpointLags: list,
  outages: list,
  waited: z.looseObject({ requests: count, longestUs: z.number() }),
  tools: list,
  retriedBy: z.record(text, count),
  lanes: list,
  claims: list,
  voided: z.array(text),
  gates: list,
  lossFigures: z.looseObject({ lost: count, dueInSpan: count, lostInSpan: count }),
  margins: list,
  verdict: z.enum(['passed', 'failed', 'unknown']),
  because: z.array(text).min(1),
  sentence: text,
})

/** Throws a usage Fault if it cannot be read, or was written by another version of nodrop. `null` if it does not exist. */
export function readAnalysis(runDir: string): Analysis | null {
  const path = join(runDir, 'analysis.json')
  if (!existsSync(path)) return null
  const parsed = analysisSchema.safeParse(readJson(path, maxBytes))
  if (parsed.success) return parsed.data as unknown as Analysis
  throw new Fault(
    'usage',
    `Cannot read ${path}: it is not the analysis of a run, or another version of nodrop wrote it:\n${formatIssues(parsed.error)}`,
    'nodrop report DIR makes it again from the event log.',
  )
}
