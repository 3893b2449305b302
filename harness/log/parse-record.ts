/** Checks a line of the event log with the schema of its record. */
import { plainRecords } from '../model/plain-record.ts'
import type { PlainRecord, PlainRecordType } from '../model/plain-record.ts'
import { LogError, formatValue } from './log-error.ts'

const mostFaults = 5

/** Returns `value` as a record; throws a LogError that says what is wrong with it. */
export function parseRecord(value: unknown): PlainRecord {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type !== 'string' || !Object.hasOwn(plainRecords, type)) {
    throw new LogError(`a record cannot be of type ${formatValue(type)}`)
  }
  const result = plainRecords[type as PlainRecordType].safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues
    .slice(0, mostFaults)
    .map(({ path, message }) => `${path.join('.') || 'record'}: ${message.slice(0, 100)}`)
  throw new LogError(`a ${type} record is malformed (${faults.join('; ')})`)
}
