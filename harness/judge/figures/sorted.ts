/** The first place of ascending values at which one is not below `least`; their number where all are. */
export function findFirstAtOrAfter(values: ArrayLike<number>, least: number): number {
  let [from, to] = [0, values.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (values[middle]! < least) from = middle + 1
    else to = middle
  }
  return from
}
