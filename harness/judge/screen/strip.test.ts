import { expect, test } from 'vitest'
import type { FreshMargin, PodMargin } from '../../model/figures/margin.ts'
import { buildSampleComparison, changeComparison } from '../../testing/samples/sample-analyses.ts'
import { parsePage } from '../../testing/html-elements.ts'
import { renderStrip } from './render-strip.ts'
import { createStripScale, findHighest, listStripTicks, toPercent } from './strip-scale.ts'
import { collectStripSource } from './strip-source.ts'
import type { StripSource } from './strip-source.ts'

const second = 1_000_000
const nothing: StripSource = {
  rounds: 1,
  pods: 0,
  losses: [],
  unplaced: 0,
  connecting: null,
  answering: null,
  tightest: null,
  upstream: null,
  endedBy: null,
}
const texts = { label: 'what it shows', margin: null }

function createFresh(connectingUs: number, answeringUs: number): FreshMargin {
  const marginUs = answeringUs - connectingUs
  return { connectingUs, source: 'kernel', atLeast: false, answeringUs, marginUs, errorUs: 1_000 }
}

function createMargin(pod: string, fields: Partial<PodMargin>): PodMargin {
  return { pod, deletionUs: 0, fresh: null, kept: null, upstream: null, endedBy: null, ...fields }
}

function renderAlone(source: StripSource, margin: string | null = null): ReturnType<typeof parsePage> {
  const scale = createStripScale([source])
  const highest = findHighest([{ source, scale }])
  return parsePage(renderStrip(source, { scale, highest }, { ...texts, margin }))
}

test('pods of all rounds are laid over each other; the tightest one gives the margin', () => {
  const { rows, runs } = changeComparison(buildSampleComparison(2), ({ round }) => ({
    margins: [
      createMargin('a', { fresh: createFresh(0.4 * second, 5 * second), endedBy: 'TERM' }),
      createMargin('b', { fresh: createFresh(0.9 * second, (5 + round) * second), endedBy: 'TERM' }),
      createMargin('c', { endedBy: 'KILL', upstream: { status: 502, answers: 3, fromUs: 1e5, toUs: round * 1e6 } }),
    ],
  }))
  const source = collectStripSource(rows[0]!, runs)
  expect(source).toMatchObject({
    rounds: 2,
    pods: 6,
    connecting: { leastUs: 0.4 * second, mostUs: 0.9 * second },
    answering: { leastUs: 5 * second, mostUs: 7 * second },
    tightest: { marginUs: 4.6 * second },
    upstream: { leastUs: 0.1 * second, mostUs: 2 * second },
    endedBy: 'TERM',
  })
})

test('losses without a pod that was deleted are counted apart', () => {
  const { rows, runs } = changeComparison(buildSampleComparison(), ({ losses }) => ({
    losses: losses.map((loss, index) => ({ ...loss, sinceDeletionUs: index < 5 ? null : 1_000 * index })),
    margins: [],
  }))
  const source = collectStripSource(rows[0]!, runs)
  expect([source.unplaced, source.losses.length]).toEqual([5, rows[0]!.lost - 5])
})

test('the scale begins before the deletion, ends after all else, and its columns are 0.1 s wide for some seconds', () => {
  const scale = createStripScale([{ ...nothing, answering: { leastUs: 0, mostUs: 5 * second } }])
  expect([scale.binUs, scale.fromUs < 0, scale.toUs > 5.5 * second]).toEqual([second / 10, true, true])
  expect(listStripTicks(scale).map(({ label }) => label)).toEqual(['1 s', '2 s', '3 s', '4 s', '5 s'])
  const long = createStripScale([{ ...nothing, losses: [{ family: 'cut', atUs: 130 * second }] }])
  expect([long.binUs, listStripTicks(long).at(-1)?.label]).toEqual([2 * second, '150 s'])
  expect([toPercent(scale, scale.fromUs), toPercent(scale, 1e12)]).toEqual(['0%', '100%'])
})

test('a column counts losses for each round, on one scale for all strips', () => {
  const losses = Array.from({ length: 12 }, (_, index) => ({ family: 'connect' as const, atUs: 1_000 * index }))
  const [once, often] = [
    { ...nothing, losses },
    { ...nothing, losses, rounds: 4 },
  ]
  const scale = createStripScale([once, often])
  expect([findHighest([{ source: once, scale }]), findHighest([{ source: often, scale }])]).toEqual([12, 3])
  const heights = [once, often].map((source) => {
    const page = parsePage(renderStrip(source, { scale, highest: 12 }, texts))
    return Number(/v([\d.]+)/.exec(page.only('path.f-connect').getAttribute('d') ?? '')?.[1])
  })
  expect(heights[0]! / heights[1]!).toBeCloseTo(4, 1)
})

test('a strip: a gap without a listener is drawn where connections came later than answers, else time to spare', () => {
  const bad = renderAlone(
    { ...nothing, tightest: createFresh(0.95 * second, 0.01 * second) },
    'nobody listened for 0.94 s',
  )
  expect([bad.list('.gap').length, bad.list('.spare').length, bad.texts('.says.bad')]).toEqual([
    1,
    0,
    ['nobody listened for 0.94 s'],
  ])
  const good = renderAlone({ ...nothing, tightest: createFresh(0.95 * second, 5 * second) }, '4 s to spare')
  expect([good.list('.gap').length, good.list('.spare').length, good.texts('.says.good')]).toEqual([
    0,
    1,
    ['4 s to spare'],
  ])
})

test('a row of which nothing is known has its empty strip', () => {
  const page = renderAlone(nothing)
  expect(page.list('rect, path, .says')).toEqual([])
  expect(page.only('svg').getAttribute('aria-label')).toBe('what it shows')
})
