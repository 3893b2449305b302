/** Text for a terminal: nothing in it that came from outside can move the cursor, colour the screen or turn what is read. */
import { styleText } from 'node:util'

/** Control characters, the line and paragraph separators, and what changes the direction of what follows. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Makes such characters visible, as `\xNN` or `\u{NNNN}`. */
export function plain(text: string): string {
  return text.replaceAll(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

export type Style = Parameters<typeof styleText>[0]

/** Text with a style of ours; what is in the text itself is as foreign as any. */
export class Painted {
  readonly style: Style
  readonly text: string

  constructor(style: Style, text: string) {
    this.style = style
    this.text = text
  }
}

export function paint(style: Style, text: string): Painted {
  return new Painted(style, text)
}

/** What is printed as a line, or as several where its text has line feeds. */
export type Line = string | Painted | readonly (string | Painted)[]

/** As it goes to `stream`: plain, and coloured only where the stream shows that; honours NO_COLOR and FORCE_COLOR. */
export function written(line: Line, stream: NodeJS.WritableStream): string {
  const parts = typeof line === 'string' || line instanceof Painted ? [line] : line
  return parts.map((part) => (typeof part === 'string' ? plainLines(part) : painted(part, stream))).join('')
}

function painted({ style, text }: Painted, stream: NodeJS.WritableStream): string {
  return styleText(style, plainLines(text), { stream })
}

/** Of a text of several lines, which stay lines. */
function plainLines(text: string): string {
  return text.split('\n').map(plain).join('\n')
}

/** Columns padded to the widest cell; numbers to the right where `right` says so. */
export function columns(rows: string[][], right: number[] = []): string[] {
  const cells = rows.map((row) => row.map(plain))
  const widths = cells.reduce<number[]>(
    (all, row) => row.map((cell, index) => Math.max(cell.length, all[index] ?? 0)),
    [],
  )
  return cells.map((row) =>
    row
      .map((cell, index) =>
        right.includes(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}
