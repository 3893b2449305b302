/** Requests that a log only counts, and the ledger of all drivers, compared with a simple implementation. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom, shuffleList } from '../../base/random.ts'
import { buildSchedule, computeLaneRates } from '../../model/load/schedule.ts'
import { lanes } from '../../model/plan.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { RequestSummary } from '../../model/request-summary.ts'
import { buildRefused, buildRequest } from '../../testing/samples/records.ts'
import { buildLog, buildPlan } from '../../testing/samples/rollout-log.ts'
import { balanceLedger } from './balance-ledger.ts'
import type { LedgerBalance } from './balance-ledger.ts'
import { isContradictory, isMiscounted } from './contradictions.ts'
import { collectEvidence } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import { countByLane } from './lane-results.ts'
import { countOffSchedule } from './off-schedule.ts'
import { RangeTable } from './range-table.ts'
import { compareRanges, containsSeq, countRepeated, findFirstDueFrom, forEachSeq, getRangeEnd } from './seq-ranges.ts'
import type { SeqRange } from './seq-ranges.ts'

const stepUs = 40

/** Requests of one driver in a summary, due `stepUs` apart from 1 s on; `places`: the driver's own numbers, from 0 and ascending. */
function summarise(driver: number, drivers: number, places: readonly number[]): RequestSummary {
  const seqs: RequestSummary['seqs'] = []
  for (const [index, place] of places.entries()) {
    if (index > 0 && places[index - 1] === place - 1) seqs.at(-1)!.count++
    else seqs.push({ first: driver + place * drivers, count: 1 })
  }
  const computeDueUs = (place: number): number => 1_000_000 + place * stepUs
  const [firstDueUs, lastDueUs] = [computeDueUs(places[0]!), computeDueUs(places.at(-1)!)]
  const latency = { counts: [100, places.length], maxUs: 100 }
  return {
    driver,
    fromUs: firstDueUs,
    toUs: lastDueUs + 1,
    slowUs: 250_000,
    settledUs: lastDueUs + 100,
    stride: drivers,
    seqs,
    firstDueUs,
    lastDueUs,
    lag: { counts: [0, places.length], maxUs: 0 },
    groups: [{ lane: 'fresh', pod: 'web-a', latency, fresh: null }],
  }
}

describe('ranges', () => {
  /** Of two drivers, some of them overlapping. */
  const ranges = fc
    .array(fc.tuple(fc.nat(1), fc.nat(30), fc.integer({ min: 1, max: 12 })), { maxLength: 12 })
    .map((all) =>
      all
        .map(([driver, place, count]): SeqRange => {
          const firstDueUs = place * stepUs
          const first = driver + 2 * place
          return { driver, first, count, stride: 2, firstDueUs, lastDueUs: firstDueUs + (count - 1) * stepUs }
        })
        .toSorted(compareRanges),
    )
  const listSeqs = (all: readonly SeqRange[]): string[] => {
    const seqs: string[] = []
    forEachSeq(all, (driver, seq) => seqs.push(`${driver} ${seq}`))
    return seqs
  }

  test('a number that is in several is repeated as often as it is there again', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        const seqs = listSeqs(all)
        expect(countRepeated(all)).toBe(seqs.length - new Set(seqs).size)
      }),
    )
  })

  test('a number is in them when it is told, and else is not', () => {
    // Overlapping ranges do not occur in a log that balances.
    const apart = ranges.map((all) =>
      all.reduce<SeqRange[]>((kept, one) => (countRepeated([...kept, one]) === 0 ? [...kept, one] : kept), []),
    )
    fc.assert(
      fc.property(apart, fc.nat(1), fc.nat(90), (all, driver, seq) => {
        expect(containsSeq(all, driver, seq)).toBe(listSeqs(all).includes(`${driver} ${seq}`))
      }),
    )
  })

  test('the next that is due is the earliest of those from then on', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(40), { minLength: 1 }), fc.integer({ min: -100, max: 2_000 }), (places, us) => {
        const table = new RangeTable()
        table.add(
          summarise(
            0,
            1,
            places.toSorted((a, b) => a - b),
          ),
        )
        const dues: number[] = []
        forEachSeq(table.list(), (_driver, _seq, dueUs) => dues.push(dueUs))
        const atUs = 1_000_000 + us
        expect(findFirstDueFrom(table.list(), atUs)).toBe(Math.min(...dues.filter((dueUs) => dueUs >= atUs), Infinity))
      }),
    )
  })
})

describe('table of ranges', () => {
  /** The places of each driver, dealt to summaries of at most `most` in any order. */
  function fillTable({ drivers, each, most, seed }: { drivers: number; each: number; most: number; seed: number }) {
    const random = createRandom(seed)
    const table = new RangeTable()
    const summaries = Array.from({ length: drivers }, (_, driver) => {
      const places = shuffleList(
        Array.from({ length: each }, (_, place) => place),
        random,
      )
      return Array.from({ length: Math.ceil(each / most) }, (_, n) =>
        summarise(
          driver,
          drivers,
          places.slice(n * most, (n + 1) * most).toSorted((a, b) => a - b),
        ),
      )
    }).flat()
    for (const summary of shuffleList(summaries, random)) table.add(summary)
    return table
  }

  test('what settled side by side fits together, in whichever order it came', () => {
    const sizes = fc.record({
      drivers: fc.integer({ min: 1, max: 3 }),
      each: fc.integer({ min: 1, max: 60 }),
      most: fc.integer({ min: 1, max: 9 }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(sizes, (size) => {
        const lastDueUs = 1_000_000 + (size.each - 1) * stepUs
        expect(fillTable(size).list()).toEqual(
          Array.from({ length: size.drivers }, (_, driver) => ({
            driver,
            first: driver,
            count: size.each,
            stride: size.drivers,
            firstDueUs: 1_000_000,
            lastDueUs,
          })),
        )
      }),
    )
  })

  test('more loose ranges than it keeps are joined on the way, and none is lost', () => {
    const table = fillTable({ drivers: 1, each: 10_000, most: 1, seed: 3 })
    expect(table.list()).toMatchObject([{ first: 0, count: 10_000 }])
  })

  test('a number that is missing, or due at another time, keeps ranges apart', () => {
    const table = new RangeTable()
    table.add(summarise(0, 1, [0, 1, 3, 4]))
    expect(table.list().map(({ first, count }) => [first, count])).toEqual([
      [0, 2],
      [3, 2],
    ])
    table.add({ ...summarise(0, 1, [5, 6]), firstDueUs: 1_000_300, lastDueUs: 1_000_340 })
    expect(table.list().map(getRangeEnd)).toEqual([2, 5, 7])
    table.add(summarise(0, 1, [2]))
    expect(table.list().map(({ first, count }) => [first, count])).toEqual([
      [0, 5],
      [5, 2],
    ])
  })
})

describe('ledger', () => {
  const toRecord = (request: RequestRecord): LogRecord => ({ type: 'request', request })
  /** Requests of two drivers by number; `-` is one of the control lane, `x` a loss, `~` one that was not sent. */
  const outcomes = ['ok', 'x', '~', '-'] as const

  async function balance(records: readonly LogRecord[], drivers = 2): Promise<LedgerBalance> {
    return balanceLedger(await collectEvidence(buildLog(records)), { drivers })
  }
  const endOf = (driver: number, planned: number, lost: string | null = null): LogRecord => ({
    type: 'end',
    t: 9e6,
    driver,
    planned,
    lost,
  })
  const requestOf = (seq: number, kind: (typeof outcomes)[number] = 'ok'): LogRecord => {
    const fields = { seq, driver: seq % 2, dueUs: 1_000 * seq }
    if (kind === 'x') return toRecord(buildRefused(fields))
    if (kind === '~') return toRecord(buildRequest({ ...fields, outcome: 'overload', sentUs: null }))
    return toRecord(buildRequest({ ...fields, ...(kind === '-' && { lane: 'control' as const }) }))
  }

  test('every request ends exactly once, whatever its end, one by one or counted', async () => {
    const kinds = fc.array(fc.constantFrom(...outcomes), { minLength: 2, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(kinds, fc.nat(20), async (all, counted) => {
        const kept = all.map((kind, seq) => requestOf(seq, kind))
        // More requests of the first driver are only counted, after those that are kept.
        const from = Math.ceil(all.length / 2)
        const places = Array.from({ length: counted }, (_, n) => from + n)
        const summaries = counted === 0 ? [] : [{ type: 'summary', summary: summarise(0, 2, places) } as LogRecord]
        const { ledger, control, problems } = await balance([
          ...kept,
          ...summaries,
          endOf(0, Math.ceil(all.length / 2) + counted),
          endOf(1, Math.floor(all.length / 2)),
        ])
        const count = (kind: string): number => all.filter((one) => one === kind).length
        expect(problems).toEqual([])
        expect(ledger).toMatchObject({
          planned: all.length + counted - count('-'),
          sent: count('ok') + count('x') + counted,
          ok: count('ok') + counted,
          lost: count('x'),
          balanced: true,
        })
        expect(ledger.notSent.overload).toBe(count('~'))
        expect(control?.ok ?? 0).toBe(count('-'))
      }),
      { numRuns: 40 },
    )
  })

  test('what a driver planned and never told of is missing', async () => {
    const { ledger, problems } = await balance([requestOf(0), requestOf(1), endOf(0, 2), endOf(1, 1)])
    expect(problems).toEqual(['the ledger does not balance: 3 planned, 2 accounted for'])
    expect(ledger).toMatchObject({ planned: 3, sent: 2, balanced: false })
  })

  test('of a driver that was lost the rest of its share is counted as not sent', async () => {
    const { ledger, problems } = await balance([
      requestOf(0),
      requestOf(1),
      endOf(0, 5, 'its pod is gone'),
      endOf(1, 1),
    ])
    expect(problems).toEqual([])
    expect(ledger).toMatchObject({ planned: 6, sent: 2, notSent: { 'driver-lost': 4 } })
  })

  test('of a driver without an end what it had planned by then was in flight', async () => {
    const health = { planned: 7, settled: 1, inFlight: 6, loopDelayMaxUs: 0, cpuShare: 0 }
    const { ledger, problems } = await balance([
      requestOf(0),
      requestOf(1),
      { type: 'driver', t: 1e6, driver: 0, health },
      endOf(1, 1),
    ])
    expect(problems).toEqual([])
    expect(ledger).toMatchObject({ planned: 8, sent: 8, ok: 2, lost: 6, outcomes: { 'in-flight': 6 } })
  })

  test.each<[what: string, records: LogRecord[]]>([
    ['one of the other driver’s share', [toRecord(buildRequest({ seq: 1, driver: 0 })), endOf(0, 1), endOf(1, 0)]],
    ['one beyond what was planned', [requestOf(0), requestOf(4), endOf(0, 2), endOf(1, 0)]],
    [
      'counted ones of another stride',
      [{ type: 'summary', summary: { ...summarise(0, 1, [0, 1]) } }, endOf(0, 2), endOf(1, 0)],
    ],
  ])('a request that was never planned: %s', async (_, records) => {
    const { problems } = await balance(records)
    expect(problems).toContain('the ledger does not balance: a request was never planned')
  })

  test('a request that ended in two lanes ended twice', async () => {
    const { problems } = await balance([requestOf(0), requestOf(0, '-'), requestOf(1), endOf(0, 2), endOf(1, 1)])
    expect(problems).toContain('the ledger does not balance: 1 request ended more than once')
  })
})

describe('contradictions', () => {
  const ok = buildRequest({ dueUs: 1_000 })
  test.each<[what: string, request: RequestRecord]>([
    ['an ok one', ok],
    ['a refused one', buildRefused({ dueUs: 1_000 })],
    [
      'one that was never sent',
      buildRequest({ outcome: 'stopped', sentUs: null, connectedUs: null, firstByteUs: null }),
    ],
    ['a 503', { ...ok, outcome: 'http-5xx', status: 503 }],
    ['a connection that no answer came on', { ...ok, outcome: 'connect-timeout', firstByteUs: null, status: null }],
    ['all at the same instant', { ...ok, sentUs: 1_000, connectedUs: 1_000, firstByteUs: 1_000, settledUs: 1_000 }],
  ])('a record that can be true: %s', (_, request) => {
    expect(isContradictory(request)).toBe(false)
  })

  test.each<[what: string, fields: Partial<RequestRecord>]>([
    ['sent before it was due', { sentUs: 999 }],
    ['connected before it was sent', { connectedUs: 1_050 }],
    ['answered before there was a connection', { firstByteUs: 1_200 }],
    ['settled before its first byte', { settledUs: 50_000 }],
    ['ok with a 503', { status: 503 }],
    ['ok without a status', { status: null }],
    ['ok without a connection', { connectedUs: null }],
    ['ok that was never sent', { sentUs: null }],
    ['a client error of 500', { outcome: 'http-4xx', status: 500 }],
    ['a server error of 404', { outcome: 'http-5xx', status: 404 }],
    ['refused on a connection', { outcome: 'refused' }],
    ['a name that was not resolved, and yet an answer', { outcome: 'dns', connectedUs: null }],
    ['another’s answer without one', { outcome: 'wrong-target', firstByteUs: null }],
    ['a wrong body of an error', { outcome: 'body-mismatch', status: 500 }],
    ['in flight, as no driver tells it', { outcome: 'in-flight' }],
  ])('a record that cannot be true: %s', (_, fields) => {
    expect(isContradictory({ ...ok, ...fields })).toBe(true)
  })

  test('a driver’s report adds up when all that was planned has settled or is in flight', () => {
    const health = { planned: 10, settled: 7, inFlight: 3, loopDelayMaxUs: 0, cpuShare: 0 }
    expect([health, { ...health, settled: 8 }, { ...health, planned: 11 }].map(isMiscounted)).toEqual([
      false,
      true,
      true,
    ])
  })
})

describe('schedule', () => {
  const plan = buildPlan()
  const { load } = plan.scenario
  const shares = { fresh: 0.5, reused: 0.3, 'reused-post': 0.2 }
  const mixed = { ...plan, scenario: { ...plan.scenario, load: { ...load, shares, controlPerSecond: 10 } } }
  const schedule = buildSchedule({
    seed: plan.seed,
    driver: 0,
    drivers: 1,
    ...computeLaneRates(mixed.scenario.load, true),
  })

  /** Sent by two drivers whose clocks begin at different instants. */
  async function carryOut(change: (request: RequestRecord) => Partial<RequestRecord> = () => ({})): Promise<Evidence> {
    const records = Array.from({ length: 400 }, (_, seq): LogRecord => {
      const driver = seq % 2
      const dueUs = schedule.dueUs(seq) + (driver === 0 ? 2_000_000 : 2_000_700)
      const request = buildRequest({ seq, driver, dueUs, lane: schedule.lane(seq) })
      return { type: 'request', request: { ...request, ...change(request) } }
    })
    return collectEvidence(buildLog(records))
  }

  test('what is due as planned is not off, by whichever driver’s clock', async () => {
    expect(countOffSchedule(mixed, await carryOut())).toEqual({ requests: 0, furthestUs: 0, inLane: 0 })
  })

  test('requests at another instant, and in another lane, are counted', async () => {
    const evidence = await carryOut(({ seq, dueUs }) =>
      seq === 7 ? { dueUs: dueUs + 900 } : seq === 8 ? { dueUs: dueUs - 300 } : seq === 9 ? { lane: 'control' } : {},
    )
    const off = countOffSchedule(mixed, evidence)
    expect(off).toEqual({ requests: 2, furthestUs: 900, inLane: schedule.lane(9) === 'control' ? 0 : 1 })
  })

  test('an instant may move by as much as what is known of its driver’s clock', async () => {
    const evidence = await carryOut(({ seq, dueUs }) => (seq === 7 ? { dueUs: dueUs + 900 } : {}))
    for (const offsetUs of [100, 1_000])
      evidence.seen.clock.push({ type: 'clock', t: 1, driver: 1, offsetUs, errorUs: 5 })
    expect(countOffSchedule(mixed, evidence).requests).toBe(0)
    evidence.seen.clock.pop()
    expect(countOffSchedule(mixed, evidence).requests).toBe(1)
  })

  test('planned by lane: what is due in a span, sent or not', async () => {
    const evidence = await carryOut(({ seq }) => (seq % 5 === 0 ? { outcome: 'overload', sentUs: null } : {}))
    const span = { fromUs: 2_500_000, toUs: 3_500_000 }
    const expected = Object.fromEntries(lanes.map((lane) => [lane, 0]))
    for (let seq = 0; seq < 400; seq++) {
      const dueUs = schedule.dueUs(seq) + (seq % 2 === 0 ? 2_000_000 : 2_000_700)
      if (dueUs >= span.fromUs && dueUs < span.toUs) expected[schedule.lane(seq)]! += 1
    }
    expect(countByLane(evidence, span)).toEqual(expected)
  })
})
