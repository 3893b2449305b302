/** The drawing of a run, by its elements: every mark at its instant, and nothing without a position. */
import { expect, test } from 'vitest'
import { parsePage } from '../../testing/html-elements.ts'
import type { Page } from '../../testing/html-elements.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import type { Analysis, PodTimeline } from '../../model/result.ts'
import { sortByDue } from '../losses/payload.ts'
import { createTimeScale } from './time-scale.ts'
import { renderTimeline } from './timeline.ts'
import { drawingWidth, gutter, toX } from './timeline-geometry.ts'

const { runs } = buildSampleComparison()
const naive = runs.find(({ analysis }) => analysis.configuration === 'naive')!.analysis
const second = 1_000_000

/** A reader sees a tenth of a pixel at most. */
const draw = (change: Partial<Analysis> = {}, markLimit = 10_000): Page => {
  const analysis = { ...naive, ...change }
  return parsePage(renderTimeline(analysis, createTimeScale(analysis), markLimit))
}
const computePlace = (us: number, analysis: Analysis = naive): number =>
  Math.round(toX(createTimeScale(analysis), us) * 10) / 10

const podWith = (fields: Partial<PodTimeline>): PodTimeline => ({
  pod: 'web-1',
  node: 'node-1',
  old: true,
  createdUs: null,
  readyUs: null,
  deletionUs: null,
  endpointRemovedUs: null,
  removedFromProxyUs: null,
  goneUs: null,
  lastFreshUs: null,
  lastLedUs: null,
  containers: [],
  ...fields,
})

const containerWith = (
  ...moments: [moment: string, atS: number, detail: string | null][]
): PodTimeline['containers'][number] => ({
  name: 'app',
  moments: moments.map(([moment, atS, detail]) => ({
    moment: moment as PodTimeline['containers'][number]['moments'][number]['moment'],
    atUs: atS * second,
    errorUs: 500,
    source: 'kubelet',
    detail,
  })),
  faults: [],
})

test('phases: a band each, side by side, from first to last instant', () => {
  const page = draw()
  for (const { phase, fromUs, toUs } of naive.phases) {
    const band = page.only(`rect.phase-${phase}`)
    expect(Number(band.getAttribute('x'))).toBe(computePlace(fromUs))
    expect(Number(band.getAttribute('x')) + Number(band.getAttribute('width'))).toBeCloseTo(computePlace(toUs), 0)
  }
  expect(page.texts('text.phase')).toContain('during the disruption')
})

test('phases: one that is narrow has its short name, or none', () => {
  const phases: Analysis['phases'] = [
    { phase: 'before', fromUs: 0, toUs: 0.2 * second },
    { phase: 'during', fromUs: 0.2 * second, toUs: 1.5 * second },
    { phase: 'after', fromUs: 1.5 * second, toUs: 20 * second },
  ]
  expect(draw({ phases, losses: [], pods: [], buckets: [] }).texts('text.phase')).toEqual(['during', 'after'])
})

test('axis: 0 is the beginning of the disruption, and seconds are evenly apart', () => {
  const page = draw()
  const during = naive.phases.find(({ phase }) => phase === 'during')
  expect(Number(page.only('line.origin').getAttribute('x1'))).toBe(computePlace(during!.fromUs))
  const labels = page.list('text.axis[text-anchor="middle"]')
  const at = new Map(labels.map((label) => [label.textContent.trim(), Number(label.getAttribute('x'))]))
  expect(at.get('0')).toBe(computePlace(during!.fromUs))
  const places = [...at.values()]
  const steps = places.slice(1).map((x, index) => x - places[index]!)
  for (const step of steps) expect(step).toBeCloseTo(steps[0]!, 0)
})

test('pods: a lane each, named and told whether old or new and where', () => {
  const page = draw({ losses: [] })
  expect(page.list('g.lane').length).toBe(naive.pods.length)
  const titles = page.texts('svg.names title')
  for (const { pod, node } of naive.pods) expect(titles).toContain(`${pod} on ${node}`)
  expect(page.texts('text.note').filter((note) => note.startsWith('old'))).toHaveLength(
    naive.pods.filter(({ old }) => old).length,
  )
})

test('pods: starting, ready and terminating follow each other without a gap', () => {
  const pod = podWith({ createdUs: 2 * second, readyUs: 5 * second, deletionUs: 12 * second, goneUs: 17 * second })
  const page = draw({ pods: [pod], losses: [] })
  const analysis = { ...naive, pods: [pod], losses: [] }
  const edges = [2, 5, 12, 17].map((s) => computePlace(s * second, analysis))
  const parts = ['starting', 'ready', 'terminating'].map((state) => page.only(`rect.s-${state}`))
  expect(parts.map((part) => Number(part.getAttribute('x')))).toEqual(edges.slice(0, 3))
  for (const [index, part] of parts.entries()) {
    expect(Number(part.getAttribute('x')) + Number(part.getAttribute('width'))).toBeCloseTo(edges[index + 1]!, 0)
  }
  expect(page.texts('rect title')).toEqual([
    'web-1: starting for 3 s',
    'web-1: ready for 7 s',
    'web-1: terminating for 5 s',
  ])
})

test('pods: one older than the log is ready from the left edge on', () => {
  const page = draw({ pods: [podWith({ deletionUs: 10 * second, goneUs: 12 * second })], losses: [] })
  expect(Number(page.only('rect.s-ready').getAttribute('x'))).toBe(gutter)
  expect(page.list('rect.s-starting')).toEqual([])
})

test('pods: a new one of which nothing was seen has its lane, and no bar', () => {
  const page = draw({ pods: [podWith({ old: false })], losses: [] })
  expect(page.list('g.lane').length).toBe(1)
  expect(page.list('g.lane rect')).toEqual([])
})

test('moments: ones close together share a label', () => {
  const pod = podWith({ deletionUs: 10 * second, endpointRemovedUs: 10 * second + 8_000, goneUs: 18 * second })
  const labels = draw({ pods: [pod], losses: [] }).texts('text.label')
  expect(labels).toEqual(['deleted at 5.000 s · endpoint removed +8 ms', 'gone at 13.000 s'])
})

test('moments: a label without room on the right stands on the left', () => {
  const pod = podWith({ deletionUs: 25.8 * second })
  const label = draw({ pods: [pod], losses: [] }).only('text.label')
  expect(label.getAttribute('text-anchor')).toBe('end')
  expect(Number(label.getAttribute('x'))).toBeLessThan(drawingWidth)
})

test('containers: hook, signal and exit at their instants, and in words', () => {
  const pod = podWith({
    deletionUs: 10 * second,
    goneUs: 20 * second,
    containers: [
      containerWith(['hook-began', 10, null], ['hook-ended', 15, null], ['signal', 15, 'SIGQUIT'], ['exited', 18, '0']),
    ],
  })
  const analysis = { ...naive, pods: [pod], losses: [] }
  const page = draw({ pods: [pod], losses: [] })
  expect(Number(page.only('rect.s-hook').getAttribute('x'))).toBe(computePlace(10 * second, analysis))
  expect(Number(page.only('rect.s-stopping').getAttribute('x'))).toBe(computePlace(15 * second, analysis))
  expect(Number(page.only('rect.exit').getAttribute('x'))).toBeCloseTo(computePlace(18 * second, analysis) - 1, 0)
  expect(page.only('path.signal').getAttribute('d')).toMatch(new RegExp(`^M${computePlace(15 * second, analysis)} `))
  expect(page.texts('text.container')).toEqual(['app · hook 5 s · SIGQUIT · exit 0 after 3 s'])
})

test('containers: a failed hook is said; one that never ended is left out', () => {
  const failed = podWith({
    containers: [containerWith(['hook-began', 10, null], ['hook-failed', 11, '127'], ['signal', 11, null])],
  })
  const page = draw({ pods: [failed], losses: [] })
  expect(page.texts('text.container')).toEqual(['app · hook failed after 1 s · signal'])
  expect(page.list('rect.exit')).toEqual([])
  const alive = podWith({ containers: [containerWith(['started', 2, null])] })
  expect(draw({ pods: [alive], losses: [] }).list('text.container')).toEqual([])
})

test('losses: one mark each, on the lane of its pod, at its instant', () => {
  const page = draw()
  const losses = sortByDue(naive.losses)
  const marks = page.list('use.m')
  expect(marks.length).toBe(losses.length)
  const lanes = page.list('g.lane')
  for (const mark of marks) {
    const loss = losses[Number(mark.getAttribute('data-i'))]!
    expect(Number(mark.getAttribute('x'))).toBe(computePlace(loss.lostUs))
    expect(mark.getAttribute('href')).toBe(`#o-${loss.outcome}`)
    // Below the pods: losses without a pod.
    const place = naive.pods.findIndex(({ pod }) => pod === loss.pod)
    expect(lanes.indexOf(mark.closest('g.lane')!)).toBe(place === -1 ? naive.pods.length : place)
  }
})

test('losses: marks of the same instant hide none of each other', () => {
  const [loss] = naive.losses
  const losses = Array.from({ length: 5 }, (_, seq) => ({ ...loss!, request: { ...loss!.request, seq } }))
  const places = draw({ losses })
    .list('use.m')
    .map((mark) => `${mark.getAttribute('x')} ${mark.getAttribute('y')}`)
  expect(new Set(places).size).toBe(5)
})

test('losses: a faint mark where the pod is only the likeliest', () => {
  const [loss] = naive.losses
  const losses = [loss!, { ...loss!, attributedBy: null, candidates: ['a', 'b'] }]
  expect(draw({ losses }).list('.m.unsure').length).toBe(1)
})

test('losses: of no pod or an unknown one have lanes of their own', () => {
  const [loss] = naive.losses
  const page = draw({
    losses: [
      { ...loss!, pod: null },
      { ...loss!, pod: 'elsewhere-1' },
    ],
  })
  expect(page.list('g.lane').length).toBe(naive.pods.length + 2)
  expect(page.texts('text.note')).toEqual(expect.arrayContaining(['1 request', 'never observed']))
})

test('losses: bars beyond the limit, in which every request is counted once', () => {
  const page = draw({}, naive.losses.length - 1)
  expect(page.list('use.m')).toEqual([])
  const numbers = page.list('rect.m').flatMap((bar) => (bar.getAttribute('data-i') ?? '').split(' ').map(Number))
  expect(numbers.toSorted((a, b) => a - b)).toEqual(naive.losses.map((_, index) => index))
  for (const bar of page.list('rect.m')) {
    const title = /^([\d,]+) × ([a-z-]+)$/.exec(bar.textContent.trim())
    expect(Number(title?.[1])).toBe((bar.getAttribute('data-i') ?? '').split(' ').length)
  }
})

test('drawing: everything lies within it, and its label says how much there is', () => {
  for (const { analysis } of runs) {
    const page = parsePage(renderTimeline(analysis, createTimeScale(analysis), 10_000))
    const height = Number(page.only('svg.plot').getAttribute('height'))
    for (const y of page.numbers('svg.plot [y]', 'y')) expect(y >= 0 && y <= height).toBe(true)
    for (const x of page.numbers('svg.plot [x]', 'x')) expect(x >= 0 && x <= drawingWidth).toBe(true)
    expect(page.only('svg.plot').getAttribute('aria-label')).toContain(`${analysis.pods.length} pods and`)
  }
})
