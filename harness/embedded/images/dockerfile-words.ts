/** The words of a Dockerfile instruction: quotes, escapes and variables (Dockerfile reference, "Environment replacement"). */

export type Variables = ReadonlyMap<string, string>

interface Cursor {
  readonly text: string
  at: number
}

/** Splits at blanks outside of quotes and puts in the values of variables. */
export function splitWords(text: string, variables: Variables): string[] {
  const cursor: Cursor = { text, at: 0 }
  const words: string[] = []
  let word: string | undefined
  while (cursor.at < text.length) {
    const character = text.charAt(cursor.at)
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
      cursor.at++
    } else word = (word ?? '') + readPiece(cursor, variables)
  }
  return word === undefined ? words : [...words, word]
}

/** The text as one word, for instructions that take the rest of their line. */
export function expandVariables(text: string, variables: Variables): string {
  const cursor: Cursor = { text, at: 0 }
  let result = ''
  while (cursor.at < text.length) result += readPiece(cursor, variables)
  return result
}

function readPiece(cursor: Cursor, variables: Variables): string {
  const character = cursor.text.charAt(cursor.at)
  if (character === '\\') {
    cursor.at += 2
    return cursor.text.charAt(cursor.at - 1)
  }
  if (character === '$') return readVariable(cursor, variables)
  cursor.at++
  if (character === "'") return readUntil(cursor, "'", () => cursor.text.charAt(cursor.at++))
  if (character === '"') return readUntil(cursor, '"', () => readPiece(cursor, variables))
  return character
}

function readUntil(cursor: Cursor, quote: string, next: () => string): string {
  let result = ''
  while (cursor.text.charAt(cursor.at) !== quote) {
    if (cursor.at >= cursor.text.length) throw new Error(`the quote ${quote} is not closed`)
    result += next()
  }
  cursor.at++
  return result
}

/** `$NAME`, `${NAME}`, `${NAME:-if unset}` and `${NAME:+if set}`. */
function readVariable(cursor: Cursor, variables: Variables): string {
  const found = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::([-+])([^}]*))?\})/.exec(cursor.text.slice(cursor.at))
  if (!found) {
    cursor.at++
    return '$'
  }
  cursor.at += found[0].length
  const value = variables.get(found[1] ?? found[2] ?? '') ?? ''
  if (found[3] === '-' && value === '') return expandVariables(found[4] ?? '', variables)
  if (found[3] === '+') return value === '' ? '' : expandVariables(found[4] ?? '', variables)
  return value
}
