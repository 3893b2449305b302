/** The only way to standard output and standard error: everything printed is escaped (law 10). */
import { once } from 'node:events'
import { renderLine } from './text.ts'
import type { Line } from './text.ts'

/** To standard output: the requested output. */
export function printLines(...lines: Line[]): void {
  writeLines(process.stdout, lines)
}

/** To standard error: further messages. */
export function printNotice(...lines: Line[]): void {
  writeLines(process.stderr, lines)
}

function writeLines(stream: NodeJS.WritableStream, lines: readonly Line[]): void {
  if (lines.length > 0) stream.write(lines.map((line) => `${renderLine(line, stream)}\n`).join(''))
}

/** To standard output, unchanged: a complete document that is already escaped. */
export function printDocument(text: string): void {
  process.stdout.write(text)
}

/** To standard output. */
export function printJson(value: unknown): void {
  printLines(formatJson(value))
}

/** JSON escapes the other control characters itself; a reader gets the same values. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/[\u007F-\u009F\u2028\u2029\p{Bidi_Control}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/**
 * To standard output, unchanged: for formats that other programs read and that contain nothing invisible. Waits for a slow reader, so that
 * memory does not grow with the output.
 */
export async function printParts(parts: Iterable<string> | AsyncIterable<string>): Promise<void> {
  for await (const part of parts) {
    if (process.stdout.write(part)) continue
    // A reader that is gone needs no more; other errors of a stream are reported when the process ends.
    const isRead = await once(process.stdout, 'drain').then(
      () => true,
      () => false,
    )
    if (!isRead) return
  }
}
