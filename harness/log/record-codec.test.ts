import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requestFields, serverRoles } from '../model/record.ts'
import type { LogRecord, RequestRecord, ServedRecord } from '../model/record.ts'
import { getRecordedDir, recordedRuns } from '../testing/recorded-runs.ts'
import { anyRequest } from '../testing/samples/any-request.ts'
import { containerAt, endpointsAt, podAt, programmedAt, buildRequest, stepAt } from '../testing/samples/records.ts'
import { decodeRecord, encodeRecord } from './record-codec.ts'
import { LogError } from './log-error.ts'

const us = fc.integer({ min: -(10 ** 12), max: 10 ** 12 })
const count = fc.nat()
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
test('request line: every request survives, whatever its texts hold', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const line = encodeRecord({ type: 'request', request })
      expect(line).not.toContain('\n')
      expect(decodeRecord(line)).toEqual({ type: 'request', request })
    }),
  )
})

/** The line as documented in docs/log-format.md. */
function toDocumentedLine(request: RequestRecord): string {
  let originUs = 0
  const values = requestFields.map(({ name, kind }) => {
    const value = request[name]
    if (kind !== 'instant' || typeof value !== 'number') return value
    const difference = value - originUs
    originUs = value
    return difference
  })
  return JSON.stringify(['request', ...values])
}

test('request line: JSON of the documented array, byte for byte', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      expect(encodeRecord({ type: 'request', request })).toBe(toDocumentedLine(request))
    }),
    { numRuns: 1_000 },
  )
})

test.each(recordedRuns)('request line: the log of $name is written again as it is', ({ name }) => {
  const log = zstdDecompressSync(readFileSync(join(getRecordedDir(name), 'events.jsonl.zst'))).toString()
  const lines = log.split('\n').filter((line) => line.startsWith('["request"'))
  expect(lines.length).toBeGreaterThan(100)
  expect(lines.map((line) => encodeRecord(decodeRecord(line)))).toEqual(lines)
})

const anyServed: fc.Arbitrary<ServedRecord> = fc.record({
  type: fc.constant('served' as const),
  t: us,
  pod: fc.string({ unit: 'binary' }),
  container: fc.string(),
  role: fc.constantFrom(...serverRoles),
  errorUs: count,
  driver: fc.nat(16_383),
  lines: fc.array(
    fc.record({
      seq: fc.integer({ min: 0, max: 2 ** 39 - 1 }),
      atUs: us,
      tookUs: count,
      status: fc.constantFrom(200, 200, 499, 502),
      upstream: nullable(fc.string({ unit: 'binary' })),
      whole: fc.boolean(),
    }),
  ),
})

test('served line: everything survives being written and read', () => {
  fc.assert(
    fc.property(anyServed, (served) => {
      const line = encodeRecord(served)
      expect(line).not.toContain('\n')
      expect(decodeRecord(line)).toEqual(served)
    }),
  )
})

test('served line: written in the documented columns', () => {
  const line = { seq: 40, atUs: 1_500, tookUs: 101_000, status: 200, upstream: null, whole: true }
  const second = { seq: 43, atUs: 1_700, tookUs: 90_000, status: 200, upstream: '502, 200', whole: false }
  const record = { type: 'served', t: 2_000, pod: 'web-a', container: 'nginx', role: 'proxy' } as const
  expect(encodeRecord({ ...record, errorUs: 1_600, driver: 0, lines: [line, second] })).toBe(
    '["served",2000,"web-a","nginx","proxy",1600,0,[40,3],[-500,200],[101000,90000],200,[[1,"502, 200"]],[1]]',
  )
})

const others: LogRecord[] = [
  { type: 'begin', t: 0, schema: 1, runId: 'r', planDigest: 'abc', wallClock: '2026-01-01T00:00:00.000Z' },
  { type: 'deployed', t: 1, planDigest: 'abd' },
  stepAt(7, 'failed', 'line\nfeed \u2028 "quote"'),
  podAt(1, 'added', 'web-a', {
    containers: [{ name: 'nginx', ready: true, restarts: 0, state: 'terminated', exitCode: 137 }],
  }),
  endpointsAt(2, ['web-a', 'web-b']),
  containerAt(-3, { pod: 'web-a', container: 'nginx' }, 'signal', 'SIGTERM'),
  programmedAt(4, []),
  { type: 'network', t: 4, at: 3, pod: 'web-a', listenOverflows: 1, listenDrops: 2, synRetransmits: 0 },
  { type: 'log-read', t: 4, pod: 'web-a', container: 'nginx', complete: false, why: 'its stream was cut', requests: 7 },
  { type: 'event', t: 5, object: 'Pod/web-a', reason: 'Killing', message: '' },
  { type: 'eviction', t: 6, pod: 'web-a', status: 429, message: 'budget' },
  { type: 'gap', t: 8, from: 7, what: 'pods', why: 'cut' },
  { type: 'tracking', t: 8, node: 'node-1', state: 'lossy', from: 7, why: 'no room' },
  {
    type: 'translation',
    t: 9,
    driver: 0,
    errorUs: 5_600,
    to: ['10.244.1.2:8080', '10.244.1.3:8080'],
    ports: [40_000, 40_001, 40_000],
    times: [-8, 2, 3],
    places: [0, 1, 1],
  },
  { type: 'clock', t: 9, driver: 1, offsetUs: -3.5, errorUs: 12.25 },
  {
    type: 'driver',
    t: 10,
    driver: 0,
    health: {
      planned: 1,
      settled: 1,
      inFlight: 0,
      loopDelayMaxUs: 1.5,
      cpuShare: 0.25,
      waitShare: 0.01,
      stolenShare: 0.02,
      idleShare: 0.4,
    },
  },
  { type: 'end', t: 11, driver: 2, planned: 5_000, lost: null },
]

test.each(others.map((record) => [record.type, record] as const))('a record of type %s survives', (_, record) => {
  expect(decodeRecord(encodeRecord(record))).toEqual(record)
})

test('a translation whose columns differ in length is refused', () => {
  const columns = { ports: [40_000], times: [0], places: [] }
  const record = { type: 'translation', t: 9, driver: 0, errorUs: 1, to: ['10.244.1.2:8080'], ...columns } as const
  expect(() => decodeRecord(JSON.stringify(record))).toThrow(/columns differ in length/)
})

test('request line: documented order of fields, times as differences', () => {
  const request = buildRequest({ dueUs: 1_000, sentUs: 1_080, connectedUs: null, firstByteUs: null })
  expect(
    encodeRecord({ type: 'request', request: { ...request, settledUs: 1_300, outcome: 'refused', status: null } }),
  ).toBe('["request",0,0,"fresh","refused",1000,80,null,null,220,null,1,1,0,300,"web-a",null,40000,null]')
})

test.each(requestFields.map((field) => [field.name, field] as const))(
  'request line: %s holds only what it may',
  (name, field) => {
    const reject = (value: unknown): void =>
      expect(() => encodeRecord({ type: 'request', request: { ...buildRequest(), [name]: value } })).toThrow(
        `${name} of a request cannot be`,
      )
    reject(undefined)
    reject(field.kind === 'text' ? 1 : 'slow')
    if (!field.nullable) reject(null)
    if (field.kind === 'count' || field.kind === 'duration') reject(-1)
    if ('below' in field) reject(field.below)
  },
)

describe('a line that is not exactly one record is rejected', () => {
  const whole = encodeRecord({ type: 'request', request: buildRequest() })
  const replaceInLine = (from: string, to: string) => whole.replace(from, to)
  test.each([
    ['nothing', ''],
    ['half a record', whole.slice(0, -5)],
    ['two records', whole + whole],
    ['a field too few', replaceInLine(',null]', ']')],
    ['a field too many', replaceInLine(',null]', ',null,1]')],
    ['a number as text', replaceInLine(',40000,', ',"40000",')],
    ['a time that is not whole', replaceInLine(',200,', ',200.5,')],
    ['a time beyond what a double counts', replaceInLine(',100,200,', ',100,9007199254740991,')],
    ['an outcome that is not in the list', replaceInLine('"ok"', '"fine"')],
    ['a lane that is not in the list', replaceInLine('"fresh"', '"slow"')],
    ['a negative count of bytes', replaceInLine(',300,', ',-300,')],
    ['an array of something else', '["requests",1]'],
    ['a number', '5'],
    ['a type that is never written', '{"type":"toString","t":1}'],
    ['a type that is inherited', '{"t":1,"__proto__":{"type":"end"}}'],
    ['a record with a field too many', '{"type":"end","t":1,"planned":2,"also":3}'],
    ['a record with a field too few', '{"type":"end","t":1}'],
    ['a log of another schema', '{"type":"begin","t":0,"schema":2,"runId":"r","wallClock":""}'],
  ])('%s', (_, line) => {
    expect(() => decodeRecord(line)).toThrow(LogError)
  })

  test('one changed character gives a LogError or another valid record', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (place, text) => {
        const line = whole.slice(0, place) + text + whole.slice(place + 1)
        try {
          expect(encodeRecord(decodeRecord(line))).toBeTypeOf('string')
        } catch (error) {
          expect(error).toBeInstanceOf(LogError)
        }
      }),
    )
  })
})

test('codec: a record that could not be read is refused when written', () => {
  expect(() => encodeRecord({ type: 'request', request: buildRequest({ settledUs: Number.NaN }) })).toThrow(/settledUs/)
  expect(() => encodeRecord({ type: 'end', t: 0.5, driver: 0, planned: 1, lost: null })).toThrow(
    /end record is malformed \(t:/,
  )
})
