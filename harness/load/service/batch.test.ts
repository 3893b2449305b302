import { expect, test } from 'vitest'
import { buildRequest } from '../../testing/samples/records.ts'
import { toRecords } from '../driver/request-row.ts'
import { decodeBatch, encodeBatch } from './batch.ts'
import { RecordBuffer } from '../driver/record-buffer.ts'
import { RequestState } from '../driver/request-state.ts'

/** The driver's batch of the records after number `after`. */
function encodeAfter(after: number): Buffer {
  const health = { planned: 6, settled: 6, inFlight: 0, loopDelayMaxUs: 0, cpuShare: 0 }
  const batch = {
    ...createWrappedBuffer().slice(after, 1000),
    runToken: 'run',
    driver: 2,
    planned: 6,
    done: true,
    health,
  }
  return encodeBatch(batch)
}

/** A ring of four that has wrapped around one and a half times. */
function createWrappedBuffer(): RecordBuffer {
  const records = new RecordBuffer(4)
  for (let seq = 0; seq < 6; seq++) {
    records.acknowledge(seq - 3)
    const request = Object.assign(new RequestState('reused', 7), {
      seq,
      dueUs: 1e12 + seq,
      sentUs: 1e12 + seq + 30,
      pod: `pod-${seq % 2}`,
    })
    if (seq % 2 === 1) Object.assign(request, { firstByteUs: 1e12 + seq + 200, status: 200 })
    if (seq % 2 === 1) request.settle('ok', 1e12 + seq + 500, null)
    else request.settle('reset-before-response', 1e12 + seq + 500, `RST after ${seq}`)
    records.add(request)
  }
  return records
}

test('batch: records come out as they went in, also where the ring wrapped', () => {
  const records = toRecords(decodeBatch(encodeAfter(2)), 2, 1e12)
  const common = {
    driver: 2,
    lane: 'reused',
    connection: 7,
    bytes: 0,
    use: 0,
    connectedUs: null,
    previousPod: null,
    localPort: null,
  } as const
  const lost = { ...common, outcome: 'reset-before-response', firstByteUs: null, status: null, pod: 'pod-0' } as const
  const answered = { ...common, outcome: 'ok', status: 200, pod: 'pod-1', detail: null } as const
  expect(records).toEqual([
    buildRequest({ ...lost, seq: 2, dueUs: 2, sentUs: 32, settledUs: 502, detail: 'RST after 2' }),
    buildRequest({ ...answered, seq: 3, dueUs: 3, sentUs: 33, firstByteUs: 203, settledUs: 503 }),
    buildRequest({ ...lost, seq: 4, dueUs: 4, sentUs: 34, settledUs: 504, detail: 'RST after 4' }),
    buildRequest({ ...answered, seq: 5, dueUs: 5, sentUs: 35, firstByteUs: 205, settledUs: 505 }),
  ])
})

test('batch: reads the same from a machine of the other byte order', () => {
  const batch = encodeAfter(2)
  const end = batch.indexOf('\n') + 1
  const swapped = Buffer.from(batch)
  swapped.subarray(end).swap64()
  swapped.write(batch.includes('"LE"') ? 'BE' : 'LE', batch.indexOf('"byteOrder":"') + '"byteOrder":"'.length)
  expect(decodeBatch(swapped)).toEqual(decodeBatch(batch))
})

test('batch: one that was cut short on the way is refused', () => {
  const whole = encodeAfter(2)
  for (let length = 0; length < whole.length; length++) {
    expect(() => decodeBatch(whole.subarray(0, length))).toThrow(/Cannot read a batch of 4 records|JSON/)
  }
  expect(decodeBatch(whole).count).toBe(4)
})

test('batch: rows of other columns are refused, of the same length too', () => {
  const batch = encodeAfter(2)
  batch.write('dueUs","lane', batch.indexOf('lane","outc'))
  expect(() => decodeBatch(batch)).toThrow('their columns are seq,dueUs')
})
