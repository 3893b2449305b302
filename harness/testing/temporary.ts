/**
 * The tests' own folder for temporary files, within the machine's: files that tests leave there are reported, and removed in any case. A
 * global set-up for vitest.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'nodrop-tests-'
/** Programs leave these for later processes: Node, Debian's Java, and testcontainers. */
const cached = new Set(['node-compile-cache', 'hsperfdata_root', 'testcontainers-node-0.lock'])

/** The entries of a folder for temporary files that must not remain after the tests. */
export function leftIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => !cached.has(name))
}

export default function setUp(): () => void {
  const everybodys = tmpdir()
  removeAbandoned(everybodys)
  const own = mkdtempSync(join(everybodys, `${prefix}${process.pid}-`))
  // Like /tmp, because tests also run as other users.
  chmodSync(own, 0o1777)
  process.env['TMPDIR'] = own
  const remove = (): void => rmSync(own, { recursive: true, force: true })
  process.once('exit', remove)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
  return () => {
    const left = leftIn(own)
    remove()
    if (left.length > 0) throw new Error(`These tests left temporary files: ${left.join(', ')}`)
  }
}

/** Removes those of killed tests. */
function removeAbandoned(everybodys: string): void {
  for (const name of readdirSync(everybodys)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isRunning(Number(pid))) continue
    try {
      rmSync(join(everybodys, name), { recursive: true, force: true })
    } catch {
      // It belongs to another user.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
