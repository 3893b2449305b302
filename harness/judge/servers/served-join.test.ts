/** The join of requests and lines of servers' logs, compared with a simple implementation. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../../model/record.ts'
import { createRecordSampler } from '../../testing/record-sampler.ts'
import { buildRefused, buildRequest, servedAt } from '../../testing/samples/records.ts'
import { buildLog, ms, second } from '../../testing/samples/rollout-log.ts'
import { collectEvidence } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { toRequestKey } from '../facts/request-key.ts'
import { KeyCounter, SentKeys, countOkButFailedByLog, findFrontRole, splitServedKeys } from './served-join.ts'
import { computeServedLags } from './served-lag.ts'
import { indexPodsByRequest } from './served-pods.ts'

const nginx = { pod: 'web-a', container: 'nginx' } as const
const app = { pod: 'web-a', container: 'app' } as const
const collect = (...records: LogRecord[]): Promise<Evidence> => collectEvidence(buildLog(records))
const toRecord = (request: ReturnType<typeof buildRequest>): LogRecord => ({ type: 'request', request })

describe('keys', () => {
  test('each occurs as often as it is there, in whichever order one asks', () => {
    const keys = fc.array(fc.nat(20), { maxLength: 30 })
    fc.assert(
      fc.property(keys, fc.array(fc.nat(22), { maxLength: 30 }), (all, asked) => {
        const counter = new KeyCounter(Float64Array.from(all).sort())
        for (const key of asked) expect(counter.countOf(key)).toBe(all.filter((one) => one === key).length)
      }),
    )
  })

  test('the sent ones are those that were kept and those that are only counted', async () => {
    const requests = Array.from({ length: 60 }, (_, seq) => {
      const dueUs = second + seq * ms
      if (seq % 10 === 3) return toRecord(buildRefused({ seq, dueUs }))
      if (seq % 10 === 5) return toRecord(buildRequest({ seq, dueUs, outcome: 'overload', sentUs: null }))
      return toRecord(buildRequest({ seq, dueUs }))
    })
    for (const budget of [Infinity, 20, 0]) {
      const { requests: table } = await collect(...createRecordSampler(budget)(requests))
      const sent = new SentKeys(table)
      const [ok, all]: [number[], number[]] = [[], []]
      for (let seq = 0; seq < 61; seq++) {
        if (sent.hasOk(toRequestKey(0, seq))) ok.push(seq)
        if (sent.has(toRequestKey(0, seq))) all.push(seq)
      }
      const numbers = Array.from({ length: 60 }, (_, seq) => seq)
      expect(all).toEqual(numbers.filter((seq) => seq % 10 !== 5))
      expect(ok).toEqual(numbers.filter((seq) => seq % 10 !== 5 && seq % 10 !== 3))
      const visited: number[] = []
      sent.forEachOk((key) => visited.push(key))
      expect(visited.toSorted((a, b) => a - b)).toEqual(ok)
    }
  })

  test('lines are split in two, each in ascending order', async () => {
    const { served } = await collect(
      servedAt(3, nginx, { seq: 9 }),
      servedAt(1, app, { seq: 8 }),
      servedAt(2, nginx, { seq: 2 }),
      servedAt(4, app, { seq: 1 }),
    )
    const [front, behind] = splitServedKeys(served, (index) => served.place(index).role === 'proxy')
    expect([[...front], [...behind]]).toEqual([
      [2, 9],
      [1, 8],
    ])
  })
})

test('front: the role of the container to which the Service leads, else of a proxy', async () => {
  const { served } = await collect(servedAt(1, nginx, { seq: 1 }), servedAt(1, app, { seq: 1 }))
  expect([findFrontRole(served, 'nginx'), findFrontRole(served, 'app')]).toEqual(['proxy', 'application'])
  // A container without a line in its log.
  expect(findFrontRole(served, 'envoy')).toBe('proxy')
  expect(findFrontRole((await collect(servedAt(1, app, { seq: 1 }))).served, 'envoy')).toBe('application')
})

test('answers that were good, of which the server in front says that it failed, are counted once each', async () => {
  const { requests, served, ...rest } = await collect(
    ...[1, 2, 3].map((seq) => toRecord(buildRequest({ seq, dueUs: seq * ms }))),
    toRecord(buildRefused({ seq: 4, dueUs: 4 * ms })),
    servedAt(1, nginx, { seq: 1 }),
    servedAt(2, nginx, { seq: 2, status: 502 }),
    // Behind the front, and about a lost request: neither contradicts what the client saw.
    servedAt(3, app, { seq: 3, status: 500 }),
    servedAt(4, nginx, { seq: 4, status: 502 }),
  )
  expect(countOkButFailedByLog({ ...rest, requests, served }, 'nginx')).toBe(1)
  expect(countOkButFailedByLog({ ...rest, requests, served }, 'app')).toBe(1)
})

test('pods: the one in whose log alone a request is, by role', async () => {
  const { served } = await collect(
    servedAt(1, nginx, { seq: 7 }),
    servedAt(1, nginx, { seq: 7 }),
    servedAt(1, { ...nginx, pod: 'web-b' }, { seq: 8 }),
    servedAt(1, nginx, { seq: 8 }),
    servedAt(1, { ...app, pod: 'web-b' }, { seq: 7 }),
    servedAt(1, nginx, { seq: 100_000 }),
  )
  const byProxy = indexPodsByRequest(served, 'proxy')
  const find = (seq: number, driver = 0): string | null => byProxy.findPod(toRequestKey(driver, seq))
  // Twice in one log is still that pod; in two pods' logs it is neither.
  expect([find(7), find(8), find(9), find(100_000), find(7, 1)]).toEqual(['web-a', null, null, 'web-a', null])
  expect(indexPodsByRequest(served, 'application').findPod(toRequestKey(0, 7))).toBe('web-b')
})

describe('lag of a server’s lines behind its answers', () => {
  /** Lines at these offsets, in µs, after the answers that clients got, for the same number of requests. */
  async function computeLags(offsets: readonly number[], line: { status?: number; tookUs?: number } = {}) {
    const requests = offsets.map((_, seq) => buildRequest({ seq, dueUs: second + seq * ms }))
    return computeServedLags(
      await collect(
        ...requests.map(toRecord),
        ...requests.map(({ seq, settledUs }, index) => servedAt(settledUs + offsets[index]!, nginx, { seq, ...line })),
      ),
    )
  }

  test('lines that come before the answers: the median of by how much', async () => {
    const [lag] = await computeLags([-900, -900, -900, -900, -900, -300, -300, -300, -300, -5_000])
    expect(lag).toMatchObject({ pod: 'web-a', container: 'nginx', us: 900, errorUs: 1_600 })
  })

  test('lines that come after them: what nearly all exceed, so that a batch does not count', async () => {
    // Written in batches: half of the lines long after, some in time.
    const offsets = Array.from({ length: 40 }, (_, n) => (n < 20 ? 400_000 : 2_000))
    expect((await computeLags(offsets))[0]?.us).toBe(-2_000)
  })

  test('too few lines, or lines about failures, say nothing', async () => {
    expect(await computeLags(Array.from({ length: 9 }, () => -500))).toEqual([])
    expect(
      await computeLags(
        Array.from({ length: 40 }, () => -500),
        { status: 502 },
      ),
    ).toEqual([])
  })

  test('how long a server had a request, against how long its client waited', async () => {
    // The client waits 99.9 ms after sending.
    expect(
      (
        await computeLags(
          Array.from({ length: 20 }, () => -500),
          { tookUs: 90_000 },
        )
      )[0]?.longerUs,
    ).toBe(-9_900)
    expect(
      (
        await computeLags(
          Array.from({ length: 20 }, () => -500),
          { tookUs: 250_000 },
        )
      )[0]?.longerUs,
    ).toBe(150_100)
  })
})
