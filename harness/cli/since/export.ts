/** `nodrop export`: measurements in the formats of other tools. */
import { resolve } from 'node:path'
import { Option } from 'commander'
import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { formatCount } from '../../base/figures.ts'
import { buildBaseline } from '../../judge/baseline/build-baseline.ts'
import { compareBaselines } from '../../judge/baseline/compare-baselines.ts'
import type { BaselineComparison } from '../../judge/baseline/compare-baselines.ts'
import { buildBencherMetrics, buildCustomSmallerIsBetter } from '../../judge/exports/benchmark-json.ts'
import { renderComment, renderStepSummary } from '../../judge/exports/comment.ts'
import { listGithubAnnotations } from '../../judge/exports/github-annotations.ts'
import { exportHistograms } from '../../judge/exports/hdr-log.ts'
import { renderPrometheusText } from '../../judge/exports/prometheus-text.ts'
import { exportRequests } from '../../judge/exports/requests-csv.ts'
import { concludeComparison } from '../../judge/judge-directory.ts'
import type { JudgedRuns } from '../../judge/report/judged-runs.ts'
import { readAsBaseline, readSavedComparison } from '../../judge/saved/read-comparison.ts'
import { formatJson, printNotice, printParts } from '../../terminal/print.ts'

interface Exported extends JudgedRuns {
  directory: string
  id: string
  /** Since the baseline; `null` without one. */
  changes: BaselineComparison | null
}

type Parts = Iterable<string> | AsyncIterable<string>

/** By the value of `--format`, in the order of the help. */
const formats = {
  csv: ({ directory, runs }) => exportRequests(directory, runs, tellAggregated),
  markdown: (exported) => [renderStepSummary(exported, exported.changes)],
  hdr: ({ directory, runs }) => exportHistograms(directory, runs),
  prometheus: ({ rows }) => [renderPrometheusText(rows)],
  'github-action-benchmark': ({ id, runs }) => [`${formatJson(buildCustomSmallerIsBetter(buildBaseline(id, runs)))}\n`],
  bencher: ({ id, runs }) => [`${formatJson(buildBencherMetrics(buildBaseline(id, runs)))}\n`],
  comment: (exported) => [renderComment(exported, exported.changes)],
  'github-annotations': ({ rows, changes }) => listGithubAnnotations(rows, changes).map((line) => `${line}\n`),
} satisfies Record<string, (exported: Exported) => Parts>

/** Formats that include what changed since a baseline. */
const withChanges: readonly string[] = ['markdown', 'comment', 'github-annotations']

function tellAggregated(requests: number): void {
  printNotice(`${formatCount(requests)} requests are not among them: the logs only count them (see --full-records).`)
}

export function addExportCommand(program: Command): void {
  const names = Object.keys(formats)
  program
    .command('export')
    .description('what was measured, in the formats of other tools, on standard output')
    .argument('<dir>', 'directory of a run or of a comparison')
    .addOption(new Option('--format <name>', 'the format').choices(names).makeOptionMandatory())
    .option('--baseline <file>', 'in markdown, comment and github-annotations: what changed since it')
    .action(async (dir: string, { format, baseline }: { format: keyof typeof formats; baseline?: string }) => {
      if (baseline !== undefined && !withChanges.includes(format)) {
        const advice = `Leave it out, or choose one of ${withChanges.join(', ')}.`
        throw new Fault(
          'usage',
          `Cannot use --baseline with --format ${format}, which does not tell what changed`,
          advice,
        )
      }
      const directory = resolve(dir)
      const { id, runs } = await readSavedComparison(directory)
      const changes =
        baseline === undefined
          ? null
          : compareBaselines(await readAsBaseline(resolve(baseline)), buildBaseline(id, runs))
      const write: (exported: Exported) => Parts = formats[format]
      await printParts(write({ ...concludeComparison(directory, runs), directory, id, changes }))
    })
}
