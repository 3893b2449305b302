/** A disk with a maximum file size, simulated by the kernel's limit, which needs no privilege. */
import { spawnSync } from 'node:child_process'

/** Sets the soft limit of this process; `unlimited` or a number of bytes. Returns the previous one. */
function limitFiles(size: string): string {
  const before = spawnSync('prlimit', [`--pid=${process.pid}`, '--fsize', '--output=SOFT', '--noheadings', '--raw'])
  const { status, stderr } = spawnSync('prlimit', [`--pid=${process.pid}`, `--fsize=${size}:`])
  if (status !== 0) throw new Error(`Cannot limit the size of files: ${String(stderr)}`)
  return String(before.stdout).trim()
}

/** The error that is thrown while no file of this process may exceed `bytes`; `null` without one. */
export async function thrownAtLimit(bytes: number, action: () => unknown): Promise<unknown> {
  const before = limitFiles(String(bytes))
  try {
    await action()
    return null
  } catch (error) {
    return error
  } finally {
    limitFiles(before)
  }
}
