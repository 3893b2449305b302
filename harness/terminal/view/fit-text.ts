/** Lines that fit into a number of columns. Widths are those of what is shown: foreign control characters are visible by then. */
import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { StyledText, escapeControlCharacters, withStyle } from '../text.ts'
import type { Line } from '../text.ts'

export function measureLine(line: Line): number {
  return stringWidth(listParts(line).map(getText).join(''))
}

/** Cut at the right where it is longer, with `…` as its last character. */
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
 * Broken between words into lines of at most `columns` columns, the second and those after it behind `indent`. The spaces with which a line
 * begins stay. A word that is longer than a line, such as a path, is not broken: it could not be copied.
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
