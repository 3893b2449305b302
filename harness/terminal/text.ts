/** Text for a terminal: nothing in it that came from outside can move the cursor or colour the screen. */
import { styleText } from 'node:util'

/** Control and bidirectional characters made visible as `\xNN` or `\u{NNNN}`. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

export type Style = Parameters<typeof styleText>[0]

/** Colours only where `stream` shows them; honours NO_COLOR and FORCE_COLOR. */
export function paint(style: Style, text: string, stream: NodeJS.WritableStream): string {
  return styleText(style, text, { stream })
}

/** Columns padded to the widest cell; numbers to the right where `right` says so. */
export function columns(rows: string[][], right: number[] = []): string[] {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, index) => Math.max(cell.length, all[index] ?? 0)),
    [],
  )
  return rows.map((row) =>
    row
      .map((cell, index) =>
        right.includes(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}
