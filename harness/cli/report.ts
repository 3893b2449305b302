/** `nodrop report DIR`: judges again from the logs alone. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { judgeDirectory } from '../judge/judge-directory.ts'
import { computeExitCode, printResults, throwIfUnwritten } from './results.ts'

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('judge a run or a comparison again, from its event logs alone')
    .argument('<dir>', 'directory of a run or of a comparison')
    .option('--json', 'print one JSON array with a run each instead of the table')
    .action(async (directory: string, options: { json?: boolean }) => {
      process.exitCode = await reportCommand(directory, options)
    })
}

/** Gives the exit code. */
export async function reportCommand(directory: string, options: { json?: boolean }): Promise<number> {
  const judged = await judgeDirectory(resolve(directory))
  printResults(judged, resolve(directory), options)
  throwIfUnwritten(judged)
  return computeExitCode(judged)
}
