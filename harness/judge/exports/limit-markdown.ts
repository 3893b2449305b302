/** What GitHub takes of a step's summary; it refuses a longer one altogether. */
export const stepSummaryBytes: number = 1024 * 1024

/** What GitHub takes of the body of an issue or a comment, in characters; bytes are never fewer. */
export const commentBytes = 65_536

/**
 * Markdown cut at the end of a line, with a note of how much was cut, so that all of it has at most `maxBytes`. What is open at
 * the cut, a fence of code or an element `<details>`, is closed.
 */
export function limitMarkdown(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text
  const lines = text.split('\n')
  // What may still have to be closed, and the note.
  let left = maxBytes - 200
  let kept = 0
  while (kept < lines.length && left >= Buffer.byteLength(lines[kept]!) + 1)
    left -= Buffer.byteLength(lines[kept++]!) + 1
  const head = lines.slice(0, kept)
  const isInFence = head.filter((line) => /^\s*```/.test(line)).length % 2 === 1
  const isInDetails = countLines(head, /<details/) > countLines(head, /<\/details/)
  return [
    ...head,
    ...(isInFence ? ['```'] : []),
    ...(isInDetails ? ['</details>'] : []),
    '',
    `… ${lines.length - kept} more lines are in the report.`,
    '',
  ].join('\n')
}

function countLines(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length
}
