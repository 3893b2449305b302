/** The process that has recorded something, and whether it still runs. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** A process number may have been reused since: the start time distinguishes the processes. */
export interface ProcessIdentity {
  pid: number
  /** Empty if the system does not report it. */
  startTime: string
}

export interface ProcessInfo {
  /** In a system-specific form, constant for the life of the process; includes the boot id if it counts from boot. */
  startTime: string
  /** Its arguments, separated by blanks. */
  command: string
}

export function getOwnIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: readProcessInfo(process.pid)?.startTime ?? '' }
}

/** May return true wrongly, but never false: suited for leaving alone what may be in use, not for signalling a process. */
export function isRunning(mark: ProcessIdentity): boolean {
  if (mark.startTime !== '') return findProcess(mark) !== null
  try {
    process.kill(mark.pid, 0)
    return true
  } catch (error) {
    // A process of another user runs, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Facts about exactly this process; `null` if it has ended or is unknown. */
export function findProcess({ pid, startTime }: ProcessIdentity): ProcessInfo | null {
  const facts = readProcessInfo(pid)
  // Older marks lack the boot id.
  const isSame = facts?.startTime === startTime || facts?.startTime.split('@', 1)[0] === startTime
  return isSame ? facts : null
}

function readProcessInfo(pid: number): ProcessInfo | null {
  if (!Number.isInteger(pid) || pid < 1) return null
  return existsSync('/proc/self/stat') ? readFromProc(pid) : readFromPs(pid)
}

/** Field 22 of /proc/PID/stat is in clock ticks since boot (proc(5)). */
function readFromProc(pid: number): ProcessInfo | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').replaceAll('\0', ' ')
    return ticks === undefined ? null : { startTime: `${ticks}@${boot}`, command }
  } catch {
    return null
  }
}

const askLimitMs = 10_000

/** Without /proc, as on a Mac: `Sun Nov 29 12:00:00 2026 node …`. Synchronous, like the code that reads and writes records. */
function readFromPs(pid: number): ProcessInfo | null {
  const argv = ['-ww', '-o', 'lstart=', '-o', 'command=', '-p', `${pid}`]
  const env = { ...process.env, LC_ALL: 'C' }
  const { stdout } = spawnSync('ps', argv, { encoding: 'utf8', env, timeout: askLimitMs, killSignal: 'SIGKILL' })
  const [, startTime, command] = /^\s*(\S+ +\S+ +\S+ +[\d:]+ +\d{4}) +(.*)/.exec(stdout ?? '') ?? []
  return startTime === undefined || command === undefined ? null : { startTime, command }
}
