/** Numbers and times as the verdict's sentences say them; the same on every machine, whatever its language. */

/** `5120` as `5,120`. */
export function formatCount(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 request`, `5,120 requests`. */
export function formatPlural(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** A share in per cent, never rounded to 0 when it is not. */
export function formatPercent(part: number, whole: number): string {
  const value = whole === 0 ? 0 : (part / whole) * 100
  if (value > 0 && value < 0.001) return 'less than 0.001 %'
  const digits = value >= 10 ? 0 : value >= 0.1 ? 1 : 3
  return `${Number(value.toFixed(digits))} %`
}

/** `910 ms` below 1 s, `12.4 s` above. */
export function formatDuration(us: number): string {
  return `${formatAmount(us, chooseUnit(us))} ${chooseUnit(us)}`
}

/** `0–910 ms`, `0.2–9.4 s`, or one duration when both say the same. */
export function formatDurationRange(fromUs: number, toUs: number): string {
  const unit = chooseUnit(toUs)
  const [from, to] = [formatAmount(fromUs, unit), formatAmount(toUs, unit)]
  return from === to ? `${to} ${unit}` : `${from}–${to} ${unit}`
}

/** `a`, `a and b`, `a, b and c`. */
export function formatList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

type DurationUnit = 'ms' | 's'

function chooseUnit(us: number): DurationUnit {
  return Math.abs(us) < 999_500 ? 'ms' : 's'
}

function formatAmount(us: number, unit: DurationUnit): string {
  if (unit === 's') return String(Number((us / 1e6).toFixed(1)))
  const ms = us / 1000
  return String(Number(ms.toFixed(ms !== 0 && Math.abs(ms) < 10 ? 1 : 0)))
}
