import { expect, test } from 'vitest'
import { outcomes } from '../../model/record.ts'
import type { RequestRecord } from '../../model/record.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { computeLossInstants } from './loss-instants.ts'

const ms = 1_000
const usualUs = 110 * ms
/** Sent at 1 ms, connected at 2, first byte at 90, over at 5,000; each only if the request got that far. */
const createRequest = (fields: Partial<RequestRecord>): RequestRecord =>
  buildRequest({ sentUs: ms, connectedUs: 2 * ms, firstByteUs: null, settledUs: 5_000 * ms, ...fields })
const computeLost = (fields: Partial<RequestRecord>): [number, string] => {
  const { lostUs, lostBy } = computeLossInstants(createRequest(fields), usualUs)
  return [lostUs / ms, lostBy]
}
const noConnection = { connectedUs: null }
const begun = { firstByteUs: 90 * ms }

test('every outcome but ok has its instant, which is within the request', () => {
  for (const outcome of outcomes.filter((one) => one !== 'ok')) {
    for (const more of [noConnection, {}, begun]) {
      const one = createRequest({ outcome, ...more })
      const { beganUs, lostUs } = computeLossInstants(one, usualUs)
      expect(beganUs).toBe(ms)
      expect(lostUs).toBeGreaterThanOrEqual(ms)
      expect(lostUs).toBeLessThanOrEqual(one.settledUs)
    }
  }
})

test('unanswered SYNs: lost with the first of them, whenever it was noticed', () => {
  expect(computeLost({ outcome: 'connect-timeout', ...noConnection })).toEqual([1, 'first-syn'])
  expect(computeLost({ outcome: 'unreachable', ...noConnection, settledUs: 3_070 * ms })).toEqual([1, 'first-syn'])
  expect(computeLost({ outcome: 'in-flight', ...noConnection })).toEqual([1, 'first-syn'])
})

test('a refusal answers the latest SYN', () => {
  expect(computeLost({ outcome: 'refused', ...noConnection, settledUs: 1_002 * ms })).toEqual([1_002, 'last-syn'])
})

test('silence: lost from when an answer usually comes', () => {
  expect(computeLost({ outcome: 'timeout-headers' })).toEqual([112, 'answer-due'])
  expect(computeLost({ outcome: 'in-flight', settledUs: 50 * ms })).toEqual([50, 'answer-due'])
  expect(computeLost({ outcome: 'unreachable' })).toEqual([112, 'answer-due'])
  expect(computeLost({ outcome: 'http-5xx', status: 504, firstByteUs: 3_000 * ms })).toEqual([112, 'answer-due'])
})

test('failures: with the first byte of an answer; cuts: when they happen', () => {
  expect(computeLost({ outcome: 'http-5xx', status: 502, ...begun })).toEqual([90, 'first-byte'])
  expect(computeLost({ outcome: 'timeout-body', ...begun })).toEqual([90, 'first-byte'])
  expect(computeLost({ outcome: 'truncated', ...begun })).toEqual([5_000, 'failure'])
  expect(computeLost({ outcome: 'closed-before-response' })).toEqual([5_000, 'failure'])
})
