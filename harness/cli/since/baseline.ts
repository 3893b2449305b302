/** `nodrop baseline`: the baseline for later comparisons, which only this command changes. */
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { formatDuration, formatPlural, noFigure } from '../../base/figures.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { findLeastLossyRounds, findLeastRounds } from '../../judge/baseline/compare-baselines.ts'
import { formatRowName, tellApart } from '../../judge/baseline/row-name.ts'
import { listDirectories, readAsBaseline } from '../../judge/saved/read-comparison.ts'
import { getComparisonPath } from '../../log/comparison-file.ts'
import { writeBaseline } from '../../log/saved/baseline-file.ts'
import type { Baseline, BaselineRow } from '../../model/baseline/baseline.ts'
import { printJson, printLines } from '../../terminal/print.ts'
import { alignColumns } from '../../terminal/text.ts'

export function addBaselineCommand(program: Command, paths: Paths): void {
  const baseline = program
    .command('baseline')
    .description('what later comparisons are held against: save one, or show what it holds')
  const place = join(paths.reports, 'baselines', 'baseline.json')
  baseline
    .command('save')
    .description('save a comparison as the baseline; nothing else changes one')
    .argument('[dir]', 'directory of a comparison (default: the latest in --out)')
    .option('--to <file>', 'file to write; an existing one is replaced', place)
    .option('--out <dir>', 'where comparisons are', join(paths.reports, 'runs'))
    .action(async (dir: string | undefined, options: { to: string; out: string }) => {
      await saveBaseline(dir ?? findLatestComparison(options.out), options.to)
    })
  baseline
    .command('show')
    .description('what a baseline holds, or would hold if this comparison were saved')
    .argument('[file]', 'a baseline, or the directory of a comparison', place)
    .option('--json', 'print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const shown = await readAsBaseline(resolve(file))
      if (options.json) printJson(shown)
      else printLines(...formatBaselineLines(shown))
    })
}

async function saveBaseline(dir: string, file: string): Promise<void> {
  const baseline = await readAsBaseline(resolve(dir))
  const rows = baseline.rows.filter(({ rounds }) => rounds.length > 0)
  if (rows.length === 0) {
    throw new Fault('unknown', `Cannot save ${dir} as a baseline: no round of it was judged`, 'nodrop report says why.')
  }
  const isReplaced = existsSync(file)
  writeBaseline(resolve(file), { ...baseline, rows })
  const left = baseline.rows.length - rows.length
  const shown = relative('.', file)
  printLines(
    `${isReplaced ? 'Replaced' : 'Wrote'} ${shown}: ${formatPlural(rows.length, 'row')} of ${baseline.comparison}.`,
    ...(left > 0 ? [`Left out: ${formatPlural(left, 'row')} of which no round was judged.`] : []),
    ...adviseRounds(rows),
    `Next: nodrop run --rounds ${chooseRounds(rows)} --baseline ${shown}`,
  )
}

const usualRounds = 10

/** As many as a nightly run has; more if those could not show any difference. */
function chooseRounds(rows: readonly BaselineRow[]): number {
  return Math.max(usualRounds, ...rows.map(({ rounds }) => findLeastRounds(rounds.length, rows.length) ?? 0))
}

/** With fewer, losses in half of ten later rounds decide nothing. */
const fewRounds = 20

function adviseRounds(rows: readonly BaselineRow[]): string[] {
  const least = Math.min(...rows.map(({ rounds }) => rounds.length))
  const lossy = findLeastLossyRounds({ before: fewRounds, after: usualRounds }, rows.length)
  if (least >= fewRounds || lossy === null) return []
  const has = `It has ${formatPlural(least, 'round')}.`
  return [
    `${has} With ${fewRounds} rounds without a loss (--rounds ${fewRounds}), losses in ${lossy} of ${usualRounds} later rounds are enough to be called worse.`,
  ]
}

function formatBaselineLines({ comparison, rows }: Baseline): string[] {
  const head = ['', 'rounds', 'with losses', 'lost per round', 'p99', 'least margin']
  const lines = tellApart(rows).map(({ rounds, unjudged, ...row }) => {
    const lost = rounds.map((round) => round.lost).sort((a, b) => a - b)
    const p99 = rounds.flatMap(({ latency }) => latency?.p99Us ?? [])
    const margins = rounds.flatMap(({ margin }) => margin?.us ?? [])
    return [
      formatRowName(row),
      unjudged > 0 ? `${rounds.length} of ${rounds.length + unjudged}` : String(rounds.length),
      String(lost.filter((count) => count > 0).length),
      lost.length === 0 ? noFigure : `${lost[0]} to ${lost.at(-1)}`,
      formatDuration(p99.length === 0 ? null : Math.max(...p99)),
      formatDuration(margins.length === 0 ? null : Math.min(...margins)),
    ]
  })
  const conditions = rows.map((row) => formatConditions(row))
  return [comparison, ...alignColumns([head, ...lines], [1, 2, 3, 4, 5]), ...new Set(conditions)]
}

function formatConditions({ conditions: { cluster, environment, load } }: BaselineRow): string {
  const { kubernetes, kernel, cpus, cpuModel, nodrop } = environment
  const rate = load.connections === null ? `${load.ratePerSecond} requests/s` : `${load.connections} in flight`
  return `${cluster}, Kubernetes ${kubernetes}, kernel ${kernel}, ${formatPlural(cpus, 'CPU')} (${cpuModel}), nodrop ${nodrop}, ${rate}, ${formatPlural(load.replicas, 'replica')}`
}

/** By name, because names begin with the time. Throws a usage Fault without any. */
export function findLatestComparison(out: string): string {
  const latest = (existsSync(out) ? listDirectories(out) : []).findLast((dir) =>
    existsSync(getComparisonPath(join(out, dir))),
  )
  if (latest === undefined) {
    throw new Fault('usage', `Cannot find the latest comparison: there is none in ${out}`, 'nodrop run makes one.')
  }
  return join(out, latest)
}
