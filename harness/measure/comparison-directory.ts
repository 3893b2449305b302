/** The directory of a comparison: exclusive from its creation, and removed if it stays empty. */
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createDirectory, createWriteFault } from '../base/files/durable-file.ts'

export interface Comparison {
  /** Names its directory. */
  id: string
  directory: string
}

/**
 * Makes its directory, named by the wall clock and unique in `out` even among comparisons that begin at the same time. Only its owner has
 * access, because plans and results of a workload are not for every user of the machine. Throws a Fault of the kind `environment`.
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

/** The first directory of `path` that does not exist; `null` if all do. */
export function findMissingDirectory(path: string): string | null {
  if (existsSync(path)) return null
  return findMissingDirectory(dirname(path)) ?? path
}

/** Removes a directory without runs, and its parents up to `first`, which were made for it. */
export function removeEmptyDirectories(directory: string, first: string | null): void {
  for (let path = directory; existsSync(path) && readdirSync(path).length === 0; path = dirname(path)) {
    if (path !== directory && (first === null || !path.startsWith(first))) return
    rmdirSync(path)
  }
}
