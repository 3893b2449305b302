import { expect, test } from 'vitest'
import { outcomes } from '../../model/record.ts'
import type { RequestRecord } from '../../model/record.ts'
import { requestOf } from '../../testing/samples/records.ts'
import { instantsOf } from './loss-instants.ts'

const ms = 1_000
const usualUs = 110 * ms
/** Sent at 1 ms, connected at 2, first byte at 90, over at 5,000; each only where the request came so far. */
const request = (fields: Partial<RequestRecord>): RequestRecord =>
  requestOf({ sentUs: ms, connectedUs: 2 * ms, firstByteUs: null, settledUs: 5_000 * ms, ...fields })
const lost = (fields: Partial<RequestRecord>): [number, string] => {
  const { lostUs, lostBy } = instantsOf(request(fields), usualUs)
  return [lostUs / ms, lostBy]
}
const noConnection = { connectedUs: null }
const begun = { firstByteUs: 90 * ms }

test('every outcome but ok has its instant, which is within the request', () => {
  for (const outcome of outcomes.filter((one) => one !== 'ok')) {
    for (const more of [noConnection, {}, begun]) {
      const one = request({ outcome, ...more })
      const { beganUs, lostUs } = instantsOf(one, usualUs)
      expect(beganUs).toBe(ms)
      expect(lostUs).toBeGreaterThanOrEqual(ms)
      expect(lostUs).toBeLessThanOrEqual(one.settledUs)
    }
  }
})

test('what no SYN got an answer for was lost with the first of them, whenever that was noticed', () => {
  expect(lost({ outcome: 'connect-timeout', ...noConnection })).toEqual([1, 'first-syn'])
  expect(lost({ outcome: 'unreachable', ...noConnection, settledUs: 3_070 * ms })).toEqual([1, 'first-syn'])
  expect(lost({ outcome: 'in-flight', ...noConnection })).toEqual([1, 'first-syn'])
})

test('a refusal answers the latest SYN', () => {
  expect(lost({ outcome: 'refused', ...noConnection, settledUs: 1_002 * ms })).toEqual([1_002, 'last-syn'])
})

test('silence after a request was written is a loss from when an answer usually comes', () => {
  expect(lost({ outcome: 'timeout-headers' })).toEqual([112, 'answer-due'])
  expect(lost({ outcome: 'in-flight', settledUs: 50 * ms })).toEqual([50, 'answer-due'])
  expect(lost({ outcome: 'unreachable' })).toEqual([112, 'answer-due'])
  expect(lost({ outcome: 'http-5xx', status: 504, firstByteUs: 3_000 * ms })).toEqual([112, 'answer-due'])
})

test('an answer tells of a failure with its first byte, and a cut is noticed when it happens', () => {
  expect(lost({ outcome: 'http-5xx', status: 502, ...begun })).toEqual([90, 'first-byte'])
  expect(lost({ outcome: 'timeout-body', ...begun })).toEqual([90, 'first-byte'])
  expect(lost({ outcome: 'truncated', ...begun })).toEqual([5_000, 'failure'])
  expect(lost({ outcome: 'closed-before-response' })).toEqual([5_000, 'failure'])
})
