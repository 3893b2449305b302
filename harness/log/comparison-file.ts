/** `comparison.json`: the planned runs of a comparison, beside the directories of its runs. */
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

/** The fields that judging and the report need; a later nodrop may write more. */
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

/** Complete on disk when it returns: a kill at any moment leaves the old or the new file. */
export function writeComparison(directory: string, comparison: ComparisonPlan): void {
  writeDurably(getComparisonPath(directory), formatPlan(comparison), 0o644)
}

/** `null` if it does not exist; throws a usage Fault if it is not a comparison's plan that this nodrop can read. */
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

/** The plan of one of its runs. Throws a RangeError for a cell that does not exist. */
export function getRunPlan(
  { cells }: ComparisonPlan,
  { cell, runId, round, seed, attempt }: CellRun & { attempt?: number },
): RunPlan {
  const common = cells[cell]
  if (common === undefined) throw new RangeError(`Cannot plan a run of cell ${cell}: there are ${cells.length}`)
  return { ...common, schema: 1, runId, round, ...(attempt !== undefined && { attempt }), seed }
}
