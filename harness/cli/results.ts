/** What a comparison's end looks like on stdout, and its exit code. */
import { pathToFileURL } from 'node:url'
import { Fault, exitCodes } from '../base/fault.ts'
import type { ReportedRuns } from '../judge/judge-directory.ts'
import { concludeRows } from '../judge/gates/row-mark.ts'
import { formatWatchSentences, judgeWatch } from '../judge/verdict/watch-sentences.ts'
import { findRunPlace } from '../judge/report/reported-run.ts'
import type { RunPlace, ReportedRun } from '../judge/report/reported-run.ts'
import { printLines, printJson } from '../terminal/print.ts'
import { formatComparison } from '../terminal/table.ts'
import { join } from 'node:path'

export function printResults(judged: ReportedRuns, directory: string, options: { json?: boolean }): void {
  const { watch, rows, decisions, runs, report } = judged
  if (options.json && watch) printJson({ ...watch, verdict: judgeWatch(watch), directory })
  else if (options.json) {
    const all = runs.map((run) => toRunJson(run, findRunPlace(run, rows), join(directory, run.dir)))
    printJson(all)
  } else {
    const place = report === null ? 'not written' : pathToFileURL(report).href
    const table = rows.length === 0 && watch ? [] : ['', ...formatComparison(rows, process.stdout, decisions)]
    const whole = watch ? ['', ...formatWatchSentences(watch).map((sentence) => `${sentence}.`)] : []
    printLines(...table, ...whole, '', `Report: ${place}`)
  }
}

/** Throws what kept files from being written: the first of them is named. */
export function throwIfUnwritten({ unwritten: [first, ...others] }: Pick<ReportedRuns, 'unwritten'>): void {
  if (first === undefined) return
  if (!(first instanceof Fault) || others.length === 0) throw first
  const more = others.length === 1 ? '1 more file' : `${others.length} more files`
  throw new Fault(first.kind, `${first.message}; the same goes for ${more}`, first.advice, { cause: first })
}

/**
 * The exit code of a comparison is read from its rows, as their marks are; that a configuration differs from itself outweighs that they
 * held. A gate that failed in a watch is no success of it either.
 */
export function computeExitCode({
  rows,
  watch = null,
  decisions = [],
}: Pick<ReportedRuns, 'rows'> & Partial<ReportedRuns>): number {
  const held = concludeRows(rows)
  if (held === 'failed') return exitCodes.gate
  if (watch !== null) return exitCodesByVerdict[judgeWatch(watch)]
  // Where a configuration differs from itself, what the machine does is not known.
  const differs = decisions.some(({ isSame, relation }) => isSame && relation !== '~')
  return held === 'undecided' || differs ? exitCodes.unknown : exitCodes.ok
}

const exitCodesByVerdict = { passed: exitCodes.ok, failed: exitCodes.gate, unknown: exitCodes.unknown }

/** `held` is that of the configuration, over all its rounds; `part` says what this run is to it. */
function toRunJson({ analysis, plan }: ReportedRun, { row, part }: RunPlace, runDir: string): unknown {
  const { scenario, configuration, cluster, round, verdict, because, naive } = analysis
  const { planned, sent, notSent, ok, lost, outcomes } = analysis.ledger
  const lanes = analysis.lanes.map(({ lane, sent, lost, latency }) => [
    lane,
    { sent, lost, p50Ms: toMilliseconds(latency.p50Us), p99Ms: toMilliseconds(latency.p99Us) },
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
    lossOrigins: analysis.lossOrigins,
    naiveTool: naive,
    attribution: analysis.attribution,
    servers: analysis.servers,
    network: analysis.network,
    held: row.result.held,
    hypothesis: row.expects === null ? null : { expects: row.expects, held: row.result.held },
    gates: analysis.gates,
    verdict,
    because,
    voided: analysis.voided,
    claims: analysis.claims.map(({ name, holds, complaints }) => ({ name, holds, complaints })),
    runDir,
  }
}

function toMilliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000
}
