/** Text for a terminal: text from outside cannot move the cursor, colour the screen or change the reading direction. */
import { styleText } from 'node:util'
import stringWidth from 'string-width'

/** Control characters, the line and paragraph separators, and characters that change the direction of the following text. */
const invisiblePattern = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Makes such characters visible, as `\xNN` or `\u{NNNN}`. */
export function escapeControlCharacters(text: string): string {
  return text.replaceAll(invisiblePattern, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

export type Style = Parameters<typeof styleText>[0]

/** Text with a style; its own content is as untrusted as any. */
export class StyledText {
  readonly style: Style
  readonly text: string

  constructor(style: Style, text: string) {
    this.style = style
    this.text = text
  }
}

export function withStyle(style: Style, text: string): StyledText {
  return new StyledText(style, text)
}

/** Printed as one line, or as several if its text has line feeds. */
export type Line = string | StyledText | readonly (string | StyledText)[]

/**
 * The output for `stream`: escaped, and coloured only if the stream supports that; honours NO_COLOR and FORCE_COLOR. A file (`null`) has no
 * colours.
 */
export function renderLine(line: Line, stream: NodeJS.WritableStream | null): string {
  const parts = typeof line === 'string' || line instanceof StyledText ? [line] : line
  return parts.map((part) => (typeof part === 'string' ? escapeLines(part) : renderStyled(part, stream))).join('')
}

function renderStyled({ style, text }: StyledText, stream: NodeJS.WritableStream | null): string {
  return stream === null ? escapeLines(text) : styleText(style, escapeLines(text), { stream })
}

/** For a text of several lines, which stay separate. */
function escapeLines(text: string): string {
  return text.split('\n').map(escapeControlCharacters).join('\n')
}

/** Columns padded to the widest cell; the columns in `right` are aligned to the right. */
export function alignColumns(rows: string[][], right: number[] = []): string[] {
  const cells = rows.map((row) => row.map(escapeControlCharacters))
  const widths = cells.reduce<number[]>(
    (all, row) => row.map((cell, index) => Math.max(stringWidth(cell), all[index] ?? 0)),
    [],
  )
  const padCell = (cell: string, index: number): string => {
    const padding = ' '.repeat((widths[index] ?? 0) - stringWidth(cell))
    return right.includes(index) ? padding + cell : cell + padding
  }
  return cells.map((row) => row.map(padCell).join('  ').trimEnd())
}
