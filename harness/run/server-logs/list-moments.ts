/** For tests: the moments in the lines of one container. */
import { createLineParser } from './server-log.ts'

/** The lines with a moment, each with its moment and detail. */
export function listMoments(lines: readonly string[]): [line: string, moment: string, detail: string | null][] {
  const parse = createLineParser()
  return lines.flatMap((line) => {
    const found = parse(line)
    if (found === null || 'id' in found) return []
    return [found].flat().map(({ moment, detail }): [string, string, string | null] => [line, moment, detail])
  })
}
