/** A pod's life as a drawing: its state as a bar, its end by container, its moments as labelled ticks. */
import type { ContainerTimeline, PodTimeline } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatDuration, formatInstant } from '../../base/figures.ts'
import { drawingWidth, formatPixels, isInScale, rightMargin, toX } from './timeline-geometry.ts'
import type { TimeScale } from './timeline-geometry.ts'

/** Heights of a lane's parts, from top to bottom: labels, (lost requests), bar, one strip for each container. */
export const heights = { label: 13, bar: 12, strip: 14, pad: 9 }

interface LabelledMoment {
  says: string
  us: number
}

interface MomentLabel {
  x: number
  text: string
  end: boolean
  row: number
  ticks: number[]
}

// The drawing must not depend on a font: this is a cautious estimate of a character's width at 10.5 px.
const estimateTextWidth = (text: string) => text.length * 5.6

/** The pod's moments as labels; moments close together share one, and labels that would touch get separate rows. */
export function layOutLabels(pod: PodTimeline, scale: TimeScale): MomentLabel[] {
  const rowEnds: number[] = []
  return groupMoments(listLabelledMoments(pod, scale), scale).map((group) => {
    const [first] = group
    const ticks = group.map(({ us }) => toX(scale, us))
    const x = ticks[0] ?? 0
    const text = group
      .map(({ says, us }) =>
        us === first?.us
          ? `${says} at ${formatInstant(us, scale.originUs).replace('+', '')}`
          : `${says} +${formatDuration(us - (first?.us ?? us))}`,
      )
      .join(' · ')
    const end = x + estimateTextWidth(text) > drawingWidth - rightMargin
    const left = end ? x - estimateTextWidth(text) : x
    const free = rowEnds.findIndex((rowEnd) => rowEnd < left)
    const row = free === -1 ? rowEnds.length : free
    rowEnds[row] = left + estimateTextWidth(text) + 8
    return { x, text, end, row, ticks }
  })
}

function listLabelledMoments(pod: PodTimeline, scale: TimeScale): LabelledMoment[] {
  const moments: [string, number | null][] = [
    ['created', pod.createdUs],
    ['ready', pod.readyUs],
    ['deleted', pod.deletionUs],
    ['endpoint removed', pod.endpointRemovedUs],
    ['removed from proxy', pod.removedFromProxyUs],
    ['gone', pod.goneUs],
  ]
  return moments
    .flatMap(([says, us]) => (us === null || !isInScale(scale, us) ? [] : [{ says, us }]))
    .sort((a, b) => a.us - b.us)
}

function groupMoments(moments: readonly LabelledMoment[], scale: TimeScale): LabelledMoment[][] {
  const groups: LabelledMoment[][] = []
  for (const moment of moments) {
    const group = groups.at(-1)
    const start = group?.[0]
    if (group !== undefined && start !== undefined && toX(scale, moment.us) - toX(scale, start.us) < 40)
      group.push(moment)
    else groups.push([moment])
  }
  return groups
}

/** Ticks from the label down to the lower edge of the bar. */
export function drawLabels(labels: readonly MomentLabel[], top: number, bottom: number): Html {
  return html`${labels.map(({ x, text, end, row, ticks }) => {
    const y = top + row * heights.label + 10
    const lines = ticks.map(
      (tick) =>
        html`<line
          class="tick"
          x1="${formatPixels(tick)}"
          x2="${formatPixels(tick)}"
          y1="${formatPixels(y - 7)}"
          y2="${formatPixels(bottom)}"
        />`,
    )
    return html`${lines}<text
        class="label"
        x="${formatPixels(end ? x - 4 : x + 4)}"
        y="${formatPixels(y)}"
        text-anchor="${end ? 'end' : 'start'}"
        >${text}</text
      >`
  })}`
}

/** Starting, ready and terminating as three parts of one bar. */
export function drawBar(pod: PodTimeline, scale: TimeScale, y: number): Html {
  const born = pod.createdUs ?? (pod.old ? scale.fromUs : null)
  const end = pod.goneUs ?? scale.toUs
  const stop = pod.deletionUs ?? end
  const ready = pod.readyUs ?? (pod.old ? born : null) ?? stop
  const parts: [string, string, number, number][] =
    born === null
      ? []
      : [
          ['starting', 'starting', born, Math.min(ready, stop)],
          ['ready', 'ready', Math.min(ready, stop), stop],
          ['terminating', 'terminating', stop, end],
        ]
  return html`${parts.map(([class_, says, from, to]) => drawSegment(scale, { class_, says: `${pod.pod}: ${says} for ${formatDuration(to - from)}`, from, to, y, height: heights.bar }))}`
}

interface Segment {
  class_: string
  says: string
  from: number
  to: number
  y: number
  height: number
}

function drawSegment(scale: TimeScale, { class_, says, from, to, y, height }: Segment): Html | null {
  if (to <= scale.fromUs || from >= scale.toUs || to <= from) return null
  const x = toX(scale, from)
  const width = Math.max(1, toX(scale, to) - x)
  return html`<rect
    class="s-${class_}"
    x="${formatPixels(x)}"
    y="${formatPixels(y)}"
    width="${formatPixels(width)}"
    height="${height}"
    ><title>${says}</title></rect
  >`
}

/** Containers whose end was seen; others have nothing to draw. */
export function listEndingContainers(pod: PodTimeline): ContainerTimeline[] {
  return pod.containers.filter(({ moments }) =>
    moments.some(({ moment }) => moment === 'hook-began' || moment === 'signal' || moment === 'exited'),
  )
}

/** How one container ended: the hook, then the stop signal until the exit, and the same in words beside it. */
export function drawStrip(container: ContainerTimeline, scale: TimeScale, y: number): Html {
  const findMoment = (wanted: string) => container.moments.findLast(({ moment }) => moment === wanted)
  const [began, ended, failed, signal, exited] = ['hook-began', 'hook-ended', 'hook-failed', 'signal', 'exited'].map(
    findMoment,
  )
  const hookEndUs = (ended ?? failed ?? signal ?? exited)?.atUs ?? scale.toUs
  const exitUs = exited?.atUs ?? scale.toUs
  const beginUs = (began ?? signal ?? exited)?.atUs ?? exitUs
  if (exitUs < scale.fromUs || beginUs > scale.toUs) return html``
  const drawPart = (class_: string, what: string, from: number, to: number): Html | null =>
    drawSegment(scale, { class_, says: `${container.name}: ${what}`, from, to, y: y + 4, height: 5 })
  const hook = began && drawPart('hook', 'preStop hook', began.atUs, hookEndUs)
  const stop = signal && drawPart('stopping', 'stop signal to exit', signal.atUs, exitUs)
  const says = [
    container.name,
    began && `hook ${failed ? 'failed after ' : ''}${formatDuration(hookEndUs - began.atUs)}`,
    signal && (signal.detail ?? 'signal'),
    exited && `exit ${exited.detail ?? ''}${signal ? ` after ${formatDuration(exited.atUs - signal.atUs)}` : ''}`,
  ].filter((part) => part !== undefined)
  const text = says.join(' · ')
  const [left, right] = [toX(scale, beginUs), toX(scale, exitUs)]
  const fits = right + 10 + estimateTextWidth(text) < drawingWidth - rightMargin
  return html`${hook}${stop}${drawSigns(container.name, { signal, exited }, scale, y)}<text
      class="label container"
      x="${formatPixels(fits ? right + 7 : left - 7)}"
      y="${formatPixels(y + 10)}"
      text-anchor="${fits ? 'start' : 'end'}"
      >${text}</text
    >`
}

type EndMoment = ContainerTimeline['moments'][number] | undefined

/** The stop signal as an arrow, the exit as a bar; neither is drawn outside the plot. */
function drawSigns(
  name: string,
  { signal, exited }: { signal: EndMoment; exited: EndMoment },
  scale: TimeScale,
  y: number,
): Html {
  const formatAt = (us: number): string => formatInstant(us, scale.originUs)
  const arrow =
    signal &&
    isInScale(scale, signal.atUs) &&
    html`<path class="signal" d="M${formatPixels(toX(scale, signal.atUs))} ${formatPixels(y + 9.5)}l-3-8h6Z"
      ><title>${name}: ${signal.detail ?? 'stop signal'} at ${formatAt(signal.atUs)}</title></path
    >`
  const bar =
    exited &&
    isInScale(scale, exited.atUs) &&
    html`<rect
      class="exit"
      x="${formatPixels(toX(scale, exited.atUs) - 1)}"
      y="${formatPixels(y + 1.5)}"
      width="2"
      height="10"
      ><title>${name}: exit ${exited.detail ?? ''} at ${formatAt(exited.atUs)}</title></rect
    >`
  return html`${arrow}${bar}`
}
