/**
 * Requests in a server's log as one JSON array, in columns, because there are about two such entries for each request.
 *
 *     ["served", t, pod, container, role, errorUs, driver, seqs, times, tooks, statuses, upstreams, cuts]
 *
 * `seqs` are differences, each from the one before it and the first from 0; so are `times` (µs), the first from `t`. `tooks` are µs.
 * `statuses` is one number if all are equal. `upstreams` are pairs of a line's index in the columns and its text, for lines that have one;
 * `cuts` are the indexes of incomplete responses.
 */
import { serverRoles } from '../model/record.ts'
import type { AccessLogEntry, ServedRecord } from '../model/record.ts'
import { LogError, formatValue } from './log-error.ts'

export const servedTag = 'served'
const fieldCount = 13
const roles: ReadonlySet<unknown> = new Set(serverRoles)

export function encodeServed(record: ServedRecord): string {
  checkServed(record)
  const { t, pod, container, role, errorUs, driver, lines } = record
  const statuses = lines.map(({ status }) => status)
  return JSON.stringify([
    servedTag,
    t,
    pod,
    container,
    role,
    errorUs,
    driver,
    toDifferences(
      lines.map(({ seq }) => seq),
      0,
    ),
    toDifferences(
      lines.map(({ atUs }) => atUs),
      t,
    ),
    lines.map(({ tookUs }) => tookUs),
    statuses.every((status) => status === statuses[0]) ? (statuses[0] ?? 0) : statuses,
    lines.flatMap(({ upstream }, place) => (upstream === null ? [] : [[place, upstream]])),
    lines.flatMap(({ whole }, place) => (whole ? [] : [place])),
  ])
}

/** Throws a LogError for anything that `encodeServed` does not write. */
export function decodeServed(fields: readonly unknown[]): ServedRecord {
  if (fields.length !== fieldCount) {
    throw new LogError(`what a server has seen has ${fieldCount} fields, found ${fields.length}`)
  }
  const [, t, pod, container, role, errorUs, driver, seqs, times, tooks, status, upstreams, cuts] = fields
  const seq = toSums(seqs, 0)
  const at = toSums(times, parseInteger(t))
  const took = parseList(tooks)
  const statuses = Array.isArray(status) ? parseList(status) : seq.map(() => status)
  if ([at, took, statuses].some(({ length }) => length !== seq.length)) {
    throw new LogError('the columns of what a server has seen differ in length')
  }
  const texts = new Map(parseList(upstreams).map((pair) => parseList(pair) as [unknown, unknown]))
  const cut = new Set(parseList(cuts))
  const lines = seq.map((number, place) => ({
    seq: number,
    atUs: at[place],
    tookUs: took[place],
    status: statuses[place],
    upstream: texts.get(place) ?? null,
    whole: !cut.has(place),
  })) as AccessLogEntry[]
  const record = { type: servedTag, t, pod, container, role, errorUs, driver, lines } as ServedRecord
  checkServed(record)
  return record
}

/** The same rules apply to writing and reading, so every written record can be read. */
function checkServed({ t, pod, container, role, errorUs, driver, lines }: ServedRecord): void {
  parseInteger(t)
  if (typeof pod !== 'string' || typeof container !== 'string') rejectField('place', [pod, container])
  if (!roles.has(role)) rejectField('role', role)
  if (!isCount(errorUs)) rejectField('errorUs', errorUs)
  if (!isCount(driver)) rejectField('driver', driver)
  for (const { seq, atUs, tookUs, status, upstream } of lines) {
    if (!isCount(seq)) rejectField('seq', seq)
    parseInteger(atUs)
    if (!isCount(tookUs)) rejectField('tookUs', tookUs)
    if (!isCount(status)) rejectField('status', status)
    if (upstream !== null && typeof upstream !== 'string') rejectField('upstream', upstream)
  }
}

function rejectField(name: string, value: unknown): never {
  throw new LogError(`${name} of what a server has seen cannot be ${formatValue(value)}`)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function parseInteger(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number
  throw new LogError(`a time of what a server has seen must be whole µs, found ${formatValue(value)}`)
}

function parseList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  throw new LogError(`a column of what a server has seen must be a list, found ${formatValue(value)}`)
}

function toDifferences(values: readonly number[], origin: number): number[] {
  return values.map((value, place) => value - (values[place - 1] ?? origin))
}

function toSums(column: unknown, origin: number): number[] {
  let sum = origin
  return parseList(column).map((difference) => (sum += parseInteger(difference)))
}
