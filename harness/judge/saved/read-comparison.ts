/** A comparison that was judged before, from its directory or from a baseline's file. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { describeSystemError, Fault } from '../../base/fault.ts'
import { readComparison, listRuns } from '../../log/comparison-file.ts'
import { getPlanPath, readPlan } from '../../log/plan-file.ts'
import { hasLog } from '../../log/reader.ts'
import { readAnalysis } from '../../log/saved/analysis-file.ts'
import { readBaseline } from '../../log/saved/baseline-file.ts'
import type { Baseline } from '../../model/baseline/baseline.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis } from '../../model/result.ts'
import { buildBaseline } from '../baseline/build-baseline.ts'
import { judgeDirectory } from '../judge-directory.ts'
import type { ReportedRun } from '../report/reported-run.ts'
import { createAnalysisWithoutLog } from '../verdict/withdraw-verdict.ts'

export interface SavedComparison {
  id: string
  /** Including runs that did not happen. */
  runs: ReportedRun[]
}

/**
 * The runs in the directory of a run or of a comparison, as they were judged; they are judged now if they were not, or by another version
 * of nodrop. Throws a usage Fault where there is none.
 */
export async function readSavedComparison(directory: string): Promise<SavedComparison> {
  const planned = listPlannedRuns(directory)
  const id = readComparison(directory)?.id ?? basename(resolve(directory))
  const runs: ReportedRun[] = []
  for (const { dir, plan } of planned) {
    const runDir = join(directory, dir)
    const analysis = readAnalysisIfPossible(runDir)
    if (analysis === null && hasLog(runDir)) return { id, runs: (await judgeDirectory(directory)).runs }
    runs.push(
      analysis === null
        ? { dir, plan, analysis: await createAnalysisWithoutLog(plan, 'never-began', 'the run did not happen') }
        : { dir, plan: readPlan(runDir), analysis },
    )
  }
  return { id, runs }
}

/** Also `null` for one that another version of nodrop wrote, if its log can be judged again. */
function readAnalysisIfPossible(runDir: string): Analysis | null {
  try {
    return readAnalysis(runDir)
  } catch (error) {
    if (error instanceof Fault && hasLog(runDir)) return null
    throw error
  }
}

function listPlannedRuns(directory: string): { dir: string; plan: RunPlan }[] {
  if (existsSync(getPlanPath(directory))) return [{ dir: '.', plan: readPlan(directory) }]
  const comparison = readComparison(directory)
  if (comparison !== null) return listRuns(comparison)
  const planned = listDirectories(directory)
    .filter((dir) => existsSync(getPlanPath(join(directory, dir))))
    .map((dir) => ({ dir, plan: readPlan(join(directory, dir)) }))
  if (planned.length > 0) return planned
  throw new Fault(
    'usage',
    `Cannot read ${directory}: there is no run in it`,
    'Give the directory of a run or of a comparison, or the file of a baseline.',
  )
}

/** Names in order. Throws a usage Fault if it cannot be read. */
export function listDirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
  } catch (error) {
    throw new Fault('usage', `Cannot read ${directory}: ${describeSystemError(error)}`)
  }
}

/** From a baseline's file, or from the directory of a run or of a comparison. Throws a usage Fault for anything else. */
export async function readAsBaseline(path: string): Promise<Baseline> {
  if (!isDirectory(path)) return readBaseline(path)
  const { id, runs } = await readSavedComparison(path)
  return buildBaseline(id, runs)
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    throw new Fault('usage', `Cannot read ${path}: ${describeSystemError(error)}`)
  }
}
