/**
 * The words of a Dockerfile instruction: quotes, escapes and variables (Dockerfile reference, "Environment replacement"). Parsers of
 * Dockerfiles leave this to the build, because it depends on earlier instructions.
 */

export interface Scope {
  variables: ReadonlyMap<string, string>
  /** The escape character; see `parseInstructions`. */
  escape: string
}

interface Cursor extends Scope {
  readonly text: string
  at: number
}

/** Splits at blanks outside of quotes and inserts the values of variables. */
export function splitWords(text: string, scope: Scope): string[] {
  const cursor: Cursor = { ...scope, text, at: 0 }
  const words: string[] = []
  let word: string | undefined
  while (cursor.at < text.length) {
    if (/\s/.test(text.charAt(cursor.at))) {
      if (word !== undefined) words.push(word)
      word = undefined
      cursor.at++
    } else word = (word ?? '') + readPiece(cursor)
  }
  return word === undefined ? words : [...words, word]
}

/** The text as one word, for instructions that take the rest of their line. */
export function expandVariables(text: string, scope: Scope): string {
  const cursor: Cursor = { ...scope, text, at: 0 }
  let result = ''
  while (cursor.at < text.length) result += readPiece(cursor)
  return result
}

function readPiece(cursor: Cursor): string {
  const character = cursor.text.charAt(cursor.at)
  if (character === cursor.escape) {
    cursor.at += 2
    return cursor.text.charAt(cursor.at - 1)
  }
  if (character === '$') return readVariable(cursor)
  cursor.at++
  if (character === "'") return readUntil(cursor, "'", () => cursor.text.charAt(cursor.at++))
  if (character === '"') return readUntil(cursor, '"', () => readPiece(cursor))
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
function readVariable(cursor: Cursor): string {
  const found = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::([-+])([^}]*))?\})/.exec(cursor.text.slice(cursor.at))
  if (!found) {
    cursor.at++
    return '$'
  }
  cursor.at += found[0].length
  const [, plain, braced, operator, word = ''] = found
  const value = cursor.variables.get(plain ?? braced ?? '') ?? ''
  if (operator === '-' && value === '') return expandVariables(word, cursor)
  if (operator === '+') return value === '' ? '' : expandVariables(word, cursor)
  return value
}
