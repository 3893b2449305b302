/** A few lines at the end of a terminal's output that are redrawn, while other lines are written above them. */
import { renderLine } from '../text.ts'
import type { Line } from '../text.ts'
import { measureLine, truncateLine } from './fit-text.ts'

const escape = '\u001B['
/** Control Sequence Introducer with EL and ED: ECMA-48, 8.3.41 and 8.3.39. */
const eraseToEndOfLine = `${escape}K`
const eraseBelow = `${escape}0J`

/** The size of the terminal; both are 0 or absent if unknown. */
export interface Screen {
  columns?: number
  rows?: number
}

export type TerminalStream = NodeJS.WritableStream & Screen

/** One less than the terminal has, because some wrap when the last column is written. */
export function getUsableColumns({ columns = 0 }: Screen): number {
  return Math.max(1, (columns || 80) - 1)
}

export class ScreenBlock {
  readonly #stream: TerminalStream
  /** The width of each line on the screen. */
  #widths: number[] = []

  constructor(stream: TerminalStream) {
    this.#stream = stream
  }

  /** Draws these lines over the last ones: cut at the right, and without the last of them, if the screen is too small. */
  draw(lines: readonly Line[]): void {
    const height = Math.max(1, (this.#stream.rows || 24) - 1)
    const width = getUsableColumns(this.#stream)
    const shown = lines.slice(0, height).map((line) => truncateLine(line, width))
    const text = shown.map((line) => `${renderLine(line, this.#stream)}${eraseToEndOfLine}\n`).join('')
    this.#stream.write(`${this.#moveToTop()}${text}${eraseBelow}`)
    this.#widths = shown.map(measureLine)
  }

  erase(): void {
    if (this.#widths.length > 0) this.#stream.write(`${this.#moveToTop()}${eraseBelow}`)
    this.#widths = []
  }

  /**
   * Moves to the first line of the block. A terminal that has become narrower has wrapped wider lines: so do Konsole, kitty, tmux, VTE,
   * Windows Terminal and xterm.js.
   */
  #moveToTop(): string {
    const columns = this.#stream.columns || 80
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    return rows === 0 ? '' : `\r${escape}${rows}A`
  }
}
