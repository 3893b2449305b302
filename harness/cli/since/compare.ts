/** `nodrop compare`, and `nodrop run --baseline`: the changes since a baseline. */
import { basename, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { writeDurably } from '../../base/files/durable-file.ts'
import { exitCodes } from '../../base/fault.ts'
import { buildBaseline } from '../../judge/baseline/build-baseline.ts'
import { formatBaselineComparison } from '../../judge/baseline/change-text.ts'
import { compareBaselines } from '../../judge/baseline/compare-baselines.ts'
import type { BaselineComparison } from '../../judge/baseline/compare-baselines.ts'
import { readAsBaseline } from '../../judge/saved/read-comparison.ts'
import type { ReportedRun } from '../../judge/report/reported-run.ts'
import type { Baseline } from '../../model/baseline/baseline.ts'
import { printJson, printLines } from '../../terminal/print.ts'

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('what changed from one comparison to another, row by row: better, worse, or ~ where undecided')
    .argument('<before>', 'directory of a run or of a comparison, or the file of a baseline')
    .argument('<after>', 'the same, of what is compared with it')
    .option('--json', 'print JSON')
    .action(async (before: string, after: string, options: { json?: boolean }) => {
      const comparison = compareBaselines(await readAsBaseline(resolve(before)), await readAsBaseline(resolve(after)))
      if (options.json) printJson({ schema: 1, ...comparison })
      else printLines(...formatBaselineComparison(comparison))
      process.exitCode = computeChangeExitCode(comparison)
    })
}

/** If a row could not have been found worse, not finding it worse proves nothing. */
function computeChangeExitCode({ rows }: BaselineComparison): number {
  if (rows.some(({ change }) => change === 'worse')) return exitCodes.gate
  return rows.length > 0 && rows.every(({ canDecide }) => canDecide) ? exitCodes.ok : exitCodes.unknown
}

/** For the runs of a comparison that has just ended. */
export function compareWithBaseline(baseline: Baseline, directory: string, runs: ReportedRun[]): BaselineComparison {
  return compareBaselines(baseline, buildBaseline(basename(directory), runs))
}

/** `exitCode`, that of the runs, unless they are worse than the baseline, or kept their gates but a row could not be compared. */
export function computeExitCodeSince(changes: BaselineComparison, exitCode: number): number {
  const changed = computeChangeExitCode(changes)
  return changed === exitCodes.gate || exitCode === exitCodes.ok ? changed : exitCode
}

/** Writes the changes (`since.json` in the directory); returns the error, if any. */
export function saveChanges(changes: BaselineComparison, directory: string): unknown[] {
  try {
    writeDurably(join(directory, 'since.json'), `${JSON.stringify({ schema: 1, ...changes }, null, 2)}\n`, 0o644)
    return []
  } catch (error) {
    return [error]
  }
}

export function tellChanges(changes: BaselineComparison, print: typeof printLines): void {
  print('', ...formatBaselineComparison(changes))
}
