/** Converts a record of the event log to one line of JSON and back, with checks in both directions: every written record can be read. */
import { getErrorMessage } from '../base/fault.ts'
import type { LogRecord } from '../model/record.ts'
import { LogError, formatValue } from './log-error.ts'
import { parseRecord } from './parse-record.ts'
import { decodeRequest, encodeRequest, requestTag } from './request-line.ts'
import { decodeServed, encodeServed, servedTag } from './served-line.ts'
import { decodeSummary, encodeSummary, summaryTag } from './summary-line.ts'

/** One line, without its line feed. Throws a LogError for a record that could not be read back. */
export function encodeRecord(record: LogRecord): string {
  if (record.type === 'request') return encodeRequest(record.request)
  if (record.type === 'summary') return encodeSummary(record.summary)
  return record.type === 'served' ? encodeServed(record) : JSON.stringify(parseRecord(record))
}

/** Ten times the longest line that is written: parsing a line takes up to a hundred times its length in memory. */
const longestLine = 1 << 20

/** Throws a LogError for a line that is not exactly one record. */
export function decodeRecord(line: string): LogRecord {
  if (line.length > longestLine) throw new LogError(`a line of ${line.length} characters`)
  const value = parseJson(line)
  if (!Array.isArray(value)) return parseRecord(value)
  if (value[0] === summaryTag) return { type: 'summary', summary: decodeSummary(value) }
  if (value[0] === servedTag) return decodeServed(value)
  if (value[0] !== requestTag) throw new LogError(`a line cannot begin with ${formatValue(value[0])}`)
  return { type: 'request', request: decodeRequest(value) }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new LogError(`not JSON: ${getErrorMessage(error)}`)
  }
}
