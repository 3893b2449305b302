/** Parses servers' logs. All knowledge about particular servers is in this folder. */
import type { AccessLogLine, JsonLine, LineMessage, LineParser } from './log-line.ts'
import { serverFormats } from './server-formats.ts'
import type { ServerFormat } from './server-formats.ts'

const formats: readonly ServerFormat[] = Object.values(serverFormats)

/** A parser for a container whose server is not known yet: the lines themselves identify it. */
export function createLineParser(): LineParser {
  const parsers = formats.flatMap(({ createParser }) => createParser?.() ?? [])
  return (line) => {
    const found = line.startsWith('{') ? parseJsonLine(line) : findFirst(parsers, (parse) => parse(line))
    return found !== null && 'id' in found && !hasFigures(found) ? null : found
  }
}

function parseJsonLine(line: string): LineMessage | null {
  const fields = parseObject(line)
  return fields && findFirst(formats, ({ parseJson }) => parseJson?.(fields) ?? null)
}

function findFirst<T>(choices: readonly T[], parse: (choice: T) => LineMessage | null): LineMessage | null {
  for (const choice of choices) {
    const found = parse(choice)
    if (found !== null) return found
  }
  return null
}

function hasFigures({ status, tookUs }: AccessLogLine): boolean {
  return isCount(status) && isCount(tookUs)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function parseObject(line: string): JsonLine | null {
  try {
    return JSON.parse(line) as JsonLine
  } catch {
    return null
  }
}
