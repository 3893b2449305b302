/** The timeline of a run as a static drawing: a lane for each pod, on the axis that the charts beneath it share. */
import type { Analysis, Phase, PodLife } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { plural, px } from '../report/format.ts'
import { drawingWidth, gutter, rightMargin, ticksOf, xOf } from './timeline-geometry.ts'
import type { TimeScale } from './timeline-geometry.ts'
import { lossMarks } from './loss-marks.ts'
import type { Numbered } from './loss-marks.ts'
import { inOrder } from '../losses/payload.ts'
import { drawBar, drawLabels, drawStrip, endingContainers, heights, labelsOf } from './pod-lane.ts'
import { shortNames } from '../losses/pod-names.ts'

const axisHeight = 42

interface Lane {
  title: string
  name: string
  note: string
  height: number
  draw: (top: number) => Html
}

const phaseSays: Record<Phase, string> = { before: 'before', during: 'during the disruption', after: 'after' }

/** Draws a run; more lost requests than `markLimit` are drawn as bars of them. */
export function timeline(analysis: Analysis, scale: TimeScale, markLimit: number): Html {
  const lanes = lanesOf(analysis, scale, analysis.losses.length <= markLimit)
  let height = axisHeight
  const placed = lanes.map((lane) => {
    const top = height
    height += lane.height
    return { lane, top }
  })
  const label = `Timeline: ${plural(analysis.pods.length, 'pod')} and ${plural(analysis.losses.length, 'lost request')}. The tables below hold the same.`
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
      ${phaseBands(analysis, scale, height)}${axis(scale, height)}${separators}${placed.map(({ lane, top }) => lane.draw(top))}
    </svg>`
}

function phaseBands({ phases }: Analysis, scale: TimeScale, height: number): Html {
  return html`${phases.map(({ phase, fromUs, toUs }) => {
    const x = xOf(scale, fromUs)
    const width = xOf(scale, toUs) - x
    const text =
      width > 40 && html`<text class="phase" x="${px(x + 6)}" y="13">${width > 130 ? phaseSays[phase] : phase}</text>`
    return html`<rect class="phase-${phase}" x="${px(x)}" y="0" width="${px(width)}" height="${height}" />${text}`
  })}`
}

function axis(scale: TimeScale, height: number): Html {
  return html`${ticksOf(scale).map(({ us, label }) => {
    const x = px(xOf(scale, us))
    const origin = us === scale.originUs && scale.fromDisruption
    return html`<line class="${origin ? 'grid origin' : 'grid'}" x1="${x}" x2="${x}" y1="38" y2="${height}" /><text
        class="axis"
        x="${x}"
        y="34"
        text-anchor="middle"
        >${label}</text
      >`
  })}`
}

function lanesOf(analysis: Analysis, scale: TimeScale, single: boolean): Lane[] {
  const numbered = inOrder(analysis.losses).map((loss, index): Numbered => ({ index, loss }))
  const byPod = Map.groupBy(numbered, ({ loss }) => loss.pod)
  const short = shortNames(analysis.pods.map(({ pod }) => pod))
  const lanes = analysis.pods.map((pod) =>
    podLane(pod, { scale, single, losses: byPod.get(pod.pod) ?? [], name: short.get(pod.pod) ?? pod.pod }),
  )
  const known = new Set(analysis.pods.map(({ pod }) => pod))
  // A pod that only a response names, or no pod at all: such losses have lanes of their own rather than none.
  const others = [...byPod].filter(([pod]) => pod === null || !known.has(pod))
  return [...lanes, ...others.map(([pod, losses]) => looseLane(pod, { scale, single, losses }))]
}

function podLane(pod: PodLife, given: { scale: TimeScale; single: boolean; losses: Numbered[]; name: string }): Lane {
  const { scale, single, losses, name } = given
  const labels = labelsOf(pod, scale)
  const rows = labels.reduce((most, { row }) => Math.max(most, row + 1), 0)
  const marks = lossMarks(losses, scale, single)
  const containers = endingContainers(pod)
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

function looseLane(pod: string | null, given: { scale: TimeScale; single: boolean; losses: Numbered[] }): Lane {
  const marks = lossMarks(given.losses, given.scale, given.single)
  return {
    title: pod ?? 'Lost requests that could not be tied to one pod',
    name: pod === null ? 'not attributed' : (shortNames([pod]).get(pod) ?? pod),
    note: pod === null ? plural(given.losses.length, 'request') : 'never observed',
    height: Math.max(46, marks.height + 20),
    draw: (top) => {
      const baseY = top + Math.max(46, marks.height + 20) - 10
      return html`<g class="lane"
        ><line class="rule" x1="${gutter}" x2="${drawingWidth - rightMargin}" y1="${px(baseY)}" y2="${px(baseY)}" /><g
          class="marks"
          >${marks.draw(baseY)}</g
        ></g
      >`
    },
  }
}
