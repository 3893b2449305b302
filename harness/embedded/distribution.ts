/** A distribution by its quantiles at equal steps: `[10, 60]` is even between 10 and 60, `[300]` is always 300. */
export type Distribution = readonly number[]

/** One value, interpolated linearly between the quantiles at `share`, 0…1. */
export function sampleQuantiles(quantiles: Distribution, share: number = Math.random()): number {
  const place = share * (quantiles.length - 1)
  const low = quantiles[Math.floor(place)] ?? 0
  const high = quantiles[Math.ceil(place)] ?? low
  return low + (high - low) * (place - Math.floor(place))
}
