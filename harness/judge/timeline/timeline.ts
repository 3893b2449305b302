/**
 * The timeline of a run as a drawing: one lane for each pod, on the axis that the charts below share. The page's script draws a section of
 * it with the same code.
 */
import type { Analysis, Loss, Phase, PodTimeline } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatPlural } from '../../base/figures.ts'
import { drawingWidth, formatPixels, gutter, isInScale, listTicks, rightMargin, toX } from './timeline-geometry.ts'
import type { TimeScale } from './timeline-geometry.ts'
import { layOutLossMarks } from './loss-marks.ts'
import type { NumberedLoss } from './loss-marks.ts'
import { sortByDue } from '../losses/payload.ts'
import { drawBar, drawLabels, drawStrip, listEndingContainers, heights, layOutLabels } from './pod-lane.ts'
import { shortenNames } from '../losses/pod-names.ts'

const axisHeight = 42

/** The drawn part of a run; `shown`: the lost requests that have a number, in order. Default: all of them. */
export type TimelineContent = Pick<Analysis, 'pods' | 'losses' | 'phases'> & { shown?: readonly Loss[] }

interface TimelineRow {
  title: string
  name: string
  note: string
  height: number
  draw: (top: number) => Html
}

const phaseLabels: Record<Phase, string> = { before: 'before', during: 'during the disruption', after: 'after' }

/** Draws the part of a run within `scale`; more lost requests than `markLimit` are drawn as bars. */
export function renderTimeline(analysis: TimelineContent, scale: TimeScale, markLimit: number): Html {
  const lanes = createRows(analysis, scale, markLimit)
  let height = axisHeight
  const placed = lanes.map((lane) => {
    const top = height
    height += lane.height
    return { lane, top }
  })
  const label = `Timeline: ${formatPlural(analysis.pods.length, 'pod')} and ${formatPlural(analysis.losses.length, 'lost request')}. The tables below hold the same.`
  const separators = placed.map(
    ({ top }) => html`<line class="rule" x1="0" x2="${drawingWidth}" y1="${top}" y2="${top}" />`,
  )
  return html`<svg
      class="names"
      width="${gutter}"
      height="${height}"
      viewBox="0 0 ${gutter} ${height}"
      aria-hidden="true"
    >
      <rect class="back" width="${gutter}" height="${height}" />
      <text class="axis" x="0" y="34">seconds</text>
      ${separators}${placed.map(({ lane, top }) => html`<g><title>${lane.title}</title><text class="pod" x="0" y="${top + 20}">${lane.name}</text><text class="note" x="0" y="${top + 34}">${lane.note}</text></g>`)}</svg
    ><svg
      class="plot"
      width="${drawingWidth}"
      height="${height}"
      viewBox="0 0 ${drawingWidth} ${height}"
      role="group"
      aria-label="${label}"
    >
      ${drawPhaseBands(analysis, scale, height)}${drawAxis(scale, height)}${separators}${placed.map(({ lane, top }) => lane.draw(top))}
    </svg>`
}

function drawPhaseBands({ phases }: TimelineContent, scale: TimeScale, height: number): Html {
  return html`${phases.map(({ phase, fromUs, toUs }) => {
    const x = toX(scale, fromUs)
    const width = toX(scale, toUs) - x
    if (width <= 0) return null
    const text =
      width > 40 &&
      html`<text class="phase" x="${formatPixels(x + 6)}" y="13">${width > 130 ? phaseLabels[phase] : phase}</text>`
    return html`<rect
        class="phase-${phase}"
        x="${formatPixels(x)}"
        y="0"
        width="${formatPixels(width)}"
        height="${height}"
      />${text}`
  })}`
}

function drawAxis(scale: TimeScale, height: number): Html {
  return html`${listTicks(scale).map(({ us, label }) => {
    const x = formatPixels(toX(scale, us))
    const origin = us === scale.originUs && scale.fromDisruption
    return html`<line class="${origin ? 'grid origin' : 'grid'}" x1="${x}" x2="${x}" y1="38" y2="${height}" /><text
        class="axis"
        x="${x}"
        y="34"
        text-anchor="${Number(x) < gutter + 8 ? 'start' : 'middle'}"
        >${label}</text
      >`
  })}`
}

function createRows(analysis: TimelineContent, scale: TimeScale, markLimit: number): TimelineRow[] {
  const losses = sortByDue(analysis.losses)
  const numbers = new Map((analysis.shown ?? losses).map((loss, index) => [loss, index]))
  const numbered = losses
    .map((loss): NumberedLoss => ({ index: numbers.get(loss) ?? null, loss }))
    .filter(({ loss }) => isInScale(scale, loss.lostUs))
  const single = numbered.length <= markLimit
  const byPod = Map.groupBy(numbered, ({ loss }) => loss.pod)
  const short = shortenNames(analysis.pods.map(({ pod }) => pod))
  const lanes = analysis.pods.map((pod) =>
    createPodRow(pod, { scale, single, losses: byPod.get(pod.pod) ?? [], name: short.get(pod.pod) ?? pod.pod }),
  )
  const known = new Set(analysis.pods.map(({ pod }) => pod))
  // A pod that only a response names, or no pod: such losses get lanes of their own.
  const others = [...byPod].filter(([pod]) => pod === null || !known.has(pod))
  return [...lanes, ...others.map(([pod, losses]) => createUnattributedRow(pod, { scale, single, losses }))]
}

function createPodRow(
  pod: PodTimeline,
  given: { scale: TimeScale; single: boolean; losses: NumberedLoss[]; name: string },
): TimelineRow {
  const { scale, single, losses, name } = given
  const labels = layOutLabels(pod, scale)
  const rows = labels.reduce((most, { row }) => Math.max(most, row + 1), 0)
  const marks = layOutLossMarks(losses, scale, single)
  const containers = listEndingContainers(pod)
  const above = 6 + rows * heights.label + 3 + marks.height
  const least = 46
  return {
    title: `${pod.pod} on ${pod.node ?? 'no node'}`,
    name,
    note: `${pod.old ? 'old' : 'new'} · ${pod.node ?? 'no node'}`,
    height: Math.max(least, above + heights.bar + containers.length * heights.strip + heights.pad),
    draw: (top) => {
      const barY = top + above
      const strips = containers.map((container, index) =>
        drawStrip(container, scale, barY + heights.bar + 1 + index * heights.strip),
      )
      return html`<g class="lane"
        >${drawLabels(labels, top + 6, barY + heights.bar)}${drawBar(pod, scale, barY)}${strips}<g class="marks"
          >${marks.draw(barY)}</g
        ></g
      >`
    },
  }
}

function createUnattributedRow(
  pod: string | null,
  given: { scale: TimeScale; single: boolean; losses: NumberedLoss[] },
): TimelineRow {
  const marks = layOutLossMarks(given.losses, given.scale, given.single)
  return {
    title: pod ?? 'Lost requests that could not be tied to one pod',
    name: pod === null ? 'not attributed' : (shortenNames([pod]).get(pod) ?? pod),
    note: pod === null ? formatPlural(given.losses.length, 'request') : 'never observed',
    height: Math.max(46, marks.height + 20),
    draw: (top) => {
      const baseY = top + Math.max(46, marks.height + 20) - 10
      return html`<g class="lane"
        ><line
          class="rule"
          x1="${gutter}"
          x2="${drawingWidth - rightMargin}"
          y1="${formatPixels(baseY)}"
          y2="${formatPixels(baseY)}"
        /><g class="marks">${marks.draw(baseY)}</g></g
      >`
    },
  }
}
