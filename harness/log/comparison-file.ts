/** `comparison.json`: what a comparison was to hold, beside the directories of its runs. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJson } from '../base/files/bounded-file.ts'
import { writeDurably } from '../base/files/durable-file.ts'
import { Fault } from '../base/fault.ts'
import { maxRuns } from '../model/plan.ts'
import type { CellRun, ComparisonPlan, RunPlan } from '../model/plan.ts'
import { cellSchema, formatIssues } from './plan-file.ts'
import { formatPlan } from './format-plan.ts'

const count = z.int().nonnegative()
const text = z.string()

const maxBytes = 16 * 1024 * 1024

const cellRun = z.object({
  dir: text.regex(/^[^/\\\0]+$/, 'must be a name, not a path').refine((name) => !/^\.+$/.test(name), 'must be a name'),
  runId: text,
  cell: count,
  round: count.min(1),
  seed: z.number(),
})
const repeat = cellRun.extend({ attempt: count.min(2), because: text })

/** What judging and the report rely on; a later nodrop may write more. */
const comparisonSchema: z.ZodType<ComparisonPlan> = z
  .object({
    schema: z.literal(1),
    id: text,
    rounds: count.min(1),
    seed: z.number(),
    untilDecided: z.object({ maxMs: z.number().positive() }).exactOptional(),
    mostRepeats: count,
    cells: z.array(cellSchema).min(1),
    runs: z.array(cellRun).min(1).max(maxRuns),
    repeats: z.array(repeat).max(maxRuns),
  })
  .superRefine(({ cells, runs, repeats }, context) => {
    const all = [...runs, ...repeats]
    if (all.some(({ cell }) => cell >= cells.length)) context.addIssue('a run is of a cell that is not listed')
    for (const key of ['dir', 'runId'] as const) {
      if (new Set(all.map((run) => run[key])).size < all.length) context.addIssue(`two runs have the same ${key}`)
    }
  })

export function getComparisonPath(directory: string): string {
  return join(directory, 'comparison.json')
}

/** On the disk when it returns, whole: a kill at any moment leaves the file before or the one after. */
export function writeComparison(directory: string, comparison: ComparisonPlan): void {
  writeDurably(getComparisonPath(directory), formatPlan(comparison), 0o644)
}

/** `null` when it is not there; throws a usage Fault when it is not a plan of a comparison that this nodrop reads. */
export function readComparison(directory: string): ComparisonPlan | null {
  const path = getComparisonPath(directory)
  if (!existsSync(path)) return null
  const parsed = comparisonSchema.safeParse(readJson(path, maxBytes))
  if (!parsed.success) {
    throw new Fault('usage', `${path} is not the plan of a comparison:\n${formatIssues(parsed.error)}`)
  }
  return parsed.data
}

/** The directory and the plan of every run, repeated ones last. */
export function listRuns(comparison: ComparisonPlan): { dir: string; plan: RunPlan }[] {
  return [...comparison.runs, ...comparison.repeats].map((run) => ({ dir: run.dir, plan: getRunPlan(comparison, run) }))
}

/** The plan of one of its runs. Throws a RangeError for a cell that it does not have. */
export function getRunPlan(
  { cells }: ComparisonPlan,
  { cell, runId, round, seed, attempt }: CellRun & { attempt?: number },
): RunPlan {
  const common = cells[cell]
  if (common === undefined) throw new RangeError(`Cannot plan a run of cell ${cell}: there are ${cells.length}`)
  return { ...common, schema: 1, runId, round, ...(attempt !== undefined && { attempt }), seed }
}
