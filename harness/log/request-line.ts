/**
 * A request as one JSON array. A run has many, so the names of fields are left out, and times are stored as differences, which are short
 * and similar and compress well:
 *
 *     ["request", driver, seq, lane, outcome, due, sent, connected, firstByte, settled, status, connection, use, idle,
 *      bytes, pod, previousPod, localPort, detail]
 *
 * The fields and their order are those of `requestFields`. An instant is µs since the last one before it in the list that is not null; the
 * first, `due`, is µs on the run's clock. A request due at 1,000 µs and sent at 1,080 that was refused at 1,300 has
 * `1000,80,null,null,220`.
 */
import { compileFunction } from '../model/compile-function.ts'
import { lanes } from '../model/plan.ts'
import { requestFields, requestOutcomes, schema1FieldCount } from '../model/record.ts'
import type { RequestField, RequestRecord } from '../model/record.ts'
import { LogError, formatValue } from './log-error.ts'

export const requestTag = 'request'

const scope = { laneNames: new Set(lanes), outcomeNames: new Set(requestOutcomes), isCount, rejectValue }

/** Throws a LogError for a request that could not be read back. */
export const encodeRequest = compileFunction(
  ['request'],
  // Written piece by piece: for a million requests JSON.stringify of an array takes twice as long.
  ['let originUs = 0', `let line = '["${requestTag}"'`, ...requestFields.map(writeField), "return line + ']'"],
  scope,
) as (request: RequestRecord) => string

/** Throws a LogError for anything that `encodeRequest` does not write, and did not write before a field was added. */
export function decodeRequest(values: readonly unknown[]): RequestRecord {
  const count = values.length - 1
  if (count < schema1FieldCount || count > requestFields.length)
    throw new LogError(`a request has ${requestFields.length} fields, found ${count}`)
  return decodeValues(values)
}

const decodeValues = compileFunction(
  ['values'],
  [
    'let originUs = 0',
    ...requestFields.map(readField),
    `return { ${requestFields.map(({ name }) => name).join(', ')} }`,
  ],
  scope,
) as (values: readonly unknown[]) => RequestRecord

function writeField(field: RequestField): string {
  const { name, kind } = field
  const written: Record<RequestField['kind'], string> = {
    count: name,
    duration: name,
    instant: `(${name} - originUs)\noriginUs = ${name}`,
    text: `JSON.stringify(${name})`,
    lane: `'"' + ${name} + '"'`,
    outcome: `'"' + ${name} + '"'`,
  }
  return `const { ${name} } = request
${field.nullable ? `if (${name} === null) line += ',null'\nelse ` : ''}{
${buildCheck(field)}
line += ',' + ${written[kind]}
}`
}

function readField(field: RequestField, place: number): string {
  const { name, kind } = field
  const isAdded = place >= schema1FieldCount
  return `let ${name} = values[${place + 1}]${isAdded ? ' ?? null' : ''}
${field.nullable ? `if (${name} !== null) ` : ''}{
${kind === 'instant' ? `if (typeof ${name} === 'number') originUs = ${name} += originUs` : ''}
${buildCheck(field)}
}`
}

/** The same rules apply to writing and reading, so every written request can be read. */
function buildCheck(field: RequestField): string {
  const { name, kind } = field
  const rules: Record<RequestField['kind'], string> = {
    count: `isCount(${name})${'below' in field ? ` && ${name} < ${field.below}` : ''}`,
    duration: `isCount(${name})`,
    instant: `Number.isSafeInteger(${name})`,
    text: `typeof ${name} === 'string'`,
    lane: `laneNames.has(${name})`,
    outcome: `outcomeNames.has(${name})`,
  }
  return `if (!(${rules[kind]})) rejectValue('${name}', ${name})`
}

function rejectValue(name: string, value: unknown): never {
  throw new LogError(`${name} of a request cannot be ${formatValue(value)}`)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
