/** The commands of a section of README.md, as a reader copies them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One command for each line of its `sh` blocks, without the remark after it; a line that ends in `\` continues in the next. */
export function readReadmeCommands(heading: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')
  const section = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`README.md has no section "${heading}"`)
  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/\s+# .*$/, '').trim())
      .filter((line) => line !== ''),
  )
}
