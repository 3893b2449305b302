/** A record of the event log ⇄ one line of JSON, checked on both ways: what was written can be read. */
import { messageOf } from '../base/fault.ts'
import type { LogRecord } from '../model/record.ts'
import { LogError, shown } from './log-error.ts'
import { checkRecord } from './record-schema.ts'
import { decodeRequest, encodeRequest, requestTag } from './request-line.ts'
import { decodeServed, encodeServed, servedTag } from './served-line.ts'
import { decodeSummary, encodeSummary, summaryTag } from './summary-line.ts'

/** One line, without its line feed. Throws a LogError for a record that could not be read again. */
export function encode(record: LogRecord): string {
  if (record.type === 'request') return encodeRequest(record.request)
  if (record.type === 'summary') return encodeSummary(record.summary)
  return record.type === 'served' ? encodeServed(record) : JSON.stringify(checkRecord(record))
}

/** Ten times the longest that is written: to parse a line takes up to a hundred times its length. */
const longestLine = 1 << 20

/** Throws a LogError for a line that is not exactly one record. */
export function decode(line: string): LogRecord {
  if (line.length > longestLine) throw new LogError(`a line of ${line.length} characters`)
  const value = parse(line)
  if (!Array.isArray(value)) return checkRecord(value)
  if (value[0] === summaryTag) return { type: 'summary', summary: decodeSummary(value) }
  if (value[0] === servedTag) return decodeServed(value)
  if (value[0] !== requestTag) throw new LogError(`a line cannot begin with ${shown(value[0])}`)
  return { type: 'request', request: decodeRequest(value) }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new LogError(`not JSON: ${messageOf(error)}`)
  }
}
