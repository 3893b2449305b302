/** The one way to standard output and standard error: whatever is printed is plain (law 10). */
import { written } from './text.ts'
import type { Line } from './text.ts'

/** To standard output: what was asked for. */
export function print(...lines: Line[]): void {
  printTo(process.stdout, lines)
}

/** To standard error: what is told beside it. */
export function tell(...lines: Line[]): void {
  printTo(process.stderr, lines)
}

function printTo(stream: NodeJS.WritableStream, lines: readonly Line[]): void {
  if (lines.length > 0) stream.write(lines.map((line) => `${written(line, stream)}\n`).join(''))
}

/** To standard output. JSON escapes the other control characters by itself; a reader gets the same values. */
export function printJson(value: unknown): void {
  const json = JSON.stringify(value, null, 2)
  const escaped = json.replaceAll(/[\u007F-\u009F\u2028\u2029\p{Bidi_Control}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  process.stdout.write(`${escaped}\n`)
}
