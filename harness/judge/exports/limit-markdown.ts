import { formatPlural } from '../../base/figures.ts'

/**
 * The maximum size of a step's summary; GitHub rejects a longer one completely:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export const stepSummaryBytes: number = 1024 * 1024

/** The maximum length of the body of an issue or a comment on GitHub, in characters; bytes are never fewer. */
export const commentBytes = 65_536

/**
 * Markdown cut at the end of a line, with a note of how much was cut, at most `maxBytes` in all. A fence of code or an element `<details>`
 * that is open at the cut is closed.
 */
export function limitMarkdown(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text
  const lines = text.split('\n')
  // Reserves space for closing and the note.
  let left = maxBytes - 200
  let kept = 0
  while (kept < lines.length && left >= Buffer.byteLength(lines[kept]!) + 1)
    left -= Buffer.byteLength(lines[kept++]!) + 1
  const head = lines.slice(0, kept)
  // A final line end begins no line.
  const rest = lines.length - kept - (lines.at(-1) === '' ? 1 : 0)
  const openFence = findOpenFence(head)
  const isInDetails = countLines(head, /<details/) > countLines(head, /<\/details/)
  return [
    ...head,
    ...(openFence === '' ? [] : [openFence]),
    ...(isInDetails ? ['</details>'] : []),
    '',
    `… ${formatPlural(rest, 'more line')} ${rest === 1 ? 'is' : 'are'} in report.html.`,
    '',
  ].join('\n')
}

/** Empty if none is open. A fence ends with one at least as long: https://spec.commonmark.org/0.31.2/#fenced-code-blocks */
function findOpenFence(lines: readonly string[]): string {
  return lines.reduce((open, line) => {
    const [, fence = '', info = ''] = /^ {0,3}(`{3,})(.*)$/.exec(line) ?? []
    if (open === '') return fence
    return fence.length >= open.length && info.trim() === '' ? '' : open
  }, '')
}

function countLines(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length
}
