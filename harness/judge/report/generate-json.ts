/** Indented JSON in pieces: for a run with many losses the whole text would take more memory than judging it. */

/** The minimum length of a piece, in characters. */
const pieceLength = 1 << 16

/** The text of `JSON.stringify(value, null, 2)`, and a line feed. */
export function* generateJsonText(value: object): Generator<string> {
  let text = ''
  let before = '{'
  for (const [name, part] of Object.entries(value) as [string, unknown][]) {
    if (part === undefined) continue
    text += `${before}\n  ${JSON.stringify(name)}: `
    before = ','
    if (!Array.isArray(part) || part.length === 0) {
      text += indentJson(part, 2)
      continue
    }
    for (const [place, element] of part.entries()) {
      text += `${place === 0 ? '[' : ','}\n    ${indentJson(element, 4)}`
      if (text.length < pieceLength) continue
      yield text
      text = ''
    }
    text += '\n  ]'
  }
  yield before === '{' ? '{}\n' : `${text}\n}\n`
}

/** A line feed within a string is escaped, so every one in the text begins a line. */
function indentJson(value: unknown, by: number): string {
  return (JSON.stringify(value, null, 2) ?? 'null').replaceAll('\n', `\n${' '.repeat(by)}`)
}
