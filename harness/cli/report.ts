import { resolve } from 'node:path'
import { judge } from '../judge/judge-directory.ts'
import { exitCodeOf, mustBeWritten, printJudged } from './results.ts'

/** `nodrop report DIR`: judges again from the logs alone. */
export async function reportCommand(directory: string, options: { json?: boolean }): Promise<number> {
  const judged = await judge(resolve(directory))
  printJudged(judged, resolve(directory), options)
  mustBeWritten(judged)
  return exitCodeOf(judged)
}
