/** A lock for starting or ending the cluster of a directory. */
import { linkSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createWriteFault, createDirectory, writeDurably } from '../../base/files/durable-file.ts'
import { waitUntil } from '../../base/polling.ts'
import { isRunning, getOwnIdentity } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

export interface LockOptions {
  limitMs: number
  /** Called once when another process has the lock. */
  onWait: (holder: ProcessIdentity) => void
}

const pollMs = 50

/**
 * Resolves when this process has the lock; a lock whose holder has ended is free. Throws a Fault when another process has it for longer
 * than the limit.
 */
export async function lockDirectory(directory: string, { limitMs, onWait }: LockOptions): Promise<Disposable> {
  const path = `${directory}.lock`
  createDirectory(dirname(path), 0o700)
  const advice = `If that process neither starts nor ends a cluster, delete ${path}.`
  let waited = false
  await waitUntil('another nodrop to start or end this cluster', { limitMs, intervalMs: pollMs, advice }, () => {
    const owner = tryAcquire(path)
    if (owner === null) return null
    if (!waited) onWait(owner)
    waited = true
    return `process ${owner.pid}`
  })
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) }
}

/** `null` when the lock was taken, else its holder. */
function tryAcquire(path: string): ProcessIdentity | null {
  const own = `${path}.${process.pid}`
  writeDurably(own, JSON.stringify(getOwnIdentity()))
  try {
    for (;;) {
      try {
        // Not `wx`: the lock must never be visible without its holder.
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
