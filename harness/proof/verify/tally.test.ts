import { expect, test } from 'vitest'
import type { RequestRecord } from '../../model/record.ts'
import { requestOf } from '../../testing/samples/records.ts'
import { Tally } from './tally.ts'
import type { TruthLine } from './truth-log.ts'

const served = (seq: number, changed: Partial<TruthLine & { type: 'served' }> = {}): TruthLine => ({
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

function sumsOf(truth: TruthLine[], records: Partial<RequestRecord>[], planned = records.length) {
  const tally = new Tally(planned, { originUs: 0, timeoutUs: 1_500_000 })
  for (const line of truth) tally.addTruth(line)
  for (const record of records) tally.addRecord(requestOf({ lane: 'reused', ...record }))
  const { accountingError, misclassified, duplicates } = tally.sums(planned)
  return { accountingError, misclassified, duplicates }
}

const exact = { accountingError: 0, misclassified: 0, duplicates: 0 }

test('records that agree with the server are exact', () => {
  const truth = [served(0), served(1, { fault: 'fin-in-body', use: 2 }), served(2, { fault: 'status-500', use: 1 })]
  const records = [{ seq: 0 }, { seq: 1, outcome: 'truncated', use: 2 }, { seq: 2, outcome: 'http-5xx' }] as const
  expect(sumsOf(truth, [...records, { seq: 3, outcome: 'overload', sentUs: null }])).toEqual(exact)
})

test('what the server took up after the driver had given it up is rightly a timeout, and nothing else is', () => {
  const given = { seq: 0, outcome: 'timeout-headers', sentUs: 0, connectedUs: 0, settledUs: 1.6e6 } as const
  expect(sumsOf([served(0, { atUs: 1.55e6 })], [given])).toEqual(exact)
  expect(sumsOf([served(0, { atUs: 1.4e6 })], [given])).toMatchObject({ misclassified: 1 })
  expect(sumsOf([served(0, { atUs: 1.55e6 })], [{ ...given, outcome: 'refused' }])).toMatchObject({ misclassified: 1 })
})

test('a connection that was cut when its request had been given up made it wait in vain', () => {
  const given = { seq: 0, outcome: 'timeout-headers', sentUs: 0, connectedUs: 0, settledUs: 1.6e6 } as const
  const cut = (atUs: number): TruthLine => ({ type: 'cut-at-accept', remotePort: 40_000, how: 'fin', atUs })
  expect(sumsOf([cut(1.55e6)], [given])).toEqual(exact)
  expect(sumsOf([cut(1e6)], [given])).toMatchObject({ misclassified: 1 })
})

test('a server that stood still after it had taken a request up may have made it wait in vain, not one that did before', () => {
  const given = { seq: 0, outcome: 'timeout-body', sentUs: 0, connectedUs: 0, settledUs: 3.1e6 } as const
  const truth = served(0, { atUs: 1e6, fault: 'fin-in-body' })
  const still = (fromUs: number, toUs: number): TruthLine => ({ type: 'still', fromUs, toUs })
  expect(sumsOf([truth, still(1.1e6, 3.2e6)], [given])).toEqual(exact)
  expect(sumsOf([truth, still(0.1e6, 0.9e6)], [given])).toMatchObject({ misclassified: 1 })
  expect(sumsOf([truth, still(3.2e6, 3.4e6)], [given])).toMatchObject({ misclassified: 1 })
})

test('no connection came about while the machine turned connections away, and at no other time', () => {
  const given = {
    seq: 0,
    outcome: 'connect-timeout',
    sentUs: 0,
    connectedUs: null,
    settledUs: 1.5e6,
    localPort: null,
  } as const
  const full = (fromUs: number, toUs: number): TruthLine => ({ type: 'full', fromUs, toUs })
  expect(sumsOf([full(0.9e6, 1e6)], [given])).toEqual(exact)
  expect(sumsOf([], [given]).misclassified).toBeGreaterThan(0)
  expect(sumsOf([full(1.6e6, 1.7e6)], [given]).misclassified).toBeGreaterThan(0)
  expect(sumsOf([full(0.9e6, 1e6), served(0)], [given]).misclassified).toBeGreaterThan(0)
  expect(sumsOf([full(0.9e6, 1e6)], [{ ...given, outcome: 'refused' }]).misclassified).toBeGreaterThan(0)
})

test.for<[string, TruthLine[], Partial<RequestRecord>[], object]>([
  ['a loss counted as ok', [served(0, { fault: 'fin-in-body' })], [{ seq: 0 }], { misclassified: 1 }],
  [
    'a loss in another class',
    [served(0, { fault: 'rst-in-body' })],
    [{ seq: 0, outcome: 'truncated' }],
    { misclassified: 1 },
  ],
  ['another place on its connection', [served(0, { use: 2 })], [{ seq: 0 }], { misclassified: 1 }],
  ['another port', [served(0)], [{ seq: 0, localPort: 1 }], { misclassified: 1 }],
  ['a success that the server knows nothing of', [], [{ seq: 0 }], { misclassified: 1 }],
  [
    'a reset of a connection that nobody reset',
    [],
    [{ seq: 0, outcome: 'reset-before-response' }],
    { misclassified: 1 },
  ],
  ['a request the server got twice', [served(0), served(0)], [{ seq: 0 }], { duplicates: 1 }],
  ['a planned request without a record', [served(0)], [{ seq: 0 }, { seq: 0 }], { accountingError: 2 }],
  [
    'a request that should not have been sent',
    [served(0)],
    [{ seq: 0, outcome: 'overload', sentUs: null }],
    { accountingError: 1 },
  ],
  [
    'a request that was never planned',
    [served(9)],
    [{ seq: 0, outcome: 'stopped', sentUs: null }],
    { accountingError: 1 },
  ],
])('%s is found', ([, truth, records, wrong]) => {
  expect(sumsOf(truth, records)).toEqual({ ...exact, ...wrong })
})

test('a request that met a connection which the server had ended may be lost, but may not be ok', () => {
  const truth = [
    served(0, { fault: 'ok-then-fin' }),
    served(2, { fault: 'ok-then-fin' }),
    served(3, { use: 2, answered: false }),
  ]
  const lost = { outcome: 'reset-before-response', use: 2 } as const
  const first = { seq: 0, connection: 1 }
  const second = { seq: 2, connection: 2 }
  expect(
    sumsOf(truth, [first, { seq: 1, connection: 1, ...lost }, second, { seq: 3, connection: 2, ...lost }]),
  ).toEqual(exact)
  const invented = [first, { seq: 1, connection: 1, use: 2 }, second, { seq: 3, connection: 2, use: 2 }]
  expect(sumsOf(truth, invented)).toEqual({ ...exact, misclassified: 2 })
})

test('each connection cut at its accept explains one reset, with the port or before there was one', () => {
  const cut: TruthLine = { type: 'cut-at-accept', remotePort: 40_000, how: 'rst', atUs: 0 }
  const lost = { outcome: 'reset-before-response' } as const
  expect(
    sumsOf(
      [cut, cut],
      [
        { seq: 0, ...lost },
        { seq: 1, ...lost, localPort: null },
      ],
    ),
  ).toEqual(exact)
  expect(
    sumsOf(
      [cut],
      [
        { seq: 0, ...lost },
        { seq: 1, ...lost, localPort: null },
      ],
    ),
  ).toEqual({ ...exact, misclassified: 1 })
  expect(
    sumsOf(
      [cut],
      [
        { seq: 0, ...lost },
        { seq: 1, ...lost },
      ],
    ),
  ).toEqual({ ...exact, misclassified: 1 })
})
