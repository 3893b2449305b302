/** The common scale of the strips in a group: µs after the deletion of a pod, and lost requests for each round and column. */
import type { StripSource } from './strip-source.ts'

export interface StripScale {
  fromUs: number
  toUs: number
  /** Width of a column. */
  binUs: number
}

const second = 1_000_000
const binWidths = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600].map((seconds) => seconds * second)
const maxBins = 120
const tickSteps = [0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600].map((seconds) => seconds * second)
const maxTicks = 6

/** From a little before the deletion until the last event, with room for a few words after it. */
export function createStripScale(sources: readonly StripSource[]): StripScale {
  const ends = sources.flatMap(({ losses, connecting, answering, upstream }) => [
    losses.reduce((most, { atUs }) => Math.max(most, atUs), 0),
    ...[connecting, answering, upstream].flatMap((range) => range?.mostUs ?? []),
  ])
  const toUs = 1.22 * ends.reduce((most, end) => Math.max(most, end), 1.5 * second)
  const first = sources.flatMap(({ losses }) => losses).reduce((least, { atUs }) => Math.min(least, atUs), 0)
  const fromUs = Math.max(Math.min(-0.07 * toUs, first), -0.5 * toUs)
  const binUs = binWidths.find((width) => (toUs - fromUs) / width <= maxBins) ?? (toUs - fromUs) / maxBins
  return { fromUs, toUs, binUs }
}

/** A position on the horizontal axis, clamped to it: `37.25%`. */
export function toPercent({ fromUs, toUs }: StripScale, us: number): string {
  const part = (Math.min(Math.max(us, fromUs), toUs) - fromUs) / (toUs - fromUs)
  return `${formatHundredths(part * 100)}%`
}

export function formatHundredths(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** Round instants after the deletion, such as `2 s`. */
export function listStripTicks({ toUs }: StripScale): { us: number; label: string }[] {
  const step = tickSteps.find((candidate) => toUs / candidate <= maxTicks + 1) ?? toUs / maxTicks
  return Array.from({ length: Math.floor((toUs * 0.97) / step) }, (_, index) => {
    const us = (index + 1) * step
    return { us, label: `${formatHundredths(us / second)} s` }
  })
}

/** The largest value for one round in any column of these strips; at least a tenth of a request. */
export function findHighest(strips: readonly { source: StripSource; scale: StripScale }[]): number {
  return strips.reduce((most, { source, scale }) => {
    const columns = Map.groupBy(source.losses, ({ atUs }) => Math.floor(atUs / scale.binUs))
    return columns.values().reduce((top, { length }) => Math.max(top, length / Math.max(1, source.rounds)), most)
  }, 0.1)
}
