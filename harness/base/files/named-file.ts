/** Files at paths that a user has given: they may be links, pipes, or this process's own output. */
import { fstatSync, lstatSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { resolve } from 'node:path'
import { Fault } from '../fault.ts'
import { createWriteFault, writeDurably, writeFully } from './durable-file.ts'

/**
 * As `writeDurably` for a regular file or a new one, but readable for everyone. A link or a special file is not replaced: the text is
 * written to the link's target, or to the pipe. If that is the file of standard output or error, the text is appended. Throws a Fault of
 * the kind `environment`.
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

/** Whether writing again replaces the earlier text: not in a pipe, nor in this process's own output. */
export function isReplaceable(path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false })
  return there?.isFile() === true && findOwnOutput(there) === undefined
}

/** Whether it is a link, even a dangling one. */
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
