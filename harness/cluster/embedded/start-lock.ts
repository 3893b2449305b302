/** One process at a time starts or ends what stands in a directory. */
import { linkSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeDirectory, writeDurably } from '../../base/durable-file.ts'
import { Fault } from '../../base/fault.ts'
import { isRunning, ownMark } from './process-identity.ts'
import type { ProcessMark } from './process-identity.ts'

export interface LockOptions {
  limitMs: number
  /** Called once when another process has the lock. */
  onWait: (holder: ProcessMark) => void
}

const pollMs = 50

/**
 * Resolves when this process has the lock; one whose holder has ended is nobody's. Throws a Fault when another has it for longer than
 * the limit.
 */
export async function lockDirectory(directory: string, { limitMs, onWait }: LockOptions): Promise<Disposable> {
  const path = `${directory}.lock`
  makeDirectory(dirname(path), 0o700)
  const deadline = performance.now() + limitMs
  for (let waited = false; ; waited = true) {
    const holder = take(path)
    if (holder === null) return { [Symbol.dispose]: () => rmSync(path, { force: true }) }
    if (!waited) onWait(holder)
    if (performance.now() > deadline) {
      const advice = `If it does nothing of that kind, delete ${path}.`
      throw new Fault('unknown', `Process ${holder.pid} has been starting or ending a cluster for too long`, advice)
    }
    await sleep(pollMs)
  }
}

/** `null` when the lock has been taken, else who has it. */
function take(path: string): ProcessMark | null {
  const own = `${path}.${process.pid}`
  writeDurably(own, JSON.stringify(ownMark()))
  try {
    for (;;) {
      try {
        // Not `wx`: nobody must see the lock without its holder.
        linkSync(own, path)
        return null
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      }
      const holder = read(path)
      if (holder !== null && isRunning(holder)) return holder
      rmSync(path, { force: true })
    }
  } finally {
    rmSync(own, { force: true })
  }
}

function read(path: string): ProcessMark | null {
  try {
    const mark = JSON.parse(readFileSync(path, 'utf8')) as ProcessMark
    return Number.isInteger(mark.pid) && typeof mark.startTime === 'string' ? mark : null
  } catch {
    return null
  }
}
