import { expect, test } from 'vitest'
import type { LoadPlan } from '../../model/plan.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { buildPlan, second } from '../../testing/samples/rollout-log.ts'
import { SendCoverage } from './send-coverage.ts'
import { RequestTable } from './request-table.ts'

const { load } = buildPlan().scenario
const closed: LoadPlan = { ...load, closedLoop: { engine: 'autocannon', connections: 1 } }

/** Sent at these seconds, each answered after half a second. */
function createTable(...sent: number[]): RequestTable {
  const table = new RequestTable()
  for (const [seq, at] of sent.entries()) {
    const sentUs = at * second
    table.add(buildRequest({ seq, dueUs: sentUs, sentUs, settledUs: sentUs + 0.5 * second }))
  }
  return table
}
const createSpan = (from: number, to: number) => ({ fromUs: from * second, toUs: to * second })
const createGap = (from: number, seconds: number) => ({ fromUs: from * second, us: seconds * second })

test('is the longest time between two sendings, in any order of the log', () => {
  expect(new SendCoverage(createTable(1, 5, 2, 3), load).findLongestGap(createSpan(1, 6))).toEqual(createGap(3, 2))
})

test('begins and ends with the span', () => {
  const coverage = new SendCoverage(createTable(1, 5), load)
  expect(coverage.findLongestGap(createSpan(2, 4))).toEqual(createGap(2, 2))
  expect(coverage.findLongestGap(createSpan(2, 5.5))).toEqual(createGap(2, 3))
  expect(coverage.findLongestGap(createSpan(4.5, 9))).toEqual(createGap(5, 4))
  expect(new SendCoverage(createTable(), load).findLongestGap(createSpan(0, 3))).toEqual(createGap(0, 3))
})

test('of a closed loop a request in flight covers the time until it settles', () => {
  expect(new SendCoverage(createTable(1, 2), closed).findLongestGap(createSpan(1, 2.5))).toEqual(createGap(1.5, 0.5))
})

test('what is only counted covers the time from its first due time to its last', () => {
  const table = createTable(1, 5)
  table.aggregated.add({
    driver: 0,
    fromUs: 2 * second,
    toUs: 4 * second,
    slowUs: 1,
    settledUs: 4 * second,
    stride: 1,
    seqs: [{ first: 100, count: 201 }],
    firstDueUs: 2 * second,
    lastDueUs: 4 * second,
    lag: { counts: [0, 201], maxUs: 0 },
    groups: [],
  })
  expect(new SendCoverage(table, load).findLongestGap(createSpan(1, 5))).toEqual(createGap(1, 1))
})
