/**
 * A request as one JSON array. There are many in a run, so their names are left out and their times are kept as
 * differences, which are short and alike and compress well:
 *
 *     ["request", driver, seq, lane, outcome, due, sent, connected, firstByte, settled, status, connection, use, idle,
 *      bytes, pod, previousPod, localPort, detail]
 *
 * The fields and their order are those of `requestFields`. An instant is µs since the last one before it in the list that is not
 * null; the first, `due`, is µs on the run's clock. A request due at 1,000 µs and sent at 1,080 that was refused at 1,300 has
 * `1000,80,null,null,220`.
 */
import { lanes } from '../model/plan.ts'
import { requestFields, requestOutcomes, schema1FieldCount } from '../model/record.ts'
import type { RequestField, RequestRecord } from '../model/record.ts'
import { LogError, formatValue } from './log-error.ts'

export const requestTag = 'request'

const laneNames: ReadonlySet<unknown> = new Set(lanes)
const outcomeNames: ReadonlySet<unknown> = new Set(requestOutcomes)

export function encodeRequest(request: RequestRecord): string {
  // Written piece by piece: at a million requests JSON.stringify of an array takes twice as long.
  let line = `["${requestTag}"`
  let originUs = 0
  for (const field of requestFields) {
    const value = request[field.name]
    checkValue(field, value)
    if (typeof value === 'string') line += field.kind === 'text' ? `,${JSON.stringify(value)}` : `,"${value}"`
    else if (field.kind === 'instant' && value !== null) {
      line += `,${value - originUs}`
      originUs = value
    } else line += `,${value}`
  }
  return `${line}]`
}

/** Throws a LogError for anything but what `encodeRequest` writes, or wrote before a field was added. */
export function decodeRequest(values: readonly unknown[]): RequestRecord {
  const count = values.length - 1
  if (count < schema1FieldCount || count > requestFields.length)
    throw new LogError(`a request has ${requestFields.length} fields, found ${count}`)
  const request: Record<string, unknown> = {}
  let originUs = 0
  for (let place = 0; place < requestFields.length; place++) {
    const field = requestFields[place]!
    let value = place < count ? values[place + 1] : null
    if (field.kind === 'instant' && typeof value === 'number') originUs = value += originUs
    checkValue(field, value)
    request[field.name] = value
  }
  return request as RequestRecord
}

/** What is written can be read: the same rules hold on both ways. */
function checkValue(field: RequestField, value: unknown): void {
  if (value === null ? field.nullable : isValid(field, value)) return
  throw new LogError(`${field.name} of a request cannot be ${formatValue(value)}`)
}

function isValid(field: RequestField, value: unknown): boolean {
  switch (field.kind) {
    case 'count':
      return isCount(value) && !('below' in field && value >= field.below)
    case 'duration':
      return isCount(value)
    case 'instant':
      return Number.isSafeInteger(value)
    case 'text':
      return typeof value === 'string'
    case 'lane':
      return laneNames.has(value)
    case 'outcome':
    default:
      return outcomeNames.has(value)
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
