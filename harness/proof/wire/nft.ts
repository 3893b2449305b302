/** nft in a network namespace. */
import { spawn } from 'node:child_process'
import { Fault, getErrorMessage } from '../../base/fault.ts'

const limitMs = 30_000

/** Gives what it printed. Throws a Fault where it is not there or does not do as it is told. */
export async function runNft(namespace: string, args: readonly string[], input = ''): Promise<string> {
  const bounded = { timeout: limitMs, killSignal: 'SIGKILL' } as const
  const child = spawn('nsenter', [`--net=${namespace}`, 'nft', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...bounded,
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  // It may be gone before it has read what it was to be told.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Fault('environment', `Cannot run nft: ${getErrorMessage(error)}`)))
    child.once('close', resolve)
  })
  if (code === 0) return output.stdout
  throw new Fault('environment', `Cannot watch connections in ${namespace}: ${output.stderr.trim()}`)
}
