import { expect, test } from 'vitest'
import type { RoundResult } from '../../model/comparison.ts'
import { parsePage } from '../../testing/html-elements.ts'
import type { Page } from '../../testing/html-elements.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { findMostLost, hasUncountedRounds, renderRoundDots } from './round-dots.ts'

const round = (number: number, lost: number, sent = 1_000): RoundResult => ({
  round: number,
  runIds: [`run-${number}`],
  runId: `run-${number}`,
  sent,
  lost,
  state: 'judged',
  verdict: lost > 0 ? 'failed' : 'passed',
})
const leftOut = (number: number, lost: number): RoundResult => {
  const { round: own, runIds, runId, sent } = round(number, lost)
  return { round: own, runIds, runId, sent, lost, state: 'left-out', because: 'the driver was late' }
}
const render = (rounds: RoundResult[], most = 100): Page => parsePage(renderRoundDots(rounds, most))
const places = (page: Page): number[] => page.numbers('circle', 'cx')

test('dots: the further right, the more was lost, on a square-root scale', () => {
  const [none, quarter, all] = places(render([round(1, 0), round(2, 25), round(3, 100)]))
  expect((quarter! - none!) / (all! - none!)).toBeCloseTo(0.5, 1)
})

test('dots: each links to its run and says what it lost', () => {
  const page = render([round(1, 3), round(2, 1_200)], 1_200)
  expect(page.list('a').map((link) => [link.getAttribute('href'), link.getAttribute('aria-label')])).toEqual([
    ['#run=run-1', 'round 1: 3 lost'],
    ['#run=run-2', 'round 2: 1,200 lost'],
  ])
  expect(page.only('svg').getAttribute('aria-label')).toBe('Lost in each round: 3, 1,200')
})

test('dots: a ring without loss, a dashed one for a round that does not count', () => {
  const page = render([round(1, 0), round(2, 5), leftOut(3, 7)])
  expect(page.list('.dot').map((dot) => dot.getAttribute('class'))).toEqual(['dot none', 'dot some', 'dot apart'])
  expect(page.texts('title')).toContain('round 3: 7 lost, left out: the driver was late')
})

test('dots: rounds that lost as many stand above each other', () => {
  const page = render([round(1, 5), round(2, 5), round(3, 5)])
  expect(new Set(places(page)).size).toBe(1)
  expect(new Set(page.numbers('circle', 'cy')).size).toBe(3)
})

test('dots: the bar reaches to the worst round that counts', () => {
  const page = render([round(1, 25), leftOut(2, 100)])
  const bar = page.only('rect.reach')
  expect(Number(bar.getAttribute('x')) + Number(bar.getAttribute('width'))).toBeCloseTo(places(page)[0]!, 0)
  expect(render([round(1, 0)]).list('rect.reach').length).toBe(0)
})

test('dots: a round in which nothing was sent has none', () => {
  expect(render([round(1, 0, 0)]).list('svg').length).toBe(0)
  expect(render([round(1, 0, 0), round(2, 1)]).list('circle').length).toBe(1)
})

test('scale: one for all rows, up to the most that any round lost', () => {
  const { rows } = buildSampleComparison(2)
  const most = findMostLost(rows)
  expect(rows.flatMap(({ rounds }) => rounds).every(({ lost }) => lost <= most)).toBe(true)
  expect(findMostLost([])).toBe(1)
  expect(rows.some(hasUncountedRounds)).toBe(false)
  expect(hasUncountedRounds({ ...rows[0]!, rounds: [leftOut(1, 2)] })).toBe(true)
})
