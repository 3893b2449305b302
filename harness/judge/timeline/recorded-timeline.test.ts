/** The drawings of recorded runs, compared with the records of their logs instead of the conclusions. */
import { beforeAll, describe, expect, test } from 'vitest'
import { neverSentReasons, readPods } from '../../testing/samples/log-facts.ts'
import type { SeenPod } from '../../testing/samples/log-facts.ts'
import { parsePage } from '../../testing/html-elements.ts'
import type { Page, PageElement } from '../../testing/html-elements.ts'
import { getRecordedDir, readRecordedRun } from '../../testing/recorded-runs.ts'
import { buildLog } from '../../testing/samples/rollout-log.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { sortByDue } from '../losses/payload.ts'
import { analyseRun } from '../verdict/analyse-run.ts'
import { createTimeScale } from './time-scale.ts'
import { renderTimeline } from './timeline.ts'
import { drawingWidth, gutter, plotWidth, rightMargin } from './timeline-geometry.ts'
import type { TimeScale } from './timeline-geometry.ts'

describe.each(['rollout-naive-local', 'rollout-graceful-kind', 'scale-down-graceful-two-drivers'])('%s', (name) => {
  let records: readonly LogRecord[]
  let analysis: Analysis
  let scale: TimeScale
  let page: Page
  let lanes: PageElement[]
  let seen: Map<string, SeenPod>

  beforeAll(async () => {
    const run = await readRecordedRun(getRecordedDir(name))
    records = run.records
    analysis = await analyseRun(run.plan, buildLog(records, run.torn))
    scale = createTimeScale(analysis)
    page = parsePage(renderTimeline(analysis, scale, Infinity))
    lanes = page.list('g.lane')
    seen = readPods(records)
  })

  /** By the definition of the axis, not by the function that draws it. */
  const placeOf = (us: number): number =>
    gutter +
    ((Math.min(Math.max(us, scale.fromUs), scale.toUs) - scale.fromUs) / (scale.toUs - scale.fromUs)) * plotWidth
  const findLane = (pod: string): PageElement => lanes[analysis.pods.findIndex((one) => one.pod === pod)]!
  const listLost = (): RequestRecord[] =>
    records
      .flatMap((record) => (record.type === 'request' && record.request.lane !== 'control' ? [record.request] : []))
      .filter(({ outcome }) => outcome !== 'ok' && !neverSentReasons.has(outcome))

  test('every pod of the workload that the watch showed has its lane, and no other', () => {
    expect(new Set(analysis.pods.map(({ pod }) => pod))).toEqual(new Set(seen.keys()))
    expect(lanes.length).toBeGreaterThanOrEqual(seen.size)
    const titles = page.texts('svg.names title')
    for (const [pod, { node }] of seen) expect(titles).toContain(`${pod} on ${node}`)
  })

  test('a pod that was deleted is terminating from then on, until it was gone', () => {
    const left = [...seen].filter(([, { deletedUs }]) => deletedUs !== null)
    expect(left.length).toBeGreaterThan(0)
    for (const [pod, { terminatingUs, deletedUs }] of left) {
      const bars = page.list('rect.s-terminating').filter((bar) => bar.closest('g.lane') === findLane(pod))
      expect(bars).toHaveLength(1)
      const [x, width] = ['x', 'width'].map((attribute) => Number(bars[0]!.getAttribute(attribute)))
      expect(x).toBeCloseTo(placeOf(terminatingUs!), 0)
      expect(x! + width!).toBeCloseTo(placeOf(deletedUs!), 0)
    }
  })

  test('a pod is drawn as terminating when it was deleted, and else never', () => {
    const terminating = new Set(page.list('rect.s-terminating').map((bar) => bar.closest('g.lane')))
    for (const [pod, { terminatingUs }] of seen) expect(terminating.has(findLane(pod))).toBe(terminatingUs !== null)
  })

  test('exit codes are those that were seen, in words beside the container', () => {
    const exits = records.filter((record) => record.type === 'container' && record.moment === 'exited')
    const words = page.texts('text.container')
    for (const exit of exits) {
      // A server's own log has no exit code.
      if (exit.type !== 'container' || exit.detail === null || !seen.has(exit.pod)) continue
      expect(words.some((text) => text.startsWith(exit.container) && text.includes(`exit ${exit.detail}`))).toBe(true)
    }
  })

  test('every lost request of the log has one mark, of its outcome, at its instant', () => {
    const lost = listLost()
    const marks = page.list('use.m')
    expect(marks.length).toBe(lost.length)
    const drawn = marks.map((mark) => String(mark.getAttribute('href'))).toSorted()
    expect(drawn).toEqual(lost.map(({ outcome }) => `#o-${outcome}`).toSorted())
    const numbered = sortByDue(analysis.losses)
    for (const mark of marks) {
      const { lostUs } = numbered[Number(mark.getAttribute('data-i'))]!
      expect(Number(mark.getAttribute('x'))).toBeCloseTo(placeOf(lostUs), 0)
    }
  })

  test('labels of a lane stand beside or above each other, and within the drawing', () => {
    // A cautious width of a character of that size.
    const characterWidth = 5.6
    const extentOf = (label: PageElement): [from: number, to: number, y: number] => {
      const [x, y] = [Number(label.getAttribute('x')), Number(label.getAttribute('y'))]
      const width = label.textContent.replaceAll(/\s+/g, ' ').trim().length * characterWidth
      return label.getAttribute('text-anchor') === 'end' ? [x - width, x, y] : [x, x + width, y]
    }
    const labels = Map.groupBy(page.list('text.label'), (label) => lanes.indexOf(label.closest('g.lane')!))
    expect(labels.size).toBeGreaterThan(0)
    for (const own of labels.values()) {
      const extents = own.map(extentOf)
      for (const [place, [from, to, y]] of extents.entries()) {
        expect(to).toBeLessThanOrEqual(drawingWidth)
        const touching = extents.slice(place + 1).filter(([otherFrom, otherTo, otherY]) => {
          return otherY === y && otherFrom < to && otherTo > from
        })
        expect(touching).toEqual([])
      }
    }
  })

  test('instants of labels are those of the records, from the beginning of the disruption', () => {
    const words = page.texts('text.label:not(.container)').join(' · ')
    const toLabel = (us: number): string => `${((us - scale.originUs) / 1e6).toFixed(3)} s`
    const left = [...seen].filter(([, { terminatingUs }]) => terminatingUs !== null)
    for (const [, { terminatingUs }] of left) expect(words).toContain(`deleted at ${toLabel(terminatingUs!)}`)
  })

  test('the axis begins with the first request, ends after the last old pod is gone, and 0 is the disruption', () => {
    const stepUs = (wanted: string): number => {
      const step = records.find((record) => record.type === 'step' && record.step === wanted)
      return step?.type === 'step' ? step.t : Number.NaN
    }
    expect(scale.originUs).toBe(stepUs('disrupt-begin'))
    expect(scale.fromUs).toBeLessThanOrEqual(stepUs('load-begin'))
    expect(scale.toUs).toBeGreaterThanOrEqual(stepUs('old-pods-gone'))
    for (const [, { deletedUs }] of seen) expect(scale.toUs).toBeGreaterThanOrEqual(deletedUs ?? 0)
    expect(placeOf(scale.toUs)).toBe(drawingWidth - rightMargin)
  })
})
