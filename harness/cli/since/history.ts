/** `nodrop history`: a folder of comparisons as one page. */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { writeDurably } from '../../base/files/durable-file.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { formatHistoryAnswer, renderHistoryPage } from '../../judge/exports/history-page.ts'
import { formatRowName, tellApart } from '../../judge/baseline/row-name.ts'
import { buildHistory } from '../../judge/history/build-history.ts'
import type { HistoryInput } from '../../judge/history/build-history.ts'
import { listDirectories, readAsBaseline } from '../../judge/saved/read-comparison.ts'
import { getComparisonPath } from '../../log/comparison-file.ts'
import { printJson, printLines, printNotice } from '../../terminal/print.ts'

export function addHistoryCommand(program: Command): void {
  program
    .command('history')
    .description(
      'draw each configuration over a folder of comparisons as one page, with the comparison from which it changed',
    )
    .argument('<dir>', 'a folder with comparisons, or with what nodrop baseline save made of them')
    .option('--json', 'print JSON, and write no page')
    .action(async (dir: string, options: { json?: boolean }) => {
      await historyCommand(resolve(dir), options)
    })
}

async function historyCommand(directory: string, options: { json?: boolean }): Promise<void> {
  const inputs = await readInputs(directory)
  const series = buildHistory(inputs)
  if (series.length === 0) {
    const advice = 'Give a folder like reports/runs, in which each comparison has a directory.'
    throw new Fault('unknown', `Cannot draw the history of ${directory}: no round in it was judged`, advice)
  }
  if (options.json) return printJson({ schema: 1, series })
  const page = join(directory, 'history.html')
  writeDurably(page, renderHistoryPage(basename(directory), series), 0o644)
  printLines(
    `${formatHistoryAnswer(series)}.`,
    ...tellApart(series).map((one) => `  ${formatRowName(one)}: ${one.sentence}`),
    '',
    `History: ${pathToFileURL(page).href}`,
  )
}

/** From every comparison and every baseline in the folder. Unreadable ones are named and left out. */
async function readInputs(directory: string): Promise<HistoryInput[]> {
  const dirs = listDirectories(directory).filter((name) => existsSync(getComparisonPath(join(directory, name))))
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'))
  const inputs = new Map<string, HistoryInput>()
  for (const name of [...files.sort(), ...dirs]) {
    try {
      const baseline = await readAsBaseline(join(directory, name))
      const report = join(directory, name, 'report.html')
      const link = `./${encodeURIComponent(name)}/report.html`
      // A comparison that is there twice, directly and as a baseline, counts once.
      inputs.set(baseline.comparison, { baseline, report: existsSync(report) ? link : null })
    } catch (error) {
      printNotice(`Left out ${name}: ${getErrorMessage(error)}`)
    }
  }
  return [...inputs.values()]
}
