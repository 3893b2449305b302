/** For tests: what the lines of one container tell. */
import { createLineParser } from './server-log.ts'

/** The lines that told of a moment, each with what it told. */
export function listMoments(lines: readonly string[]): [line: string, moment: string, detail: string | null][] {
  const parse = createLineParser()
  return lines.flatMap((line) => {
    const found = parse(line)
    if (found === null || 'id' in found) return []
    return [found].flat().map(({ moment, detail }): [string, string, string | null] => [line, moment, detail])
  })
}
