/**
 * What a server's log has of requests as one JSON array, in columns: there are two such lines for each request.
 *
 *     ["served", t, pod, container, role, errorUs, driver, seqs, times, tooks, statuses, upstreams, cuts]
 *
 * `seqs` are differences, each from the one before it and the first from 0; so are `times` (µs), the first from `t`. `tooks`
 * are µs. `statuses` is one number where all are the same. `upstreams` are pairs of a line's place in the columns and its text,
 * for the lines that have one; `cuts` the places of those that are not whole.
 */
import { serverRoles } from '../model/record.ts'
import type { ServedLine, ServedRecord } from '../model/record.ts'
import { LogError, shown } from './log-error.ts'

export const servedTag = 'served'
const fieldCount = 13
const roles: ReadonlySet<unknown> = new Set(serverRoles)

export function encodeServed(record: ServedRecord): string {
  check(record)
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
    differences(
      lines.map(({ seq }) => seq),
      0,
    ),
    differences(
      lines.map(({ atUs }) => atUs),
      t,
    ),
    lines.map(({ tookUs }) => tookUs),
    statuses.every((status) => status === statuses[0]) ? (statuses[0] ?? 0) : statuses,
    lines.flatMap(({ upstream }, place) => (upstream === null ? [] : [[place, upstream]])),
    lines.flatMap(({ whole }, place) => (whole ? [] : [place])),
  ])
}

/** Throws a LogError for anything but what `encodeServed` writes. */
export function decodeServed(fields: readonly unknown[]): ServedRecord {
  if (fields.length !== fieldCount) {
    throw new LogError(`what a server has seen has ${fieldCount} fields, found ${fields.length}`)
  }
  const [, t, pod, container, role, errorUs, driver, seqs, times, tooks, status, upstreams, cuts] = fields
  const seq = sums(seqs, 0)
  const at = sums(times, whole(t))
  const took = list(tooks)
  const statuses = Array.isArray(status) ? list(status) : seq.map(() => status)
  if ([at, took, statuses].some(({ length }) => length !== seq.length)) {
    throw new LogError('the columns of what a server has seen differ in length')
  }
  const texts = new Map(list(upstreams).map((pair) => list(pair) as [unknown, unknown]))
  const cut = new Set(list(cuts))
  const lines = seq.map((number, place) => ({
    seq: number,
    atUs: at[place],
    tookUs: took[place],
    status: statuses[place],
    upstream: texts.get(place) ?? null,
    whole: !cut.has(place),
  })) as ServedLine[]
  const record = { type: servedTag, t, pod, container, role, errorUs, driver, lines } as ServedRecord
  check(record)
  return record
}

/** What is written can be read: the same rules hold on both ways. */
function check({ t, pod, container, role, errorUs, driver, lines }: ServedRecord): void {
  whole(t)
  if (typeof pod !== 'string' || typeof container !== 'string') reject('place', [pod, container])
  if (!roles.has(role)) reject('role', role)
  if (!isCount(errorUs)) reject('errorUs', errorUs)
  if (!isCount(driver)) reject('driver', driver)
  for (const { seq, atUs, tookUs, status, upstream } of lines) {
    if (!isCount(seq)) reject('seq', seq)
    whole(atUs)
    if (!isCount(tookUs)) reject('tookUs', tookUs)
    if (!isCount(status)) reject('status', status)
    if (upstream !== null && typeof upstream !== 'string') reject('upstream', upstream)
  }
}

function reject(name: string, value: unknown): never {
  throw new LogError(`${name} of what a server has seen cannot be ${shown(value)}`)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function whole(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number
  throw new LogError(`a time of what a server has seen must be whole µs, found ${shown(value)}`)
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  throw new LogError(`a column of what a server has seen must be a list, found ${shown(value)}`)
}

function differences(values: readonly number[], origin: number): number[] {
  return values.map((value, place) => value - (values[place - 1] ?? origin))
}

function sums(column: unknown, origin: number): number[] {
  let sum = origin
  return list(column).map((difference) => (sum += whole(difference)))
}
