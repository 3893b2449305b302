/** Counts over time in one line. */

const bars = '▁▂▃▄▅▆▇█'
const none = '·'

/** The last `width` counts, if any, one character each: a dot for none, and bars up to the maximum: `··▁█▃···`. */
export function drawSparkline(counts: readonly number[], width: number): string {
  const shown = counts.slice(Math.max(0, counts.length - Math.max(0, width)))
  const greatest = Math.max(1, ...shown)
  return shown.map((count) => (count === 0 ? none : bars[Math.ceil((count / greatest) * bars.length) - 1])).join('')
}
