/** What a comparison's end looks like on stdout, and its exit code. */
import { pathToFileURL } from 'node:url'
import { Fault, exitCodes } from '../base/fault.ts'
import type { Judged } from '../judge/judge-directory.ts'
import { placeOf } from '../judge/report/reported-run.ts'
import type { Place, ReportedRun } from '../judge/report/reported-run.ts'
import { print, printJson } from '../terminal/print.ts'
import { comparisonLines } from '../terminal/table.ts'
import { join } from 'node:path'

export function printJudged(judged: Judged, directory: string, options: { json?: boolean }): void {
  const { rows, runs, report } = judged
  if (options.json) {
    const all = runs.map((run) => runJson(run, placeOf(run, rows), join(directory, run.dir)))
    printJson(all)
  } else {
    const place = report === null ? 'not written' : pathToFileURL(report).href
    print('', ...comparisonLines(rows, process.stdout), '', `Report: ${place}`)
  }
}

/** Throws what kept files from being written: the first of them is named. */
export function mustBeWritten({ unwritten: [first, ...others] }: Pick<Judged, 'unwritten'>): void {
  if (first === undefined) return
  if (!(first instanceof Fault) || others.length === 0) throw first
  const more = others.length === 1 ? '1 more file' : `${others.length} more files`
  throw new Fault(first.kind, `${first.message}; the same goes for ${more}`, first.advice, { cause: first })
}

/** The exit code of a comparison: a hypothesis that did not hold outweighs one that could not be judged, and a missing run. */
export function exitCodeOf({ rows }: Pick<Judged, 'rows'>): number {
  const results = rows.map(({ result }) => result)
  if (results.some(({ held }) => held === false)) return exitCodes.gate
  return results.some(({ held, missing }) => held === null || missing > 0) ? exitCodes.unknown : exitCodes.ok
}

/** `hypothesis.held` is that of the configuration, over all its rounds; `part` says what this run is to it. */
function runJson({ analysis, plan }: ReportedRun, { row, part }: Place, runDir: string): unknown {
  const { scenario, configuration, cluster, round, verdict, because, naive } = analysis
  const { planned, sent, notSent, ok, lost, outcomes } = analysis.ledger
  const lanes = analysis.lanes.map(({ lane, sent, lost, latency }) => [
    lane,
    { sent, lost, p50Ms: toMs(latency.p50Us), p99Ms: toMs(latency.p99Us) },
  ])
  return {
    scenario,
    configuration,
    cluster,
    round,
    attempt: plan.attempt ?? 1,
    part,
    ledger: { planned, sent, notSent: Object.values(notSent).reduce((sum, count) => sum + count, 0), ok, lost },
    outcomes: Object.fromEntries(Object.entries(outcomes).filter(([, count]) => count > 0)),
    lanes: Object.fromEntries(lanes),
    naiveTool: naive,
    servers: analysis.servers,
    network: analysis.network,
    hypothesis: { expects: row.expects, held: row.result.held },
    verdict,
    because,
    voided: analysis.voided,
    claims: analysis.claims.map(({ name, holds, complaints }) => ({ name, holds, complaints })),
    runDir,
  }
}

function toMs(us: number | null): number | null {
  return us === null ? null : us / 1000
}
