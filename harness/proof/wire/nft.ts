/** nft in a network namespace. */
import { runCommand } from '../../base/child-process.ts'
import type { CommandResult } from '../../base/child-process.ts'
import { Fault, getErrorMessage } from '../../base/fault.ts'

const limitMs = 30_000

/** Gives what it printed. Throws a Fault where it is not there or does not do as it is told. */
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
