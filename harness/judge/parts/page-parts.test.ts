/** The parts below the first screen, as a reader without scripts sees them. */
import { expect, test } from 'vitest'
import type { ClaimResult } from '../../model/claims.ts'
import type { Analysis } from '../../model/result.ts'
import { parsePage } from '../../testing/html-elements.ts'
import type { Page } from '../../testing/html-elements.ts'
import { buildSampleComparison, changeComparison, withDisturbance } from '../../testing/samples/sample-analyses.ts'
import { addSecondScenario } from '../../testing/samples/second-scenario.ts'
import { toShowName } from '../timeline/badges.ts'
import { renderLatencyCurves } from './latency-curve.ts'
import { renderMeasured } from './measured-part.ts'
import { listParts, renderParts } from './page-parts.ts'
import { createPairPayload } from './pair-payload.ts'
import { renderRoundMultiples } from './round-multiples.ts'

const sample = buildSampleComparison()
const three = buildSampleComparison(3)
const claim = (says: string, holds: boolean): ClaimResult => ({
  name: says,
  says,
  holds,
  problems: holds ? [] : ['it was late'],
  figures: [],
  conclusions: [],
  disturbance: true,
})

test('parts: those that the report has, each with its link', () => {
  expect(listParts([], [])).toEqual(['safe'])
  const [one] = sample.runs
  const alone = changeComparison({ runs: [one!] }, () => ({}))
  expect(listParts(alone.rows, alone.runs)).toEqual(['safe', 'happened', 'requests', 'measured'])
  const page = parsePage(renderParts(sample.rows, sample.runs))
  expect(page.list('section.part').map((part) => part.getAttribute('id'))).toEqual(
    listParts(sample.rows, sample.runs).slice(1),
  )
})

test('rounds: the worst first, each a link to its run', () => {
  const page = parsePage(renderRoundMultiples(three.rows, three.runs) || '')
  expect(page.list('ul.rounds').length).toBe(6)
  const lost = page.list('ul.rounds').flatMap((list) => [list.textContent.match(/\d+(?= lost)/g)!.map(Number)])
  for (const counts of lost) expect(counts).toEqual(counts.toSorted((a, b) => b - a))
  expect(new Set(page.list('.round-card').map((card) => card.getAttribute('href'))).size).toBe(18)
  expect(page.list('.bars').length).toBe(15)
})

test('rounds: one of each configuration stand in one list; a single run has none', () => {
  const page = parsePage(renderRoundMultiples(sample.rows, sample.runs) || '')
  expect(page.texts('.round-card .name')[0]).toBe('app-first')
  expect(page.texts('.round-card .name').at(-1)).toBe('graceful')
  expect(renderRoundMultiples(sample.rows, sample.runs.slice(0, 1))).toBe(false)
})

const drawCurves = (latencyCurves: Analysis['latencyCurves']): Page =>
  parsePage(renderLatencyCurves(latencyCurves, 'run-1') || '')

test('curves: one for each phase, from left to right and never down', () => {
  const page = drawCurves(sample.runs[0]!.analysis.latencyCurves)
  expect(page.list('.line').length).toBe(3)
  for (const line of page.list('.line')) {
    const points = [...line.getAttribute('d')!.matchAll(/([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])
    expect(points.length).toBeGreaterThan(40)
    for (const [place, [x, y]] of points.entries()) {
      expect(x).toBeGreaterThanOrEqual(points[place - 1]?.[0] ?? 0)
      expect(y).toBeLessThanOrEqual(points[place - 1]?.[1] ?? Infinity)
    }
  }
  expect(page.texts('text')).toEqual(expect.arrayContaining(['0 %', '50 %', '90 %', '99 %', '99.9 %']))
})

test('curves: a single answer, equal answers, none', () => {
  expect(renderLatencyCurves([], 'run-1')).toBe(false)
  for (const curve of [
    { phase: 'before' as const, count: 1, us: [100, 100] },
    { phase: 'after' as const, count: 2, us: [0, 0, 0, 0, 0, 0, 0] },
  ]) {
    const page = drawCurves([curve])
    expect(page.list('.line').length).toBe(1)
    expect(page.only('svg').textContent).not.toMatch(/NaN|Infinity|undefined/)
    expect(page.only('.line').getAttribute('d')).not.toMatch(/NaN|Infinity/)
  }
})

test('measured: claims that do not hold first, with the runs; the lag of each configuration', () => {
  const report = changeComparison(sample, ({ configuration }) => ({
    claims: [claim('the log is whole', true), claim('the driver kept up', configuration !== 'exec')],
  }))
  const page = parsePage(renderMeasured(report.rows, report.runs))
  const [first, second] = page.list('tbody').map((body) => body.textContent.replaceAll(/\s+/g, ' '))
  expect(first).toMatch(/the driver kept up ✗ 5 of 6 exec, round 1 .*the log is whole ✓ all 6/)
  expect(page.list('td a').map((link) => link.getAttribute('href'))).toEqual([
    `#run=${sample.runs.find(({ analysis }) => analysis.configuration === 'exec')!.analysis.runId}&show=what-the-verdict-rests-on`,
  ])
  expect(second).toContain('graceful')
  expect(page.list('.conditions dt').length).toBeGreaterThan(8)
})

test('several scenarios: drawings of rounds, and links to runs, say of which they are', () => {
  const both = changeComparison(addSecondScenario(sample.runs), ({ configuration }) => ({
    claims: [claim('the driver kept up', configuration !== 'exec')],
  }))
  const names = parsePage(renderRoundMultiples(both.rows, both.runs) || '').texts('.round-card .name')
  expect(names).toHaveLength(12)
  expect(new Set(names).size).toBe(12)
  expect(names).toContain('graceful (eviction, local)')
  const links = parsePage(renderMeasured(both.rows, both.runs)).texts('td a')
  expect(links.toSorted()).toEqual(['exec (eviction, local), round 1', 'exec (rollout, local), round 1'])
  const shown = [
    ...renderParts(both.rows, both.runs)
      .toString()
      .matchAll(/"name":"([^"]+, round 1)"/g),
  ]
  expect(new Set(shown.map(([, name]) => name)).size).toBe(12)
})

test('lost requests: where nothing could be judged it is not said that none was lost', () => {
  const told = (change: Parameters<typeof changeComparison>[1]): string => {
    const { rows, runs } = changeComparison({ runs: sample.runs.slice(-1) }, change)
    return parsePage(renderParts(rows, runs)).only('#requests').textContent
  }
  expect(told(() => ({}))).toContain('No request was lost.')
  const unknown = told((run) => withDisturbance('the driver was late', run))
  expect(unknown).not.toContain('No request was lost.')
  expect(unknown).toContain('No lost request was seen.')
})

test('pairs: every configuration with its figures and its objects as lines', () => {
  const { headings, sides } = createPairPayload(sample.rows, sample.runs)
  expect(sides.map(({ key }) => key)).toEqual(sample.rows.map(({ configuration }) => configuration))
  for (const { figures, documents } of sides) {
    expect(figures).toHaveLength(headings.length)
    expect(documents?.map(([name]) => name)).toContain('Deployment web')
    for (const [, lines] of documents ?? []) expect(lines.join('')).not.toContain('\n')
  }
})

test('links name a table by its title without figures', () => {
  expect(
    [
      'Latency by lane and phase',
      'What the verdict rests on: 16 claims, and all of them hold',
      'Every lost request (352)',
      'Moments of 7 pods',
      'Latency and losses over time, each 250 ms',
    ].map(toShowName),
  ).toEqual([
    'latency-by-lane-and-phase',
    'what-the-verdict-rests-on',
    'every-lost-request',
    'moments-of',
    'latency-and-losses-over-time',
  ])
})
