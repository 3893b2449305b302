/** What a comparison's end looks like on stdout, and its exit code. */
import { pathToFileURL } from 'node:url'
import { exitCodes } from '../fault.ts'
import type { Judged } from '../judge.ts'
import type { Analysis } from '../model/result.ts'
import { comparisonLines } from '../terminal/table.ts'
import { join } from 'node:path'

export function printJudged(judged: Judged, directory: string, options: { json?: boolean }): void {
  if (options.json) {
    const runs = judged.runs.map(({ analysis, dir }) => runJson(analysis, join(directory, dir)))
    process.stdout.write(`${JSON.stringify(runs, null, 2)}\n`)
    return
  }
  const lines = comparisonLines(judged.rows, process.stdout)
  process.stdout.write(`\n${lines.join('\n')}\n\nReport: ${pathToFileURL(judged.report).href}\n`)
}

/** The exit code of a comparison: a hypothesis that did not hold outweighs one that could not be judged. */
export function exitCodeOf({ rows }: Judged): number {
  if (rows.some(({ held }) => held === false)) return exitCodes.gate
  return rows.some(({ held }) => held === null) ? exitCodes.unknown : exitCodes.ok
}

function runJson(analysis: Analysis, runDir: string): unknown {
  const { scenario, configuration, cluster, round, hypothesis, verdict, because, naive } = analysis
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
    ledger: { planned, sent, notSent: Object.values(notSent).reduce((sum, count) => sum + count, 0), ok, lost },
    outcomes: Object.fromEntries(Object.entries(outcomes).filter(([, count]) => count > 0)),
    lanes: Object.fromEntries(lanes),
    naiveTool: naive,
    servers: analysis.servers,
    network: analysis.network,
    hypothesis,
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
