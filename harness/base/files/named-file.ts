/** Files whose place a user has named: it may be a link, a pipe, or what this process prints to. */
import { fstatSync, lstatSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { resolve } from 'node:path'
import { Fault } from '../fault.ts'
import { createWriteFault, writeDurably, writeFully } from './durable-file.ts'

/**
 * As `writeDurably` where a file is, or nothing; for everybody to read. Nothing takes the place of a link or of what is no file: what the
 * link leads to, or the pipe, is written. Where that is the file of standard output or error, the text comes after what is there. Throws a
 * Fault of the kind `environment`.
 */
export function writeNamedFile(path: string, text: string): void {
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    const output = there?.isFile() ? findOwnOutput(there) : undefined
    if (output !== undefined) writeFully(output, Buffer.from(text))
    else if (there?.isFile()) writeDurably(realpathSync(path), text, 0o644)
    else if (there || isLink(path)) writeFileSync(path, text)
    else writeDurably(resolve(path), text, 0o644)
  } catch (error) {
    throw error instanceof Fault ? error : createWriteFault(path, error)
  }
}

/** Whether it leads to something or not. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

function findOwnOutput({ dev, ino }: Stats): number | undefined {
  return [1, 2].find((output) => {
    try {
      const own = fstatSync(output)
      return own.dev === dev && own.ino === ino
    } catch {
      // It was closed before this process began.
      return false
    }
  })
}
