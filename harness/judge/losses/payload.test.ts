import { expect, test } from 'vitest'
import { getRecordedDir, readRecordedRun } from '../../testing/recorded-runs.ts'
import { listRequests, neverSentReasons } from '../../testing/samples/log-facts.ts'
import { buildLog } from '../../testing/samples/rollout-log.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { poisonTexts } from '../../testing/hostile-texts.ts'
import { escapeJson } from '../report/escape-html.ts'
import { createTimeScale } from '../timeline/time-scale.ts'
import { analyseRun } from '../verdict/analyse-run.ts'
import { explainLoss } from './loss-explanation.ts'
import {
  formatRequestName,
  packBucket,
  packExcerpt,
  packLosses,
  sortByDue,
  unpackExcerpt,
  unpackLosses,
} from './payload.ts'

test('every lost request comes out of the packed data as it went in', () => {
  for (const { analysis } of buildSampleComparison().runs) {
    const json = JSON.stringify(packLosses(analysis.losses))
    expect(unpackLosses(JSON.parse(json))).toEqual(analysis.losses)
  }
})

test('lines of servers’ logs come out of the packed data as they went in', () => {
  for (const { analysis } of buildSampleComparison().runs) {
    const json = JSON.stringify(analysis.logExcerpts.map(packExcerpt))
    const packed = JSON.parse(json) as ReturnType<typeof packExcerpt>[]
    expect(packed.map(unpackExcerpt)).toEqual(analysis.logExcerpts)
  }
})

test('who failed a request comes out as well', () => {
  const losses = buildSampleComparison()
    .runs.flatMap(({ analysis }) => analysis.losses)
    .slice(0, 3)
  const [first, second, third] = losses.map((loss) => ({ ...loss }))
  if (!first || !second || !third) throw new Error('Cannot test without lost requests')
  first.origin = 'controller'
  third.origin = 'unknown'
  const packed = JSON.stringify(packLosses([first, second, third]))
  expect(unpackLosses(JSON.parse(packed)).map(({ origin }) => origin)).toEqual(['controller', null, 'unknown'])
})

test('a thousand lost requests take less than 170 bytes each', () => {
  const losses = buildSampleComparison().runs.flatMap(({ analysis }) => analysis.losses)
  expect(losses.length).toBeGreaterThan(1_000)
  expect(JSON.stringify(packLosses(losses)).length / losses.length).toBeLessThan(170)
})

test('order: lost requests are numbered in the order in which they failed', () => {
  const losses = buildSampleComparison().runs[4]?.analysis.losses ?? []
  const ordered = sortByDue(losses)
  expect(sortByDue(losses.toReversed())).toEqual(ordered)
  expect(
    ordered.every(
      ({ request }, index) => index === 0 || (ordered[index - 1]?.request.settledUs ?? 0) <= request.settledUs,
    ),
  ).toBe(true)
})

test('payload: invisible characters are made visible, in nested texts too', () => {
  for (const { analysis } of poisonTexts(buildSampleComparison()).runs) {
    const json = escapeJson(packLosses(analysis.losses)).toString()
    const shown = JSON.stringify(unpackLosses(JSON.parse(json)), (_, part: unknown) =>
      typeof part === 'string' ? part.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '!INVISIBLE!') : part,
    )
    expect(shown).not.toContain('!INVISIBLE!')
  }
})

test('recorded run: the browser gets every lost request of the log, and tells of it what the server would', async () => {
  const { plan, records, torn } = await readRecordedRun(getRecordedDir('rollout-naive-local'))
  const analysis = await analyseRun(plan, buildLog(records, torn))
  const unpacked = unpackLosses(JSON.parse(escapeJson(packLosses(analysis.losses)).toString()))
  const lost = listRequests(records).filter(
    ({ lane, outcome }) => lane !== 'control' && outcome !== 'ok' && !neverSentReasons.has(outcome),
  )
  expect(lost.length).toBeGreaterThan(20)
  expect(unpacked.map(({ request }) => formatRequestName(request)).toSorted()).toEqual(
    lost.map(formatRequestName).toSorted(),
  )
  const byName = new Map(lost.map((request) => [formatRequestName(request), request]))
  for (const { request } of unpacked) expect(request).toEqual(byName.get(formatRequestName(request)))
  const scale = createTimeScale(analysis)
  expect(unpacked.map((loss) => explainLoss(loss, scale))).toEqual(
    analysis.losses.map((loss) => explainLoss(loss, scale)),
  )
})

test('packed: each text and each moment that many share is there once', () => {
  const { losses } = buildSampleComparison().runs[0]!.analysis
  const { texts, shared, rows } = packLosses([...losses, ...losses])
  expect([texts.length, shared.length]).toEqual([new Set(texts).size, new Set(shared.map(String)).size])
  expect(rows).toHaveLength(2 * losses.length)
  const once = packLosses(losses)
  expect([texts, shared]).toEqual([once.texts, once.shared])
})

test('packed: what is not known stays apart from what is empty', () => {
  const [loss] = buildSampleComparison().runs[0]!.analysis.losses
  const unknown = {
    ...loss!,
    pod: null,
    moment: null,
    stop: null,
    served: null,
    candidates: [],
    podless: 'certain' as const,
    request: { ...loss!.request, status: null, detail: '', previousPod: null, localPort: null },
  }
  const silent = { ...unknown, podless: null, served: { fate: 'untold' as const, lines: [] } }
  expect(unpackLosses(packLosses([unknown, silent]))).toEqual([unknown, silent])
})

test('order: of the same instant by driver and number', () => {
  const [loss] = buildSampleComparison().runs[0]!.analysis.losses
  const losses = [
    [1, 1],
    [0, 9],
    [0, 2],
  ].map(([driver, seq]) => ({ ...loss!, request: { ...loss!.request, driver: driver!, seq: seq! } }))
  expect(sortByDue(losses).map(({ request }) => formatRequestName(request))).toEqual(['0-2', '0-9', '1-1'])
})

test('buckets: a figure that there is none of stays null', () => {
  const empty = { fromUs: 7, ok: 0, lost: 3, p50Us: null, p99Us: null, maxUs: null }
  expect(packBucket(empty)).toEqual([7, 0, 3, null, null, null])
})
