/** nft in a network namespace. */
import { runCommand } from '../../base/child-process.ts'
import type { CommandResult } from '../../base/child-process.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'

const limitMs = 30_000

/** Returns its output. Throws a Fault if it is missing or fails. */
export async function runNft(namespace: string, args: readonly string[], input = ''): Promise<string> {
  let result: CommandResult
  try {
    result = await runCommand(['nsenter', `--net=${namespace}`, 'nft', ...args], { input, limitMs })
  } catch (error) {
    throw new Fault('environment', `Cannot run nft: ${getErrorMessage(error)}`)
  }
  if (result.exitCode === 0) return result.stdout
  throw new Fault('environment', `Cannot watch connections in ${namespace}: ${result.stderr.trim()}`)
}
