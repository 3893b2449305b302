/** Finds the value of a key of a module's default export in its text, as far as it is written there literally. */

/** Comments and strings, either of which may contain text that looks like the other, or like a key. */
const commentsAndStrings = /\/\/[^\n]*|\/\*[^]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g

/** `shown:line:column` of the last key that is found, each after the one before, or of their list; else `shown` alone. */
export function findKeyPlace(shown: string, text: string, keys: readonly PropertyKey[]): string {
  const code = text.replaceAll(commentsAndStrings, (part, at: number) => {
    const end = at + part.length
    const isKey = !part.startsWith('/') && /^\s*:/.test(text.slice(end, end + 10))
    return isKey ? part : part.replaceAll(/[^\n]/g, ' ')
  })
  let place: number | null = null
  let from = Math.max(0, code.lastIndexOf('export default'))
  for (const key of keys) {
    // An element of a list has no name, and earlier elements may have the same key.
    if (typeof key === 'number') break
    const name = String(key).replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
    const found = new RegExp(String.raw`(?<![\w$.])(?:${name}|'${name}'|"${name}")\s*:`, 'g')
    found.lastIndex = from
    const match = found.exec(code)
    if (match === null) break
    place = match.index
    from = found.lastIndex
  }
  if (place === null) return shown
  const before = code.slice(0, place).split('\n')
  return `${shown}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}
