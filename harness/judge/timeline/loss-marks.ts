/** Lost requests as marks on a lane: one glyph each, stacked where they crowd; bars where there are too many for that. */
import type { Loss } from '../../model/result.ts'
import { html } from '../report/escape-html.ts'
import type { Html } from '../report/escape-html.ts'
import { count, px } from '../report/format.ts'
import { xOf } from './timeline-geometry.ts'
import type { TimeScale } from './timeline-geometry.ts'
import { lookOf } from '../report/outcome-looks.ts'

/** A lost request with its number in the run. */
export interface Numbered {
  index: number
  loss: Loss
}

export interface MarkBlock {
  height: number
  /** Draws the block with its lower edge at `baseY`. */
  draw: (baseY: number) => Html
}

const glyphWidth = 7.2
const barWidth = 3
const highest = 84
const step = 7.4

/** Marks for the losses of one lane; `single` draws each request on its own. */
export function lossMarks(losses: readonly Numbered[], scale: TimeScale, single: boolean): MarkBlock {
  if (losses.length === 0) return { height: 0, draw: () => html`` }
  return single ? glyphs(losses, scale) : bars(losses, scale)
}

function glyphs(losses: readonly Numbered[], scale: TimeScale): MarkBlock {
  const levelEnds: number[] = []
  // Each mark keeps its exact instant and takes the lowest level on which it touches no other.
  const placed = losses.map(({ index, loss }) => {
    const x = xOf(scale, loss.lostUs)
    const free = levelEnds.findIndex((end) => end <= x)
    const level = free === -1 ? levelEnds.length : free
    levelEnds[level] = x + glyphWidth
    return { index, loss, x, level }
  })
  const crowd = levelEnds.length
  // Glyphs overlap from here on: what is lost in detail is kept as density.
  const gap = Math.min(step, highest / crowd)
  return {
    height: Math.ceil(crowd * gap) + 5,
    draw: (baseY) =>
      html`${placed.map(
        ({ index, loss, x, level }) =>
          html`<use
            href="#o-${loss.outcome}"
            class="m f-${lookOf(loss.outcome).family}${unsure(loss) && ' unsure'}"
            x="${px(x)}"
            y="${px(baseY - 6 - level * gap)}"
            data-i="${index}"
          />`,
      )}`,
  }
}

function bars(losses: readonly Numbered[], scale: TimeScale): MarkBlock {
  const columns = Map.groupBy(losses, ({ loss }) => Math.floor(xOf(scale, loss.lostUs) / barWidth))
  const crowd = columns.values().reduce((most, members) => Math.max(most, members.length), 1)
  const unit = highest / crowd
  const draw = (baseY: number) =>
    [...columns].flatMap(([column, members]) => {
      let y = baseY - 2
      return [...Map.groupBy(members, ({ loss }) => loss.outcome)].map(([outcome, same]) => {
        const height = same.length * unit
        y -= height
        const indexes = same.map(({ index }) => index).join(' ')
        return html`<rect
          class="m bar f-${lookOf(outcome).family}"
          x="${column * barWidth}"
          y="${px(y)}"
          width="${barWidth - 0.4}"
          height="${px(Math.max(1, height))}"
          data-i="${indexes}"
          ><title>${count(same.length)} × ${outcome}</title></rect
        >`
      })
    })
  return { height: highest + 6, draw: (baseY) => html`${draw(baseY)}` }
}

/** Where several pods cannot be ruled out, the mark stands on the likeliest one's lane. */
function unsure({ pod, attributedBy }: Loss): boolean {
  return pod !== null && attributedBy === null
}
