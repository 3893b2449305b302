import { expect, test } from 'vitest'
import type { RequestRecord } from '../../model/record.ts'
import { createRequestChooser } from '../../model/load/request-choice.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { askedRequests } from './request-server.ts'
import { compareRecords } from './request-stage.ts'

const seed = 5
const choose = createRequestChooser(
  seed,
  askedRequests.map(({ request }) => request),
)
const nameOf = (seq: number): string => askedRequests[choose(seq)]!.request.name

/** Two hundred requests that were all answered well, and the server's record of them. */
function compare(
  change: (record: RequestRecord) => Partial<RequestRecord> | null,
  { strangers = [], forget = -1, times = 1 }: { strangers?: string[]; forget?: number; times?: number } = {},
): ReturnType<typeof compareRecords> {
  const all = Array.from({ length: 200 }, (_, seq) => buildRequest({ seq }))
  const records = all.flatMap((record) => {
    const changed = change(record)
    return changed === null ? [] : [{ ...record, ...changed }]
  })
  const truth = new Map(all.map(({ seq }) => [seq, { name: nameOf(seq), outcome: 'ok' as const, times }]))
  truth.delete(forget)
  return compareRecords(records, { planned: 200, seed, server: { truth, strangers } })
}
const right = { planned: 200, sent: 200, ok: 200, lost: 0, accountingError: 0, misclassified: 0, duplicates: 0 }

test('requests: what both sides say alike is right, and each request has its part', () => {
  const { requests, examples, ...sums } = compare(() => ({}))
  expect([sums, examples]).toMatchObject([right, []])
  // The sum of the weights is 12: 200 are 16 whole blocks and 8 more.
  const parts = requests.map(({ weight, sent }) => sent / weight)
  expect(Math.min(...parts)).toBeGreaterThanOrEqual(16)
  expect(Math.max(...parts)).toBeLessThanOrEqual(17)
})

test.each<[string, ReturnType<typeof compare>, object]>([
  ['another outcome', compare(({ seq }) => (seq === 7 ? { outcome: 'http-4xx' } : {})), { misclassified: 1, lost: 1 }],
  ['one that never came', compare(() => ({}), { forget: 7 }), { misclassified: 1 }],
  ['one without a record', compare(({ seq }) => (seq === 7 ? null : {})), { accountingError: 2, sent: 199 }],
  ['one with two records', compare(({ seq }) => (seq === 7 ? { seq: 8 } : {})), { accountingError: 3 }],
  ['one that came twice', compare(() => ({}), { times: 2 }), { duplicates: 200 }],
  ['one that is not in the list', compare(() => ({}), { strangers: ['GET /'] }), { accountingError: 1 }],
])('requests: %s is told', (_, result, sums) => {
  expect(result).toMatchObject(sums)
})

test('requests: another one than the seed says is told', () => {
  const { misclassified, examples } = compareRecords([buildRequest({ seq: 0 })], {
    planned: 1,
    seed,
    server: { truth: new Map([[0, { name: 'somebody', outcome: 'ok', times: 1 }]]), strangers: [] },
  })
  expect([misclassified, examples[0]]).toEqual([
    1,
    `request 0: the server says ok of somebody, the driver ok of ${nameOf(0)}`,
  ])
})
