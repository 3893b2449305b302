/** The judging half: from the logs of a directory to conclusions and reports, without a cluster. */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { decideRows } from './statistics/decide-rows.ts'
import { analyseRun } from './verdict/analyse-run.ts'
import { compareConfigurations } from './verdict/compare-configurations.ts'
import { updateEpisodes } from './verdict/watch-episodes.ts'
import { createAnalysisWithoutLog, withdrawVerdict } from './verdict/withdraw-verdict.ts'
import { writeDurably } from '../base/files/durable-file.ts'
import { describeSystemError, Fault, getErrorMessage } from '../base/fault.ts'
import { readComparison, listRuns } from '../log/comparison-file.ts'
import { readPlanDigest, getPlanPath, readPlan } from '../log/plan-file.ts'
import { getWatchPath, readWatch } from '../log/watch/watch-file.ts'
import { hasLog, readLog } from '../log/reader.ts'
import { readUntilDamage } from '../log/until-damage.ts'
import type { RunPlan } from '../model/plan.ts'
import { generateJsonText } from './report/generate-json.ts'
import { renderJunit } from './report/junit-xml.ts'
import { renderReport, renderReportSummary } from './report/judged-runs.ts'
import type { JudgedRuns } from './report/judged-runs.ts'
import type { ReportedRun } from './report/reported-run.ts'
import { renderSummaryJson } from './report/json-summary.ts'

export interface ReportedRuns extends JudgedRuns {
  /** Path of the report; `null` when it could not be written. */
  report: string | null
  /** Errors of files that could not be written; the conclusions are complete all the same. */
  unwritten: unknown[]
}

/** Judges every run in the directory of a run or of a comparison, and writes the reports. Throws a usage Fault when there is none. */
export async function judgeDirectory(directory: string): Promise<ReportedRuns> {
  const runs = await concludeAll(directory)
  const unwritten: unknown[] = []
  for (const run of runs) {
    const runDir = join(directory, run.dir)
    if (existsSync(runDir)) unwritten.push(...collectFailure(() => writeAnalysis(runDir, run)))
  }
  const judged = writeReports(directory, runs)
  return { ...judged, unwritten: [...unwritten, ...judged.unwritten] }
}

/** Writes the reports of a comparison whose runs have been judged one by one, equal to those of `judgeDirectory`. */
export async function reportRuns(directory: string, runs: ReportedRun[]): Promise<ReportedRuns> {
  const comparison = readComparison(directory)
  if (comparison === null) return writeReports(directory, runs)
  const began = new Map(runs.filter(({ analysis }) => analysis.ending !== 'never-began').map((run) => [run.dir, run]))
  const all: ReportedRun[] = []
  for (const { dir, plan } of listRuns(comparison)) all.push(began.get(dir) ?? (await concludeMissingRun(dir, plan)))
  return writeReports(directory, all)
}

/** The conclusions about the runs of a directory together, once each has been judged. */
export function concludeComparison(directory: string, runs: ReportedRun[]): JudgedRuns {
  const rows = compareConfigurations(runs)
  const seen = readWatch(directory)
  const watch = seen && updateEpisodes(seen, runs)
  const untilDecided = readComparison(directory)?.untilDecided !== undefined
  return { watch, rows, decisions: watch === null ? decideRows(rows, { untilDecided }) : [], runs }
}

/** Writes `report.html`, `junit.xml`, `summary.md` and `summary.json` for judged runs. */
function writeReports(directory: string, runs: ReportedRun[]): ReportedRuns {
  const judged = concludeComparison(directory, runs)
  const { watch, rows, decisions } = judged
  const report = join(directory, 'report.html')
  const page = collectFailure(() => writeText(report, renderReport(judged, basename(directory))))
  const unwritten = [
    ...collectFailure(() => writeText(join(directory, 'junit.xml'), renderJunit(runs, rows, watch))),
    ...collectFailure(() => writeText(join(directory, 'summary.md'), renderReportSummary(judged))),
    ...collectFailure(() => writeText(join(directory, 'summary.json'), renderSummaryJson(rows, decisions))),
    ...page,
  ]
  return { ...judged, report: page.length === 0 ? report : null, unwritten }
}

async function concludeAll(directory: string): Promise<ReportedRun[]> {
  if (existsSync(getPlanPath(directory))) return [{ ...(await concludeRun(directory, readPlan(directory))), dir: '.' }]
  const comparison = readComparison(directory)
  const runs: ReportedRun[] = []
  if (comparison !== null) {
    for (const { dir, plan } of listRuns(comparison)) runs.push(await concludePlanned(directory, dir, plan))
    return runs
  }
  // Episodes of a watch, or a comparison without a comparison.json, which older versions did not write: their planned runs are unknown.
  for (const runDir of listRunDirectories(directory)) runs.push(await concludeApart(runDir, readPlan(runDir)))
  if (runs.length > 0 || existsSync(getWatchPath(directory))) return runs
  throw new Fault(
    'usage',
    `Cannot report ${directory}: there is no run in it`,
    'Give the directory of a run or of a comparison, with plan.json and an event log.',
  )
}

async function concludePlanned(directory: string, dir: string, plan: RunPlan): Promise<ReportedRun> {
  const runDir = join(directory, dir)
  if (!hasLog(runDir)) return await concludeMissingRun(dir, plan)
  try {
    const found = readPlan(runDir)
    if (found.runId !== plan.runId) throw new Fault('usage', `${getPlanPath(runDir)} is of another run: ${found.runId}`)
    const run = await concludeApart(runDir, found)
    return run.analysis.ending === 'never-began' ? await concludeMissingRun(dir, plan) : run
  } catch (error) {
    return await concludeUnreadableRun(runDir, plan, error)
  }
}

/** As `concludeRun`, but an unexpected error in one run does not hide the others. */
async function concludeApart(runDir: string, plan: RunPlan): Promise<ReportedRun> {
  try {
    return await concludeRun(runDir, plan)
  } catch (error) {
    return await concludeUnreadableRun(
      runDir,
      plan,
      new Error(`internal error (please report): ${getErrorMessage(error)}`),
    )
  }
}

/** A log that is damaged in the middle gives the figures before the damage, and no verdict. */
async function concludeRun(runDir: string, plan: RunPlan): Promise<ReportedRun> {
  try {
    const log = readUntilDamage(readLog(runDir))
    const analysis = await analyseRun(plan, log, readPlanDigest(runDir))
    const { damage } = log
    const judged =
      damage === null ? analysis : withdrawVerdict(analysis, 'unreadable', relativizeMessage(runDir, damage))
    return { plan, analysis: judged, dir: basename(runDir) }
  } catch (error) {
    if (error instanceof Fault || isSystemError(error)) return await concludeUnreadableRun(runDir, plan, error)
    throw error
  }
}

async function concludeMissingRun(dir: string, plan: RunPlan): Promise<ReportedRun> {
  return { plan, analysis: await createAnalysisWithoutLog(plan, 'never-began', 'the run did not happen'), dir }
}

async function concludeUnreadableRun(runDir: string, plan: RunPlan, error: unknown): Promise<ReportedRun> {
  const analysis = await createAnalysisWithoutLog(plan, 'unreadable', relativizeMessage(runDir, error))
  return { plan, analysis, dir: basename(runDir) }
}

function writeAnalysis(runDir: string, { analysis }: ReportedRun): void {
  writeText(join(runDir, 'analysis.json'), generateJsonText(analysis))
}

/** Readable for everyone who may read the directory. */
function writeText(path: string, text: string | Iterable<string>): void {
  writeDurably(path, text, 0o644)
}

/** On one line and without the path of the run's directory, so that the bytes do not depend on it. */
function relativizeMessage(runDir: string, error: unknown): string {
  return getErrorMessage(error)
    .replaceAll(`${runDir}/`, '')
    .replaceAll(/\s*\n\s*/g, ' ')
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function collectFailure(action: () => void): unknown[] {
  try {
    action()
    return []
  } catch (error) {
    return [error]
  }
}

function listRunDirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(getPlanPath(join(directory, entry.name))))
      .map((entry) => join(directory, entry.name))
      .sort()
  } catch (error) {
    throw new Fault('usage', `Cannot report ${directory}: ${describeSystemError(error)}`)
  }
}
