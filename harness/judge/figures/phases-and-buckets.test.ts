import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { PhaseSpan } from '../../model/result.ts'
import { createRecordSampler } from '../../testing/record-sampler.ts'
import { buildRefused, buildRequest, stepAt } from '../../testing/samples/records.ts'
import { buildLog, ms, second } from '../../testing/samples/rollout-log.ts'
import { collectEvidence } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { computeBuckets } from './buckets.ts'
import { findLoadStopUs, findPhaseAt, findPhases } from './phases.ts'
import { computeOverdueUs, computeUsualLatencyUs } from './usual-latency.ts'

const toRecord = (request: RequestRecord): LogRecord => ({ type: 'request', request })
const collect = (...records: LogRecord[]): Promise<Evidence> => collectEvidence(buildLog(records))
const requestAt = (dueS: number, seq = 0, fields: Partial<RequestRecord> = {}): LogRecord =>
  toRecord(buildRequest({ seq, dueUs: dueS * second, ...fields }))

describe('phases', () => {
  const steps = [
    stepAt(2 * second, 'load-begin'),
    stepAt(6 * second, 'disrupt-begin'),
    stepAt(15 * second, 'old-pods-gone'),
    stepAt(20 * second, 'load-end'),
  ]
  const list = async (...records: LogRecord[]): Promise<[string, number, number][]> =>
    findPhases(await collect(...records)).map(({ phase, fromUs, toUs }) => [phase, fromUs / second, toUs / second])

  test('follow each other without a gap, and an edge belongs to the later one', async () => {
    const spans = findPhases(await collect(...steps))
    expect(spans).toEqual([
      { phase: 'before', fromUs: 2 * second, toUs: 6 * second },
      { phase: 'during', fromUs: 6 * second, toUs: 15 * second },
      { phase: 'after', fromUs: 15 * second, toUs: 20 * second },
    ])
    expect([1.9, 2, 5.9, 6, 15, 19.9, 20].map((atS) => findPhaseAt(spans, atS * second))).toEqual([
      null,
      'before',
      'before',
      'during',
      'after',
      'after',
      null,
    ])
  })

  test('begin with the first request where the harness heard later that there are some', async () => {
    expect((await list(...steps, requestAt(1.5)))[0]).toEqual(['before', 1.5, 6])
  })

  test('begin with the first request also where the log only counts it', async () => {
    const requests = Array.from({ length: 40 }, (_, seq) => requestAt(1.5 + seq * 0.001, seq))
    const sampled = createRecordSampler(0)(requests)
    expect(sampled.some(({ type }) => type === 'summary')).toBe(true)
    expect((await list(...steps, ...sampled))[0]).toEqual(['before', 1.5, 6])
  })

  test('that never began are left out, and the last lasts to the end of the log', async () => {
    expect(await list(...steps.slice(0, 2), requestAt(9, 0, { settledUs: 9.5 * second }))).toEqual([
      ['before', 2, 6],
      ['during', 6, 9.500001],
    ])
    expect(await list(stepAt(2 * second, 'load-begin'), requestAt(3, 0, { settledUs: 4 * second }))).toEqual([
      ['before', 2, 4.000001],
    ])
    expect(await list(stepAt(1, 'deploy-begin'))).toEqual([])
  })

  test('that are empty are none', async () => {
    expect(
      (await list(stepAt(2 * second, 'load-begin'), stepAt(2 * second, 'disrupt-begin'), ...steps.slice(2)))[0],
    ).toEqual(['during', 2, 15])
  })

  test('load: stops when it was told to, else when it ended, else with the log', async () => {
    expect(findLoadStopUs(await collect(...steps, stepAt(19 * second, 'load-stop')))).toBe(19 * second)
    expect(findLoadStopUs(await collect(...steps))).toBe(20 * second)
    expect(findLoadStopUs(await collect(...steps.slice(0, 3)))).toBe(15 * second)
  })
})

describe('buckets', () => {
  const span = (seconds: number): PhaseSpan[] => [{ phase: 'before', fromUs: second, toUs: (1 + seconds) * second }]
  const requestOf = ([at, kind]: readonly [number, 'ok' | 'lost' | 'unsent'], seq: number): RequestRecord => {
    const fields = { seq, dueUs: second + at }
    if (kind === 'lost') return buildRefused(fields)
    const request = buildRequest({ ...fields, settledUs: fields.dueUs + 5_000 + (seq % 7) * 100 })
    return kind === 'ok' ? request : { ...request, outcome: 'overload', sentUs: null }
  }

  test('each request is in the one bucket in which it was due; one that was not sent is in none', async () => {
    const requests = fc.array(
      fc.tuple(fc.nat(3 * second - 1), fc.constantFrom<'ok' | 'lost' | 'unsent'>('ok', 'lost', 'unsent')),
      { minLength: 1, maxLength: 120 },
    )
    await fc.assert(
      fc.asyncProperty(requests, async (all) => {
        const evidence = await collect(...all.map((one, seq) => toRecord(requestOf(one, seq))))
        const { bucketUs, buckets } = computeBuckets(evidence, span(3))
        for (const [place, { fromUs, ok, lost, maxUs }] of buckets.entries()) {
          expect(fromUs).toBe(second + place * bucketUs)
          const own = all.map(requestOf).filter(({ dueUs }) => dueUs >= fromUs && dueUs < fromUs + bucketUs)
          const answered = own.filter(({ outcome }) => outcome === 'ok')
          expect([ok, lost]).toEqual([answered.length, own.filter(({ outcome }) => outcome === 'refused').length])
          const latencies = answered.map(({ dueUs, settledUs }) => settledUs - dueUs)
          expect(maxUs).toBe(latencies.length === 0 ? null : Math.max(...latencies))
        }
        expect(buckets.at(-1)!.fromUs + bucketUs).toBeGreaterThanOrEqual(4 * second)
      }),
      { numRuns: 40 },
    )
  })

  test('are as many as a chart can show, of enough requests each, of a round length', async () => {
    const choose = async (seconds: number, perSecond: number): Promise<number> => {
      const requests = Array.from({ length: seconds * perSecond }, (_, seq) =>
        toRecord(buildRequest({ seq, dueUs: second + Math.floor((seq * second) / perSecond) })),
      )
      return computeBuckets(await collect(...requests), span(seconds)).bucketUs
    }
    // A p99 of fewer than 20 is random; a chart has no room for more than 300 buckets.
    expect(await choose(3, 2_000)).toBe(10 * ms)
    expect(await choose(3, 100)).toBe(250 * ms)
    expect(await choose(60, 200)).toBe(250 * ms)
    expect(await choose(10, 1)).toBe(10_000 * ms)
  })

  test('of requests that are only counted begin at whole spans of a summary', async () => {
    const requests = Array.from({ length: 2_000 }, (_, seq) =>
      toRecord(buildRequest({ seq, dueUs: 1_250_000 + seq * 1_000 })),
    )
    const evidence = await collect(...createRecordSampler(0)(requests))
    const { bucketUs, buckets } = computeBuckets(evidence, [{ phase: 'before', fromUs: 1_250_000, toUs: 3_250_000 }])
    expect([buckets[0]?.fromUs, bucketUs]).toEqual([1_200_000, 100 * ms])
    expect(buckets.map(({ ok }) => ok)).toEqual([50, ...Array.from({ length: 19 }, () => 100), 50])
  })
})

describe('usual latency', () => {
  const before: PhaseSpan[] = [
    { phase: 'before', fromUs: second, toUs: 2 * second },
    { phase: 'during', fromUs: 2 * second, toUs: 9 * second },
  ]
  const answered = (dueS: number, latencyMs: number, seq: number): LogRecord =>
    requestAt(dueS, seq, { settledUs: dueS * second + latencyMs * ms })

  test('is the p99 of what was due before the disruption', async () => {
    const quick = Array.from({ length: 200 }, (_, seq) => answered(1.5, 20 + (seq === 0 ? 500 : 0), seq))
    const slow = Array.from({ length: 200 }, (_, n) => answered(3, 900, 1_000 + n))
    expect(computeUsualLatencyUs(await collect(...quick, ...slow), before)).toBe(20 * ms)
    expect(computeUsualLatencyUs(await collect(...slow), before)).toBe(0)
    expect(computeUsualLatencyUs(await collect(...quick), [])).toBe(0)
  })

  test('an answer is overdue half a SYN’s repetition later, in whole tenths of a second', async () => {
    const evidence = await collect()
    expect(computeOverdueUs(20 * ms, evidence)).toBe(600 * ms)
    expect(computeOverdueUs(100 * ms, evidence)).toBe(600 * ms)
    expect(computeOverdueUs(101 * ms, evidence)).toBe(700 * ms)
  })

  test('nothing that the log only counts is overdue', async () => {
    const requests = Array.from({ length: 40 }, (_, seq) => answered(1.5 + seq * 0.001, 20, seq))
    const evidence = await collect(...createRecordSampler(0)(requests))
    evidence.requests.aggregated.slowUs = 750 * ms
    expect(computeOverdueUs(20 * ms, evidence)).toBe(750 * ms)
  })
})
