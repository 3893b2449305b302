/** Lost requests as marks on a lane: one glyph each, stacked where they crowd, or bars where there are too many. */
import type { Loss } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { formatCount } from '../../base/figures.ts'
import { formatPixels, toX } from './timeline-geometry.ts'
import type { TimeScale } from './timeline-geometry.ts'
import { getOutcomeLook } from './outcome-looks.ts'

/** A lost request with its number in the run; `null` if only the event log has it. */
export interface NumberedLoss {
  index: number | null
  loss: Loss
}

export interface MarkBlock {
  height: number
  /** Draws the block with its lower edge at `baseY`. */
  draw: (baseY: number) => Html
}

const glyphWidth = 7.2
const barWidth = 3
const maxBarHeight = 84
const glyphStep = 7.4

/** Marks for the losses of one lane; `single`: draws each request as a glyph. */
export function layOutLossMarks(losses: readonly NumberedLoss[], scale: TimeScale, single: boolean): MarkBlock {
  if (losses.length === 0) return { height: 0, draw: () => html`` }
  return single ? layOutGlyphs(losses, scale) : layOutBars(losses, scale)
}

function layOutGlyphs(losses: readonly NumberedLoss[], scale: TimeScale): MarkBlock {
  const levelEnds: number[] = []
  // Each mark keeps its exact instant and takes the lowest level where it touches no other.
  const placed = losses.map(({ index, loss }) => {
    const x = toX(scale, loss.lostUs)
    const free = levelEnds.findIndex((end) => end <= x)
    const level = free === -1 ? levelEnds.length : free
    levelEnds[level] = x + glyphWidth
    return { index, loss, x, level }
  })
  const crowd = levelEnds.length
  // From here on glyphs overlap: their density replaces the detail.
  const gap = Math.min(glyphStep, maxBarHeight / crowd)
  return {
    height: Math.ceil(crowd * gap) + 5,
    draw: (baseY) =>
      html`${placed.map(
        ({ index, loss, x, level }) =>
          html`<use
            href="#o-${loss.outcome}"
            class="m f-${getOutcomeLook(loss.outcome).family}${isUncertain(loss) && ' unsure'}"
            x="${formatPixels(x)}"
            y="${formatPixels(baseY - 6 - level * gap)}"
            data-i="${index}"
          />`,
      )}`,
  }
}

function layOutBars(losses: readonly NumberedLoss[], scale: TimeScale): MarkBlock {
  const columns = Map.groupBy(losses, ({ loss }) => Math.floor(toX(scale, loss.lostUs) / barWidth))
  const crowd = columns.values().reduce((most, members) => Math.max(most, members.length), 1)
  const unit = maxBarHeight / crowd
  const drawBars = (baseY: number) =>
    [...columns].flatMap(([column, members]) => {
      let y = baseY - 2
      return [...Map.groupBy(members, ({ loss }) => loss.outcome)].map(([outcome, same]) => {
        const height = same.length * unit
        y -= height
        const indexes = same.flatMap(({ index }) => index ?? []).join(' ')
        return html`<rect
          class="m bar f-${getOutcomeLook(outcome).family}"
          x="${column * barWidth}"
          y="${formatPixels(y)}"
          width="${barWidth - 0.4}"
          height="${formatPixels(Math.max(1, height))}"
          data-i="${indexes}"
          ><title>${formatCount(same.length)} × ${outcome}</title></rect
        >`
      })
    })
  return { height: maxBarHeight + 6, draw: (baseY) => html`${drawBars(baseY)}` }
}

/** If several pods are possible, the mark is on the lane of the likeliest. */
function isUncertain({ pod, attributedBy }: Loss): boolean {
  return pod !== null && attributedBy === null
}
