/** The tables of recorded runs, cell by cell, compared with the records of their logs. */
import { beforeAll, describe, expect, test } from 'vitest'
import { poisonTexts } from '../../testing/hostile-texts.ts'
import { parsePage } from '../../testing/html-elements.ts'
import type { Page } from '../../testing/html-elements.ts'
import { getRecordedDir, readRecordedRun } from '../../testing/recorded-runs.ts'
import { listRequests, neverSentReasons, readPods } from '../../testing/samples/log-facts.ts'
import { buildLog } from '../../testing/samples/rollout-log.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { createTimeScale } from '../timeline/time-scale.ts'
import { analyseRun } from '../verdict/analyse-run.ts'
import { renderTables } from './run-tables.ts'

const toNumber = (text: string | undefined): number => Number(text?.replaceAll(',', ''))
const isLost = ({ outcome }: RequestRecord): boolean => outcome !== 'ok' && !neverSentReasons.has(outcome)

describe.each(['rollout-naive-local', 'eviction-graceful-local', 'scale-down-graceful-two-drivers'])('%s', (name) => {
  let records: readonly LogRecord[]
  let analysis: Analysis
  let page: Page
  let requests: RequestRecord[]

  beforeAll(async () => {
    const run = await readRecordedRun(getRecordedDir(name))
    records = run.records
    analysis = await analyseRun(run.plan, buildLog(records, run.torn))
    page = parsePage(renderTables(analysis, createTimeScale(analysis)))
    requests = listRequests(records)
  })

  test('every lost request has a row with its outcome, status and lane', () => {
    const lost = requests.filter((request) => request.lane !== 'control' && isLost(request))
    const describeLoss = (...parts: (string | number | null)[]): string => parts.join(' ')
    const expected = lost.map(({ driver, seq, outcome, status, lane, use }) =>
      describeLoss(`${driver}-${seq}`, outcome, status ?? '–', lane, use),
    )
    const rows = expected.length === 0 ? [] : page.table('Every lost request').slice(1)
    const found = rows.map(([request, outcome, status, , , lane, use]) =>
      describeLoss(request!, outcome!, status!, lane!, toNumber(use)),
    )
    expect(found.toSorted()).toEqual(expected.toSorted())
  })

  test('latency: of each lane as many answers as the log has, and the slowest of them', () => {
    const [head, ...rows] = page.table('Latency by lane and phase')
    const [count, phase] = [head!.indexOf('requests'), head!.indexOf('phase')]
    for (const [lane, own] of Map.groupBy(requests, (request) => request.lane)) {
      const answered = own.filter(({ outcome }) => outcome === 'ok')
      const whole = rows.find((row) => row[0] === lane && row[phase] === 'all')!
      expect(toNumber(whole[count])).toBe(answered.length)
      const parts = rows.filter((row) => row[0] === lane && row[phase] !== 'all')
      // Requests due after the load was told to end belong to no phase; there are hardly any.
      const inPhases = parts.reduce((sum, row) => sum + toNumber(row[count]), 0)
      expect(inPhases).toBeLessThanOrEqual(answered.length)
      expect(inPhases).toBeGreaterThan(answered.length - 5)
    }
    const workload = requests.filter(({ lane, outcome }) => lane !== 'control' && outcome === 'ok')
    const slowest = Math.max(...workload.map(({ dueUs, settledUs }) => settledUs - dueUs))
    expect(analysis.latency.maxUs).toBe(slowest)
  })

  test('over time: every request that was sent in a phase is in one bucket', () => {
    const [head, ...rows] = page.table('Latency and losses over time')
    const sum = (column: string): number => rows.reduce((all, row) => all + toNumber(row[head!.indexOf(column)]), 0)
    const [fromUs, toUs] = [analysis.phases[0]!.fromUs, analysis.phases.at(-1)!.toUs]
    const due = requests.filter(({ lane, dueUs }) => lane !== 'control' && dueUs >= fromUs && dueUs < toUs)
    expect(sum('ok')).toBe(due.filter(({ outcome }) => outcome === 'ok').length)
    expect(sum('lost')).toBe(due.filter(isLost).length)
  })

  test('moments: deletions and ends of pods as the watch told them', () => {
    const pods = readPods(records)
    const [head, ...rows] = page.table(`Moments of ${pods.size} pods`)
    const listPods = (moment: string): string[] =>
      rows.filter((row) => row[head!.indexOf('moment')] === moment).map(([pod]) => pod!)
    const left = [...pods].filter(([, { terminatingUs }]) => terminatingUs !== null).map(([pod]) => pod)
    expect(listPods('deletion').toSorted()).toEqual(left.toSorted())
    const gone = [...pods].filter(([, { deletedUs }]) => deletedUs !== null).map(([pod]) => pod)
    expect(listPods('gone').toSorted()).toEqual(gone.toSorted())
  })

  test('claims: one row each, with whether it holds', () => {
    const [, ...rows] = page.table('What the verdict rests on')
    expect(rows).toHaveLength(analysis.claims.length)
    const holds = analysis.claims.filter((claim) => claim.holds).length
    expect(rows.filter(([, word]) => word === '✓ yes')).toHaveLength(holds)
  })
})

test('hostile names of pods, containers, lanes and details are text in every table', async () => {
  const run = await readRecordedRun(getRecordedDir('rollout-naive-local'))
  // Units and conclusions of claims are closed lists, which no log can add to.
  const analysis = { ...(await analyseRun(run.plan, buildLog(run.records, run.torn))), claims: [], voided: [] }
  const plain = parsePage(renderTables(analysis, createTimeScale(analysis)))
  const poisoned = poisonTexts(analysis)
  const page = parsePage(renderTables(poisoned, createTimeScale(poisoned)))
  expect(page.list('script, img, svg[onload], [onerror], [onfocus]').length).toBe(0)
  // Exactly as many rows and cells as with harmless names.
  expect(page.list('tr').length).toBe(plain.list('tr').length)
  expect(page.list('td').length).toBe(plain.list('td').length)
  for (const text of page.texts('td, th')) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})
