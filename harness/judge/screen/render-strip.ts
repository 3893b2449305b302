/** A strip: lost requests above, and below them how long pods were still sent work and how long they did it. */
import { formatCount } from '../../base/figures.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import type { Family } from '../timeline/outcome-looks.ts'
import { formatHundredths, listStripTicks, toPercent } from './strip-scale.ts'
import type { StripScale } from './strip-scale.ts'
import type { PodRange, StripSource } from './strip-source.ts'

/** Positions are shares of the width and heights are pixels, so that texts keep their size at any width. */
const y = { base: 38, says: 51, connecting: 57, answering: 65, ticks: 91 }
const heights = { losses: 36, connecting: 5, answering: 11, strip: 79, all: 95 }
/** The minimum width at which a text must fit beside what it explains, and a cautious width of a character. */
const narrow = { strip: 290, character: 7.4 }

const families: readonly Family[] = ['cut', 'partial', 'connect', 'answer', 'silence']

export interface StripTexts {
  /** A description of the drawing for screen readers. */
  label: string
  /** The margin in words; `null` if it is unknown. */
  margin: string | null
}

/** `highest`: the number of requests for each round that fills the height, the same for all strips of a page. */
export function renderStrip(
  source: StripSource,
  { scale, highest }: { scale: StripScale; highest: number },
  { label, margin }: StripTexts,
): Html {
  return html`<svg class="strip" width="100%" height="${heights.all}" role="img" aria-label="${label}">
    ${drawGrid(scale)}${drawLosses(source, scale, highest)}${drawConnecting(source, scale)}${drawAnswering(source, scale)}
    ${drawMargin(source, scale, margin)}${source.unplaced > 0 && html`<text class="rest" x="100%" y="11" text-anchor="end">${formatCount(source.unplaced)} without a pod</text>`}
  </svg>`
}

/** The axis above the strips of a group. */
export function renderStripAxis(scale: StripScale): Html {
  return html`<svg class="axis" width="100%" height="16" aria-hidden="true">
    <text x="${toPercent(scale, 0)}" y="12">deleted</text>
    ${drawTickLabels(scale, 12)}
  </svg>`
}

function drawTickLabels(scale: StripScale, atY: number): Html[] {
  return listStripTicks(scale).map(
    ({ us, label }) => html`<text x="${toPercent(scale, us)}" y="${atY}" text-anchor="middle">${label}</text>`,
  )
}

function drawGrid(scale: StripScale): Html {
  const lines = listStripTicks(scale).map(({ us }) => {
    const x = toPercent(scale, us)
    return html`<line class="grid" x1="${x}" x2="${x}" y1="2" y2="${heights.strip}" />`
  })
  const zero = toPercent(scale, 0)
  return html`${lines}<line class="deleted" x1="${zero}" x2="${zero}" y1="2" y2="${heights.strip}" /><line
      class="base"
      x1="0"
      x2="100%"
      y1="${y.base}"
      y2="${y.base}"
    /><g class="ticks"
      ><text x="${zero}" y="${y.ticks}" text-anchor="middle">0</text>${drawTickLabels(scale, y.ticks)}</g
    >`
}

/** One path for each kind, in columns; it is stretched to the width, unlike text. */
function drawLosses(
  { losses, rounds }: StripSource,
  { fromUs, toUs, binUs }: StripScale,
  highest: number,
): Html | null {
  if (losses.length === 0) return null
  const columns = Map.groupBy(losses, ({ atUs }) => Math.floor(atUs / binUs))
  const paths = new Map<Family, string[]>()
  for (const [column, members] of columns) {
    const x = formatHundredths(column - fromUs / binUs + 0.06)
    let top = heights.losses
    for (const family of families) {
      const count = members.filter((one) => one.family === family).length
      if (count === 0) continue
      const height = Math.max(1.6, (count / Math.max(1, rounds) / highest) * (heights.losses - 2))
      top -= height
      const rect = `M${x} ${formatHundredths(top)}h.88v${formatHundredths(height)}h-.88z`
      paths.set(family, [...(paths.get(family) ?? []), rect])
    }
  }
  const width = formatHundredths((toUs - fromUs) / binUs)
  return html`<svg
    width="100%"
    height="${heights.losses}"
    y="${y.base - heights.losses}"
    viewBox="0 0 ${width} ${heights.losses}"
    preserveAspectRatio="none"
  >
    ${families.map((family) => {
      const path = paths.get(family)
      return path !== undefined && html`<path class="f-${family}" fill="currentColor" d="${path.join('')}" />`
    })}
  </svg>`
}

/** Solid until the first pod, faint until the last. */
function drawRange(
  { leastUs, mostUs }: PodRange,
  { scale, y: top, height, kind }: { scale: StripScale; y: number; height: number; kind: string },
): Html {
  return html`${drawSpan(scale, scale.fromUs, mostUs, { y: top, height, kind: `${kind} most` })}${drawSpan(scale, scale.fromUs, leastUs, { y: top, height, kind })}`
}

function drawSpan(
  scale: StripScale,
  fromUs: number,
  toUs: number,
  { y: top, height, kind }: { y: number; height: number; kind: string },
): Html | null {
  const [from, to] = [fromUs, toUs].map((us) => Number.parseFloat(toPercent(scale, us)))
  if (from === undefined || to === undefined || to <= from) return null
  return html`<rect
    class="${kind}"
    x="${from}%"
    y="${top}"
    width="${formatHundredths(to - from)}%"
    height="${height}"
  />`
}

function drawConnecting({ connecting }: StripSource, scale: StripScale): Html | null {
  if (connecting === null) return null
  return drawRange(connecting, { scale, y: y.connecting, height: heights.connecting, kind: 'connecting' })
}

function drawAnswering({ answering, tightest, upstream, endedBy }: StripSource, scale: StripScale): Html | null {
  const at = { y: y.answering, height: heights.answering }
  const end = Math.max(answering?.mostUs ?? 0, upstream?.mostUs ?? 0)
  return html`${answering !== null && drawRange(answering, { scale, kind: 'answering', ...at })}
  ${upstream !== null && drawSpan(scale, upstream.leastUs, upstream.mostUs, { kind: 'upstream', ...at })}
  ${tightest !== null && tightest.marginUs < 0 && drawGap(scale, tightest)}
  ${endedBy !== null && end > 0 && drawAfter(scale, Math.max(end, tightest?.connectingUs ?? 0), endedBy)}`
}

/** Marks the time in which connections came but no server listened. */
function drawGap(
  scale: StripScale,
  { answeringUs, connectingUs }: { answeringUs: number; connectingUs: number },
): Html {
  const middle = y.answering + heights.answering / 2
  const [from, to] = [toPercent(scale, answeringUs), toPercent(scale, connectingUs)]
  return html`<line
      class="gap"
      x1="${from}"
      x2="${to}"
      y1="${middle}"
      y2="${middle}"
    />${drawSpan(scale, answeringUs, connectingUs, { y: y.answering, height: heights.answering, kind: 'gap-frame' })}`
}

/** Left out in narrow strips in which it would not fit. */
function drawAfter(scale: StripScale, us: number, says: string): Html {
  const room = narrow.strip * (1 - Number.parseFloat(toPercent(scale, us)) / 100) - 8
  return html`<text
    class="${says.length * narrow.character > room ? 'ended wide' : 'ended'}"
    x="${toPercent(scale, us)}"
    dx="7"
    y="${y.answering + 9.5}"
    >${says}</text
  >`
}

function drawMargin({ tightest, upstream }: StripSource, scale: StripScale, says: string | null): Html | null {
  if (says === null) return null
  const spare = tightest !== null && tightest.marginUs > 0 && upstream === null
  const from = spare ? tightest.connectingUs : (upstream?.leastUs ?? tightest?.answeringUs ?? 0)
  const to = spare ? tightest.answeringUs : (upstream?.mostUs ?? tightest?.connectingUs ?? from)
  const [left, right] = [from, to].map((us) => Number.parseFloat(toPercent(scale, us)))
  const line = y.connecting + heights.connecting / 2
  const dashes = spare && html`<line class="spare" x1="${left}%" x2="${right}%" dx="4" y1="${line}" y2="${line}" />`
  return html`${dashes}<text
      class="${spare ? 'says good' : 'says bad'}"
      ${placeText(says, left ?? 0, right ?? 0)}
      y="${y.says}"
      >${says}</text
    >`
}

/** Centred over what it explains if that is wide enough, else aligned with its left edge, else as far right as it fits. */
function placeText(says: string, left: number, right: number): Html {
  const width = (says.length * narrow.character * 100) / narrow.strip
  if (right - left >= width) return html`x="${formatHundredths((left + right) / 2)}%" text-anchor="middle"`
  return left + width <= 100 ? html`x="${left}%"` : html`x="100%" text-anchor="end"`
}
