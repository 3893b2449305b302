/** A disk on which a file takes no more than so many bytes, by the limit that the kernel has for it: that needs no right. */
import { spawnSync } from 'node:child_process'

/** Sets the soft limit of this process; `unlimited` or a number of bytes. Gives the one before. */
function limitFiles(size: string): string {
  const before = spawnSync('prlimit', [`--pid=${process.pid}`, '--fsize', '--output=SOFT', '--noheadings', '--raw'])
  const { status, stderr } = spawnSync('prlimit', [`--pid=${process.pid}`, `--fsize=${size}:`])
  if (status !== 0) throw new Error(`Cannot limit the size of files: ${String(stderr)}`)
  return String(before.stdout).trim()
}

/** Gives what is thrown while no file of this process takes more than `bytes`; `null` when nothing is. */
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
