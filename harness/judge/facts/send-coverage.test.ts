import { expect, test } from 'vitest'
import type { LoadPlan } from '../../model/plan.ts'
import { requestOf } from '../../testing/samples/records.ts'
import { planOf, second } from '../../testing/samples/rollout-log.ts'
import { Coverage } from './send-coverage.ts'
import { RequestTable } from './request-table.ts'

const { load } = planOf().scenario
const closed: LoadPlan = { ...load, closedLoop: { engine: 'autocannon', connections: 1 } }

/** Sent at these seconds, and answered after half a second. */
function tableOf(...sent: number[]): RequestTable {
  const table = new RequestTable()
  for (const [seq, at] of sent.entries()) {
    const sentUs = at * second
    table.add(requestOf({ seq, dueUs: sentUs, sentUs, settledUs: sentUs + 0.5 * second }))
  }
  return table
}
const span = (from: number, to: number) => ({ fromUs: from * second, toUs: to * second })
const gap = (from: number, seconds: number) => ({ fromUs: from * second, us: seconds * second })

test('is the longest stretch between two sendings, whatever their order in the log', () => {
  expect(new Coverage(tableOf(1, 5, 2, 3), load).longestGap(span(1, 6))).toEqual(gap(3, 2))
})

test('begins and ends with the span', () => {
  const coverage = new Coverage(tableOf(1, 5), load)
  expect(coverage.longestGap(span(2, 4))).toEqual(gap(2, 2))
  expect(coverage.longestGap(span(2, 5.5))).toEqual(gap(2, 3))
  expect(coverage.longestGap(span(4.5, 9))).toEqual(gap(5, 4))
  expect(new Coverage(tableOf(), load).longestGap(span(0, 3))).toEqual(gap(0, 3))
})

test('of a closed loop a request in flight covers the time until it settles', () => {
  expect(new Coverage(tableOf(1, 2), closed).longestGap(span(1, 2.5))).toEqual(gap(1.5, 0.5))
})

test('what is only counted covers the time from its first due time to its last', () => {
  const table = tableOf(1, 5)
  table.summarised.add({
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
  expect(new Coverage(table, load).longestGap(span(1, 5))).toEqual(gap(1, 1))
})
