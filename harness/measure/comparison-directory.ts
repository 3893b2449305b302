/** The directory of a comparison: nobody else's from the first moment on, and gone where nothing came into it. */
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createDirectory, createWriteFault } from '../base/files/durable-file.ts'

export interface Comparison {
  /** Names its directory. */
  id: string
  directory: string
}

/**
 * Makes its directory, by a name from the wall clock that no other comparison in `out` has, also of those that begin at the same time. For
 * its owner only: what was asked and seen of a workload is not for every user of the machine. Throws a Fault of the kind `environment`.
 */
export function createComparison(out: string, now: Date): Comparison {
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  createDirectory(out, 0o700)
  for (let attempt = 1; ; attempt++) {
    const id = attempt === 1 ? stamp : `${stamp}-${attempt}`
    const directory = join(out, id)
    try {
      mkdirSync(directory, { mode: 0o700 })
      return { id, directory }
    } catch (error) {
      if (!existsSync(directory)) throw createWriteFault(directory, error, 'make the directory')
    }
  }
}

/** The first directory on the way to `path` that is not there; `null` where all are. */
export function findMissingDirectory(path: string): string | null {
  if (existsSync(path)) return null
  return findMissingDirectory(dirname(path)) ?? path
}

/** Without a run in it a directory tells nobody anything; nor do those above it up to `first`, which were made for it. */
export function removeEmptyDirectories(directory: string, first: string | null): void {
  for (let path = directory; existsSync(path) && readdirSync(path).length === 0; path = dirname(path)) {
    if (path !== directory && (first === null || !path.startsWith(first))) return
    rmdirSync(path)
  }
}
