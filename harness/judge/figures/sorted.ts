/** The first index of ascending values whose value is not below `least`; their number if all are below. */
export function findFirstAtOrAfter(values: ArrayLike<number>, least: number): number {
  let [from, to] = [0, values.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (values[middle]! < least) from = middle + 1
    else to = middle
  }
  return from
}
