/** `3` or `25%`, of a number of pods (intstr.GetScaledValueFromIntOrPercent). */
export function getScaledValueFromIntOrPercent(value: number | string, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(value)?.[1]
  if (percent === undefined) {
    throw new Error(`Cannot read a number of pods as it must be a whole number or a percentage: it is "${value}"`)
  }
  // Multiplied before it is divided, which is exact: 0.07 * 100 would round up to 8.
  const exact = (Number(percent) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}
