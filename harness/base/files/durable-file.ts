/** Files that are written atomically, and their directories. An error of the system becomes a Fault with the path. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Fault, describeSystemError } from '../fault.ts'

/**
 * Writes a temporary file beside the path, syncs it and renames it: at every moment either the old or the new file exists, and the new one
 * is on disk when this returns. By default readable only by its owner. Throws a Fault of the kind `environment`.
 */
export function writeDurably(path: string, text: string | Iterable<string>, mode = 0o600): void {
  // Two processes may write the same report.
  const beside = `${path}.${process.pid}.new`
  try {
    const directory = openSync(dirname(path), 'r')
    try {
      writeAndSync(beside, typeof text === 'string' ? [text] : text, mode)
      renameSync(beside, path)
      syncDirectory(directory)
    } finally {
      closeSync(directory)
    }
  } catch (error) {
    removeIfPossible(beside)
    throw createWriteFault(path, error)
  }
}

function writeAndSync(path: string, parts: Iterable<string>, mode: number): void {
  rmSync(path, { force: true })
  const file = openSync(path, 'wx', mode)
  try {
    for (const part of parts) writeFully(file, Buffer.from(part))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** At the end of the space or the file size limit, write(2) first writes a part and then fails at the next call. */
export function writeFully(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
}

/** A new name survives a loss of power once its directory is synced (fsync(2)); some network file systems cannot do that. */
function syncDirectory(directory: number): void {
  try {
    fsyncSync(directory)
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP'].includes(getErrorCode(error))) throw error
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // If even this is impossible, it was not written either.
  }
}

/**
 * Makes a directory and its missing parents. Throws a Fault of the kind `environment`. The `recursive` of node:fs never ends if the system
 * answers ENOENT below an existing directory, as /proc does.
 */
export function createDirectory(path: string, mode = 0o777): void {
  try {
    createMissingDirectories(path, mode)
  } catch (error) {
    throw createWriteFault(path, error, 'make the directory')
  }
}

/** Makes an empty directory for temporary files; the caller removes it. Throws a Fault of the kind `environment`. */
export function makeTemporaryDirectory(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix))
  } catch (error) {
    const advice = 'Set TMPDIR to a directory in which files can be written.'
    throw new Fault('environment', `Cannot make a directory in ${tmpdir()}: ${describeSystemError(error)}`, advice, {
      cause: error,
    })
  }
}

function createMissingDirectories(path: string, mode: number): void {
  if (isDirectory(path)) return
  if (dirname(path) !== path) createMissingDirectories(dirname(path), mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (getErrorCode(error) !== 'EEXIST') throw error
    // Another process may have been faster.
    if (!isDirectory(path)) throw new Error(`${path} is not a directory`, { cause: error })
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** The Fault for a file that could not be written, for code that writes by other means. */
export function createWriteFault(path: string, error: unknown, what = 'write'): Fault {
  const reason = describeSystemError(error)
  return new Fault('environment', `Cannot ${what} ${path}: ${reason}`, getWriteAdvice(getErrorCode(error)), {
    cause: error,
  })
}

function getWriteAdvice(code: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'Make room on that file system, or choose a directory on another.'
  if (code === 'EFBIG') return 'Raise the limit on the size of a file (ulimit -f).'
  return 'Choose a directory in which files can be written.'
}

function getErrorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
