/** The results of a comparison or a watch for `--json`. */
import { join } from 'node:path'
import type { ReportedRuns } from '../../judge/judge-directory.ts'
import { findRunPlace } from '../../judge/report/reported-run.ts'
import type { ReportedRun, RunPlace } from '../../judge/report/reported-run.ts'
import { toJsonRow } from '../../judge/tables/comparison-columns.ts'
import { judgeWatch } from '../../judge/verdict/watch-sentences.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Results, RowResults, RunResults } from '../../model/results/results-schema.ts'
import packageJson from '../../../package.json' with { type: 'json' }

export interface ResultsSite {
  /** The directory of the comparison. */
  directory: string
  exitCode: number
}

export function buildResults(judged: ReportedRuns, { directory, exitCode }: ResultsSite): Results {
  const { watch, rows, decisions, runs, report } = judged
  return {
    schema: 2,
    nodrop: packageJson.version,
    directory,
    report,
    exitCode,
    watch: watch && { ...watch, verdict: judgeWatch(watch) },
    rows: rows.map(toRowResults),
    decisions: decisions.map((one) => ({ ...one })),
    runs: runs.map((run) => toRunResults(run, findRunPlace(run, rows), join(directory, run.dir))),
  }
}

function toRowResults(row: ComparisonRow): RowResults {
  const { result, sentence, cause, marginText } = row
  const { because, missing } = result
  return { ...(toJsonRow(row) as unknown as RowResults), marginText, cause, because, missing, sentence }
}

/** `hypothesis.held` is that of the configuration, over all its rounds; `part`: what this run contributes to it. */
function toRunResults({ analysis, plan }: ReportedRun, { row, part }: RunPlace, runDir: string): RunResults {
  const { scenario, configuration, cluster, round, verdict, because, tools } = analysis
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
    lanes: Object.fromEntries(lanes) as RunResults['lanes'],
    lossOrigins: analysis.lossOrigins,
    tools,
    attribution: analysis.attribution,
    servers: analysis.servers,
    network: analysis.network,
    hypothesis: { expects: row.expects, held: row.result.held },
    gates: analysis.gates,
    verdict,
    because,
    voided: analysis.voided,
    claims: analysis.claims.map(({ name, holds, problems }) => ({ name, holds, problems })),
    runDir,
  }
}

function toMilliseconds(us: number | null): number | null {
  return us === null ? null : us / 1000
}
