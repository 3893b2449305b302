/** Text that does harm if it is interpreted as markup, script, terminal control or reading order. */
export const hostileTexts: readonly string[] = [
  '<script>window.harmed = true</script>',
  '</script><script>window.harmed = true</script>',
  '"><img src=x onerror="window.harmed = true">',
  "' autofocus onfocus='window.harmed = true",
  '</title></style><svg onload="window.harmed = true">',
  '<!--<script>',
  ']]><x/>&lt;&#0;',
  '\u001b[31mred\u001b[0m\u0007\r\n\u0000',
  'pod\u202Egnp.exe\u2066\u200b\ufeff\u2028\u2029',
  '\ud800 lone',
  '=cmd|`x` | [link](https://example.invalid) @someone ![i](https://example.invalid/i.png)',
  'javascript:window.harmed = true',
  '${window.harmed = true}&amp;%3Cscript%3E',
]

const closedFields = new Set([
  'kind',
  'level',
  'lane',
  'outcome',
  'phase',
  'attributedBy',
  'moment',
  'source',
  'fate',
  'role',
  'expects',
  'cluster',
  'verdict',
  'state',
  'ending',
])

/**
 * The same value with every text in it replaced by a hostile one, each time the next; only closed lists of words, which a reader of logs
 * has already checked, stay unchanged. Equal texts stay equal.
 */
export function poisonTexts<T>(value: T): T {
  const replaced = new Map<string, string>()
  const poisonText = (text: string) => {
    const known = replaced.get(text)
    if (known !== undefined) return known
    const made = `${hostileTexts[replaced.size % hostileTexts.length]} ${replaced.size}`
    replaced.set(text, made)
    return made
  }
  const visitPart = (part: unknown, key: string, inMoment: boolean): unknown => {
    if (typeof part === 'string') return closedFields.has(key) || (inMoment && key === 'name') ? part : poisonText(part)
    if (Array.isArray(part)) return part.map((each) => visitPart(each, key, false))
    if (part === null || typeof part !== 'object') return part
    return Object.fromEntries(
      Object.entries(part).map(([name, each]) => [name, visitPart(each, name, key === 'moment')]),
    )
  }
  return visitPart(value, '', false) as T
}
