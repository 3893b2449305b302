/**
 * The tests' own folder for temporary files, below the machine's: what they leave there is found, and gone with them in any case. To
 * vitest a global set-up.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'nodrop-tests-'
/** Programs put these there for whoever comes next: Node, Debian's Java, and testcontainers for its other processes. */
const cached = new Set(['node-compile-cache', 'hsperfdata_root', 'testcontainers-node-0.lock'])

/** What is in a folder for temporary files, and must not be when the tests have ended. */
export function leftIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => !cached.has(name))
}

export default function setUp(): () => void {
  const everybodys = tmpdir()
  removeAbandoned(everybodys)
  const own = mkdtempSync(join(everybodys, `${prefix}${process.pid}-`))
  // As /tmp is: tests are other users too.
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

/** Those of tests that were killed outright. */
function removeAbandoned(everybodys: string): void {
  for (const name of readdirSync(everybodys)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isRunning(Number(pid))) continue
    try {
      rmSync(join(everybodys, name), { recursive: true, force: true })
    } catch {
      // Somebody else's.
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
