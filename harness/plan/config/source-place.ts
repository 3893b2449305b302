/** Where in the text of a module the value at some keys of its default export stands, as far as it is written out there. */

/** Comments, and strings, which may hold what looks like a comment. */
const commentsAndStrings = /\/\/[^\n]*|\/\*[^]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g

/** `shown:line:column` of the last of the keys that is found, each after the one before; `shown` alone where none is. */
export function findKeyPlace(shown: string, text: string, keys: readonly PropertyKey[]): string {
  const code = text.replaceAll(commentsAndStrings, (part) =>
    /^\/[/*]/.test(part) ? part.replaceAll(/[^\n]/g, ' ') : part,
  )
  let place: number | null = null
  let from = Math.max(0, code.lastIndexOf('export default'))
  for (const key of keys) {
    // An element of a list has no name.
    if (typeof key === 'number') continue
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
