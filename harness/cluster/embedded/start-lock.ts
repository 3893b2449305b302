/** One process at a time starts or ends what stands in a directory. */
import { linkSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createWriteFault, createDirectory, writeDurably } from '../../base/durable-file.ts'
import { Fault } from '../../base/fault.ts'
import { isRunning, getOwnIdentity } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

export interface LockOptions {
  limitMs: number
  /** Called once when another process has the lock. */
  onWait: (holder: ProcessIdentity) => void
}

const pollMs = 50

/**
 * Resolves when this process has the lock; one whose holder has ended is nobody's. Throws a Fault when another has it for longer than
 * the limit.
 */
export async function lockDirectory(directory: string, { limitMs, onWait }: LockOptions): Promise<Disposable> {
  const path = `${directory}.lock`
  createDirectory(dirname(path), 0o700)
  const deadline = performance.now() + limitMs
  for (let waited = false; ; waited = true) {
    const holder = tryAcquire(path)
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
function tryAcquire(path: string): ProcessIdentity | null {
  const own = `${path}.${process.pid}`
  writeDurably(own, JSON.stringify(getOwnIdentity()))
  try {
    for (;;) {
      try {
        // Not `wx`: nobody must see the lock without its holder.
        linkSync(own, path)
        return null
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw createWriteFault(path, error)
      }
      const holder = readLockOwner(path)
      if (holder !== null && isRunning(holder)) return holder
      rmSync(path, { force: true })
    }
  } finally {
    rmSync(own, { force: true })
  }
}

function readLockOwner(path: string): ProcessIdentity | null {
  try {
    const mark = JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
    return Number.isInteger(mark.pid) && typeof mark.startTime === 'string' ? mark : null
  } catch {
    return null
  }
}
