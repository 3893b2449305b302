/** Latency by percentile, on the axis of HdrHistogram's plots: each further nine has the same width. */
import { formatCount, formatDuration } from '../../base/figures.ts'
import { listCurveShares } from '../../model/figures/latency.ts'
import type { LatencyCurve } from '../../model/figures/latency.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatPixels } from '../timeline/timeline-geometry.ts'
import { listDurationTicks } from './duration-ticks.ts'

const frame = { width: 1040, height: 250, left: 62, right: 150, top: 12, bottom: 34 }
const [plotRight, plotBottom] = [frame.width - frame.right, frame.height - frame.bottom]
/** The height of a label, px. */
const labelStep = 15

interface CurveScale {
  toX: (share: number) => number
  toY: (us: number) => number
  /** `0.5`, `0.9`, `0.99` … as far as there are enough samples. */
  shares: number[]
  durations: number[]
}

/** Empty where no request was answered well. */
export function renderLatencyCurves(curves: readonly LatencyCurve[], runId: string): Html | false {
  if (curves.length === 0) return false
  const scale = createCurveScale(curves)
  return html`<figure class="curves" data-show="percentiles">
    <figcaption>
      <p class="of">
        Latency by percentile, from the instant a request was due. Each further nine of the percentile takes the same
        width; a curve ends at its slowest answer. The table “Latency by lane and phase” has the same quantiles by lane.
      </p>
    </figcaption>
    <div class="scroll" tabindex="0" role="group" aria-label="Latency by percentile of ${runId}">
      <svg
        class="curve"
        width="${frame.width}"
        height="${frame.height}"
        viewBox="0 0 ${frame.width} ${frame.height}"
        role="img"
        aria-label="${describeCurves(curves)}"
      >
        ${drawAxes(scale)}${curves.map((curve) => drawCurve(curve, scale))}${drawLabels(curves, scale)}
      </svg>
    </div>
  </figure>`
}

function createCurveScale(curves: readonly LatencyCurve[]): CurveScale {
  const all = curves.flatMap(({ us }) => us)
  const [low, high] = [Math.max(1, Math.min(...all)), Math.max(...all)]
  // Adds some space, and avoids an axis without length.
  const [least, most] = [low / 1.15, Math.max(high * 1.15, low * 2)]
  const nines = Math.max(1, Math.log10(Math.max(...curves.map(({ count }) => count))))
  const shares = [0, 0.5, ...Array.from({ length: Math.floor(nines) }, (_, index) => 1 - 10 ** -(index + 1))]
  return {
    toX: (share) => frame.left + (Math.log10(1 / (1 - share)) / nines) * (plotRight - frame.left),
    toY: (us) =>
      plotBottom - (Math.log(Math.max(us, least) / least) / Math.log(most / least)) * (plotBottom - frame.top),
    shares,
    durations: listDurationTicks(least, most),
  }
}

function drawAxes({ toX, toY, shares, durations }: CurveScale): Html {
  const across = durations.map((us) => {
    const y = formatPixels(toY(us))
    return html`<line class="grid" x1="${frame.left}" x2="${plotRight}" y1="${y}" y2="${y}" /><text
        x="${frame.left - 8}"
        y="${y}"
        dy="4"
        text-anchor="end"
        >${formatDuration(us)}</text
      >`
  })
  const down = shares.map((share) => {
    const x = formatPixels(toX(share))
    return html`<line class="grid" x1="${x}" x2="${x}" y1="${frame.top}" y2="${plotBottom}" /><text
        x="${x}"
        y="${plotBottom + 18}"
        text-anchor="middle"
        >${formatShare(share)}</text
      >`
  })
  return html`${across}${down}`
}

/** `50 %`, `99.9 %`. */
function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(10))} %`
}

function drawCurve({ phase, count, us }: LatencyCurve, { toX, toY }: CurveScale): Html {
  const points = listPoints(count, us).map(
    ([share, value]) => `${formatPixels(toX(share))} ${formatPixels(toY(value))}`,
  )
  return html`<path class="line l-${phase}" d="M${points.join('L')}"
    ><title>${phase}: ${formatCount(count)} answers</title></path
  >`
}

/** The largest of n samples is at 1 − 1/n: a log axis has no place for 100 %. */
function listPoints(count: number, us: readonly number[]): [share: number, us: number][] {
  const shares = listCurveShares(count)
  return us.map((value, place) => [Math.min(shares[place] ?? 1, 1 - 1 / Math.max(count, 2)), value])
}

/** At the ends of the curves, without overlap. */
function drawLabels(curves: readonly LatencyCurve[], { toX, toY }: CurveScale): Html {
  let free = frame.top + 4
  const placed = curves
    .map(({ phase, count, us }) => ({ phase, count, mostUs: us.at(-1) ?? 0 }))
    .toSorted((a, b) => b.mostUs - a.mostUs)
    .map(({ phase, count, mostUs }) => {
      const endY = toY(mostUs)
      const y = Math.max(free, endY + 4)
      free = y + labelStep
      const endX = toX(1 - 1 / Math.max(count, 2))
      return html`<path
          class="lead"
          d="M${formatPixels(endX + 2)} ${formatPixels(endY)}L${plotRight + 6} ${formatPixels(y - 4)}"
        /><text class="t-${phase}" x="${plotRight + 10}" y="${formatPixels(y)}"
          >${phase}, up to ${formatDuration(mostUs)}</text
        >`
    })
  return html`${placed}`
}

function describeCurves(curves: readonly LatencyCurve[]): string {
  const each = curves.map(({ phase, count, us }) => {
    const shares = listCurveShares(count)
    const half = us[shares.indexOf(0.5)] ?? us[0] ?? null
    return `${phase}: ${formatCount(count)} answers, half within ${formatDuration(half)}, all within ${formatDuration(us.at(-1) ?? null)}`
  })
  return `Latency by percentile. ${each.join('; ')}.`
}
