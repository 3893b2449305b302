/** Who has written something down, and whether that process still runs. */
import { readFileSync } from 'node:fs'

/** A process number alone may have been given to another process since: its start time tells. */
export interface ProcessMark {
  pid: number
  /** Empty where the system does not tell. */
  startTime: string
}

export function ownMark(): ProcessMark {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' }
}

export function isRunning({ pid, startTime }: ProcessMark): boolean {
  if (startTime !== '') return startTimeOf(pid) === startTime
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process runs, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Field 22 of /proc/PID/stat, clock ticks since boot (proc(5)); `null` when there is no such process, or no /proc. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
