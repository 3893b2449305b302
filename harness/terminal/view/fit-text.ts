/** Fits lines into a number of columns. Widths are those of the visible text: control characters from outside are already escaped. */
import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { StyledText, escapeControlCharacters, withStyle } from '../text.ts'
import type { Line } from '../text.ts'

export function measureLine(line: Line): number {
  return stringWidth(listParts(line).map(getText).join(''))
}

/** Cut at the right if it is longer, with `…` as the last character. */
export function truncateLine(line: Line, columns: number): Line {
  if (measureLine(line) <= columns) return line
  let left = columns - 1
  const kept = listParts(line).map((part) => {
    const text = cliTruncate(getText(part), Math.max(0, left), { truncationCharacter: '' })
    left -= stringWidth(text)
    return part instanceof StyledText ? withStyle(part.style, text) : text
  })
  return [...kept, '…']
}

/**
 * Wraps text into lines of at most `columns` columns, all but the first after `indent`. Spaces at the beginning of a line stay. A word
 * longer than a line, such as a path, is not broken, so that it can be copied.
 */
export function wrapText(text: string, columns: number, indent = ''): string[] {
  return text.split('\n').flatMap((line) => {
    const [margin = ''] = /^ */.exec(line) ?? []
    const width = Math.max(10, columns - margin.length - indent.length)
    const lines = wrapAnsi(escapeControlCharacters(line.slice(margin.length)), width).split('\n')
    return lines.map((one, index) => `${margin}${index === 0 ? '' : indent}${one}`)
  })
}

function listParts(line: Line): readonly (string | StyledText)[] {
  return typeof line === 'string' || line instanceof StyledText ? [line] : line
}

function getText(part: string | StyledText): string {
  return escapeControlCharacters(typeof part === 'string' ? part : part.text)
}
