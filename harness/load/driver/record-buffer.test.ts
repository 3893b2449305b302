import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requestFields } from '../../model/record.ts'
import type { RequestRecord } from '../../model/record.ts'
import { anyRequest, latestUs } from '../../testing/samples/any-request.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { RecordBuffer } from './record-buffer.ts'
import { rowColumns, rowLength, toRecords } from './request-row.ts'
import { RequestState } from './request-state.ts'

function addRecord(records: RecordBuffer, seq: number): void {
  const request = Object.assign(new RequestState('fresh'), { seq, dueUs: seq })
  request.settle('overload', seq, `no ${seq}`)
  records.add(request)
}

test('record buffer: takes no more when full, forgets what was acknowledged', () => {
  const records = new RecordBuffer(3)
  for (const seq of [0, 1, 2]) addRecord(records, seq)
  expect(() => addRecord(records, 3)).toThrow('the buffer is full')
  records.acknowledge(2)
  for (const seq of [3, 4]) addRecord(records, seq)
  const slice = records.slice(2, 10)
  expect(slice.first).toBe(3)
  expect(toRecords(slice, 0, 0).map(({ seq, detail }) => [seq, detail])).toEqual([
    [2, 'no 2'],
    [3, 'no 3'],
    [4, 'no 4'],
  ])
})

test('record buffer: every field of the table comes out as it was put in', () => {
  const seq = requestFields.findIndex(({ name }) => name === 'seq')
  expect(rowColumns).toEqual(requestFields.map(({ name }) => name).toSpliced(seq - 1, 1))
  const record = buildRequest({ driver: 3, seq: 7, previousPod: 'web-b', idleUs: 12, use: 4, detail: 'ended by close' })
  const records = new RecordBuffer(2)
  records.add(Object.assign(new RequestState(record.lane), record))
  expect(toRecords(records.slice(0, 1), 3, 0)).toEqual([record])
})

/** The state of the request in a driver whose clock is `latestUs` ahead: no time is negative. */
function toState(record: RequestRecord): RequestState {
  const state = new RequestState(record.lane)
  for (const { name, kind } of requestFields) {
    const value = record[name]
    const isNumber = kind === 'count' || kind === 'duration' || kind === 'instant'
    const ofDriver = kind === 'instant' && typeof value === 'number' ? value + latestUs : value
    Object.assign(state, { [name]: isNumber ? (ofDriver ?? -1) : value })
  }
  return state
}

test('record buffer: any request comes out as it was put in', () => {
  fc.assert(
    fc.property(anyRequest, (record) => {
      const records = new RecordBuffer(1)
      records.add(toState(record))
      expect(toRecords(records.slice(0, 1), record.driver, latestUs)).toEqual([record])
    }),
  )
})

test.each(requestFields.flatMap(({ name, nullable }) => (nullable || name === 'driver' ? [] : [name])))(
  'record buffer: %s is always there',
  (name) => {
    const records = new RecordBuffer(1)
    addRecord(records, 0)
    const slice = records.slice(0, 1)
    slice.rows[rowColumns.indexOf(name)] = -1
    expect(() => toRecords(slice, 0, 0)).toThrow(`Cannot read record 0 of a batch: no such ${name}`)
  },
)

test("record buffer: null for what never came, instants on the run's clock", () => {
  const records = new RecordBuffer(1)
  const request = Object.assign(new RequestState('control'), { seq: 9, dueUs: 5_000_100 })
  request.settle('stopped', 5_000_300, null)
  records.add(request)
  expect(toRecords(records.slice(0, 1), 0, 5_000_000)).toEqual([
    {
      driver: 0,
      seq: 9,
      lane: 'control',
      outcome: 'stopped',
      dueUs: 100,
      sentUs: null,
      connectedUs: null,
      firstByteUs: null,
      settledUs: 300,
      status: null,
      connection: null,
      use: 0,
      idleUs: 0,
      bytes: 0,
      pod: null,
      previousPod: null,
      localPort: null,
      detail: null,
    },
  ])
})

test('record buffer: a number that stands for nothing is no record', () => {
  const records = new RecordBuffer(1)
  addRecord(records, 0)
  const slice = records.slice(0, 1)
  slice.rows[rowColumns.indexOf('outcome')] = 99
  expect(slice.rows.length).toBe(rowLength)
  expect(() => toRecords(slice, 0, 0)).toThrow('Cannot read record 0 of a batch: no such outcome')
})
