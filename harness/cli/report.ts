import { resolve } from 'node:path'
import { judgeDirectory } from '../judge/judge-directory.ts'
import { computeExitCode, throwIfUnwritten, printResults } from './results.ts'

/** `nodrop report DIR`: judges again from the logs alone. */
export async function reportCommand(directory: string, options: { json?: boolean }): Promise<number> {
  const judged = await judgeDirectory(resolve(directory))
  printResults(judged, resolve(directory), options)
  throwIfUnwritten(judged)
  return computeExitCode(judged)
}
