/** Dimensions that the static drawing and the charts below it share, so that an instant has the same position in both. */
export const gutter = 124
export const drawingWidth = 1080
export const rightMargin = 20
export const plotWidth: number = drawingWidth - gutter - rightMargin

/** Time on the horizontal axis. */
export interface TimeScale {
  fromUs: number
  toUs: number
  /** The instant at 0 on the axis. */
  originUs: number
  /** Whether `originUs` is the beginning of the disruption; otherwise it is the beginning of the log. */
  fromDisruption: boolean
}

/** The position of an instant, clamped to the plot. */
export function toX(scale: TimeScale, us: number): number {
  const at = Math.min(Math.max(us, scale.fromUs), scale.toUs)
  return gutter + ((at - scale.fromUs) / (scale.toUs - scale.fromUs)) * plotWidth
}

/** The instant at a position in the plot. */
export function toUs(scale: TimeScale, x: number): number {
  return scale.fromUs + ((x - gutter) / plotWidth) * (scale.toUs - scale.fromUs)
}

/** Whether an instant is inside the plot, rather than at its edge. */
export function isInScale({ fromUs, toUs }: TimeScale, us: number): boolean {
  return fromUs <= us && us <= toUs
}

/** A coordinate: a tenth of a pixel is enough. */
export function formatPixels(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** Round instants, at most about twelve, in µs of the run's clock. */
export function listTicks(scale: TimeScale): { us: number; label: string }[] {
  const least = (scale.toUs - scale.fromUs) / 12
  const power = 10 ** Math.floor(Math.log10(least))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= least) ?? 10 * power
  const first = Math.ceil((scale.fromUs - scale.originUs) / step)
  const last = Math.floor((scale.toUs - scale.originUs) / step)
  const places = Math.max(0, Math.ceil(-Math.log10(step / 1_000_000)))
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const offset = (first + index) * step
    const text = (Math.abs(offset) / 1_000_000).toFixed(places)
    return { us: scale.originUs + offset, label: offset < 0 ? `−${text}` : text }
  })
}
