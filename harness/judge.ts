/** The judging half: from the logs of a directory to what was concluded and the reports, without a cluster. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { analyse } from './analyse/analyse.ts'
import { compare } from './analyse/compare.ts'
import { Fault, messageOf } from './fault.ts'
import { planDigestOf, planPath, readPlan } from './log/plan-file.ts'
import { readLog } from './log/reader.ts'
import type { ComparisonRow } from './model/result.ts'
import { renderHtml } from './report/html.ts'
import { jsonText } from './report/json-text.ts'
import { renderJunit } from './report/junit.ts'
import type { ReportedRun } from './report/reported-run.ts'
import { renderSummary } from './report/summary.ts'

export interface Judged {
  rows: ComparisonRow[]
  runs: ReportedRun[]
  /** Path of the report. */
  report: string
}

/** Judges one run from its log and writes `analysis.json` beside it. */
export async function judgeRun(runDir: string): Promise<ReportedRun> {
  const plan = readPlan(runDir)
  const analysis = await analyse(plan, readLog(runDir), planDigestOf(runDir))
  await writeFile(join(runDir, 'analysis.json'), jsonText(analysis))
  return { plan, analysis, dir: basename(runDir) }
}

/** Judges every run of a directory, of a run or of a comparison, and writes the reports. Throws a usage Fault when there is none. */
export async function judge(directory: string): Promise<Judged> {
  const runDirs = existsSync(planPath(directory)) ? [directory] : runsIn(directory)
  if (runDirs.length === 0) {
    throw new Fault(
      'usage',
      `Cannot report ${directory}: found no run in it`,
      'Give the directory of a run or of a comparison, with plan.json and an event log.',
    )
  }
  const runs: ReportedRun[] = []
  for (const runDir of runDirs) runs.push(await judgeRun(runDir))
  return writeReports(directory, runs)
}

/** Writes `report.html`, `junit.xml` and `summary.md` of runs that have been judged. */
export function writeReports(directory: string, runs: ReportedRun[]): Judged {
  const rows = compare(
    runs.map(({ analysis }) => analysis),
    runs.map(({ plan }) => plan),
  )
  const report = join(directory, 'report.html')
  writeFileSync(report, renderHtml({ title: basename(directory), rows, runs }))
  writeFileSync(join(directory, 'junit.xml'), renderJunit(runs, rows))
  writeFileSync(join(directory, 'summary.md'), renderSummary(rows, runs))
  return { rows, runs, report }
}

function runsIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(planPath(join(directory, entry.name))))
      .map((entry) => join(directory, entry.name))
      .sort()
  } catch (error) {
    throw new Fault('usage', `Cannot report ${directory}: ${messageOf(error)}`)
  }
}
