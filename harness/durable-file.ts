import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file whole or not at all, and on the disk before it returns: what an intent needs to be one. By default for its owner only. */
export function writeDurably(path: string, text: string, mode = 0o600): void {
  const file = openSync(`${path}.new`, 'w', mode)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
  // The new name is the directory's, which has its own way to the disk (fsync(2)).
  const directory = openSync(dirname(path), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
