/** `nodrop report DIR`: judges again from the logs alone. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { judgeDirectory } from '../judge/judge-directory.ts'
import { addReporterOptions, chooseReporters } from './reporting/reporter-options.ts'
import type { ReporterOptions } from './reporting/reporter-options.ts'
import { computeEndingCode, computeExitCode, printResults, throwIfUnwritten } from './results.ts'

export function addReportCommand(program: Command): void {
  addReporterOptions(program.command('report'))
    .description('judge a run or a comparison again, from its event logs alone')
    .argument('<dir>', 'directory of a run or of a comparison')
    .action(async (directory: string, options: ReporterOptions) => {
      process.exitCode = await reportCommand(directory, options)
    })
}

/** Returns the exit code. */
export async function reportCommand(directory: string, options: ReporterOptions): Promise<number> {
  chooseReporters(options)
  const judged = await judgeDirectory(resolve(directory))
  const getExitCode = (unwritten: readonly unknown[]): number =>
    computeEndingCode(computeExitCode(judged), { isInterrupted: false, unwritten })
  throwIfUnwritten(await printResults(judged, { directory: resolve(directory), getExitCode }, options))
  return getExitCode([])
}
