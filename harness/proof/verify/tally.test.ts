import { expect, test } from 'vitest'
import type { RequestRecord } from '../../model/record.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { Tally } from './tally.ts'
import type { TruthLine } from './truth-log.ts'

const createServed = (seq: number, changed: Partial<TruthLine & { type: 'served' }> = {}): TruthLine => ({
  type: 'served',
  id: `mix-0-${seq}`,
  method: 'GET',
  use: 1,
  remotePort: 40_000,
  fault: 'ok',
  cut: 1,
  answered: true,
  atUs: 0,
  ...changed,
})

function computeSums(truth: TruthLine[], records: Partial<RequestRecord>[], planned = records.length) {
  const tally = new Tally(planned, { originUs: 0, timeoutUs: 1_500_000 })
  for (const line of truth) tally.addTruth(line)
  for (const record of records) tally.addRecord(buildRequest({ lane: 'reused', ...record }))
  const { accountingError, misclassified, duplicates } = tally.computeSums(planned)
  return { accountingError, misclassified, duplicates }
}

const exact = { accountingError: 0, misclassified: 0, duplicates: 0 }

test('records that agree with the server are exact', () => {
  const truth = [
    createServed(0),
    createServed(1, { fault: 'fin-in-body', use: 2 }),
    createServed(2, { fault: 'status-500', use: 1 }),
  ]
  const records = [{ seq: 0 }, { seq: 1, outcome: 'truncated', use: 2 }, { seq: 2, outcome: 'http-5xx' }] as const
  expect(computeSums(truth, [...records, { seq: 3, outcome: 'overload', sentUs: null }])).toEqual(exact)
})

test('tally: taken up after it was given up is rightly a timeout', () => {
  const given = { seq: 0, outcome: 'timeout-headers', sentUs: 0, connectedUs: 0, settledUs: 1.6e6 } as const
  expect(computeSums([createServed(0, { atUs: 1.55e6 })], [given])).toEqual(exact)
  expect(computeSums([createServed(0, { atUs: 1.4e6 })], [given])).toMatchObject({ misclassified: 1 })
  expect(computeSums([createServed(0, { atUs: 1.55e6 })], [{ ...given, outcome: 'refused' }])).toMatchObject({
    misclassified: 1,
  })
})

test('tally: a connection cut after its request timed out explains it', () => {
  const given = { seq: 0, outcome: 'timeout-headers', sentUs: 0, connectedUs: 0, settledUs: 1.6e6 } as const
  const cut = (atUs: number): TruthLine => ({ type: 'cut-at-accept', remotePort: 40_000, how: 'fin', atUs })
  expect(computeSums([cut(1.55e6)], [given])).toEqual(exact)
  expect(computeSums([cut(1e6)], [given])).toMatchObject({ misclassified: 1 })
})

test('tally: a stall after the request was taken up explains a timeout', () => {
  const given = { seq: 0, outcome: 'timeout-body', sentUs: 0, connectedUs: 0, settledUs: 3.1e6 } as const
  const truth = createServed(0, { atUs: 1e6, fault: 'fin-in-body' })
  const createStall = (fromUs: number, toUs: number): TruthLine => ({ type: 'still', fromUs, toUs })
  expect(computeSums([truth, createStall(1.1e6, 3.2e6)], [given])).toEqual(exact)
  expect(computeSums([truth, createStall(0.1e6, 0.9e6)], [given])).toMatchObject({ misclassified: 1 })
  expect(computeSums([truth, createStall(3.2e6, 3.4e6)], [given])).toMatchObject({ misclassified: 1 })
})

test('tally: connect timeouts are explained only by a full accept queue', () => {
  const given = {
    seq: 0,
    outcome: 'connect-timeout',
    sentUs: 0,
    connectedUs: null,
    settledUs: 1.5e6,
    localPort: null,
  } as const
  const createFullQueue = (fromUs: number, toUs: number): TruthLine => ({ type: 'full', fromUs, toUs })
  expect(computeSums([createFullQueue(0.9e6, 1e6)], [given])).toEqual(exact)
  expect(computeSums([], [given]).misclassified).toBeGreaterThan(0)
  expect(computeSums([createFullQueue(1.6e6, 1.7e6)], [given]).misclassified).toBeGreaterThan(0)
  expect(computeSums([createFullQueue(0.9e6, 1e6), createServed(0)], [given]).misclassified).toBeGreaterThan(0)
  expect(computeSums([createFullQueue(0.9e6, 1e6)], [{ ...given, outcome: 'refused' }]).misclassified).toBeGreaterThan(
    0,
  )
})

test.for<[string, TruthLine[], Partial<RequestRecord>[], object]>([
  ['a loss counted as ok', [createServed(0, { fault: 'fin-in-body' })], [{ seq: 0 }], { misclassified: 1 }],
  [
    'a loss in another class',
    [createServed(0, { fault: 'rst-in-body' })],
    [{ seq: 0, outcome: 'truncated' }],
    { misclassified: 1 },
  ],
  ['another place on its connection', [createServed(0, { use: 2 })], [{ seq: 0 }], { misclassified: 1 }],
  ['another port', [createServed(0)], [{ seq: 0, localPort: 1 }], { misclassified: 1 }],
  ['a success that the server knows nothing of', [], [{ seq: 0 }], { misclassified: 1 }],
  [
    'a reset of a connection that was not reset',
    [],
    [{ seq: 0, outcome: 'reset-before-response' }],
    { misclassified: 1 },
  ],
  ['a request the server got twice', [createServed(0), createServed(0)], [{ seq: 0 }], { duplicates: 1 }],
  ['a planned request without a record', [createServed(0)], [{ seq: 0 }, { seq: 0 }], { accountingError: 2 }],
  [
    'a request that should not have been sent',
    [createServed(0)],
    [{ seq: 0, outcome: 'overload', sentUs: null }],
    { accountingError: 1 },
  ],
  [
    'a request that was never planned',
    [createServed(9)],
    [{ seq: 0, outcome: 'stopped', sentUs: null }],
    { accountingError: 1 },
  ],
])('%s is found', ([, truth, records, wrong]) => {
  expect(computeSums(truth, records)).toEqual({ ...exact, ...wrong })
})

test('tally: on a connection that had ended a request is never ok', () => {
  const truth = [
    createServed(0, { fault: 'ok-then-fin' }),
    createServed(2, { fault: 'ok-then-fin' }),
    createServed(3, { use: 2, answered: false }),
  ]
  const lost = { outcome: 'reset-before-response', use: 2 } as const
  const first = { seq: 0, connection: 1 }
  const second = { seq: 2, connection: 2 }
  expect(
    computeSums(truth, [first, { seq: 1, connection: 1, ...lost }, second, { seq: 3, connection: 2, ...lost }]),
  ).toEqual(exact)
  const invented = [first, { seq: 1, connection: 1, use: 2 }, second, { seq: 3, connection: 2, use: 2 }]
  expect(computeSums(truth, invented)).toEqual({ ...exact, misclassified: 2 })
})

test('tally: each connection cut at accept explains one reset', () => {
  const cut: TruthLine = { type: 'cut-at-accept', remotePort: 40_000, how: 'rst', atUs: 0 }
  const lost = { outcome: 'reset-before-response' } as const
  expect(
    computeSums(
      [cut, cut],
      [
        { seq: 0, ...lost },
        { seq: 1, ...lost, localPort: null },
      ],
    ),
  ).toEqual(exact)
  expect(
    computeSums(
      [cut],
      [
        { seq: 0, ...lost },
        { seq: 1, ...lost, localPort: null },
      ],
    ),
  ).toEqual({ ...exact, misclassified: 1 })
  expect(
    computeSums(
      [cut],
      [
        { seq: 0, ...lost },
        { seq: 1, ...lost },
      ],
    ),
  ).toEqual({ ...exact, misclassified: 1 })
})
