/**
 * Figures as text. A quantity is written the same way in the page, in a terminal, in Markdown and in sentences, on every machine and with
 * any locale.
 */

/** In place of a figure that was not measured. */
export const noFigure = '–'

/** `1,234,567`. */
export function formatCount(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 request`, `5,120 requests`. */
export function formatPlural(value: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`
}

/** `a`, `a and b`, `a, b and c`. */
export function formatList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** A share of a whole: `0.28 %`, `1.4 %`. Reads `0 %` only for nothing and `100 %` only for all of it. */
export function formatPercent(part: number, whole: number): string {
  if (whole <= 0) return noFigure
  const percent = (part / whole) * 100
  if (part > 0 && percent < 0.01) return '<0.01 %'
  if (part < whole && percent > 99.9) return '>99.9 %'
  return `${Number(percent.toFixed(percent < 1 ? 2 : 1))} %`
}

/** A duration to three significant digits: `300 µs`, `2.35 ms`, `910 ms`, `9.4 s`, `1 min 40 s`, `2 h 5 min`. */
export function formatDuration(us: number | null): string {
  if (us === null) return noFigure
  if (us < 0) return `−${formatDuration(-us)}`
  const unit = chooseUnit(us)
  return unit === null ? formatMinutes(us) : `${roundIn(unit, us)} ${unit.name}`
}

/**
 * A duration that is known to within `errorUs`: without digits finer than that, and at most three. 3,942 ms reads `3.94 s` with an error of
 * 6 ms, and `3.9 s` with 33 ms; durations below the error read `under 0.1 s`.
 */
export function formatMeasured(us: number, errorUs: number): string {
  if (us < 0) return `−${formatMeasured(-us, errorUs)}`
  const finest = 10 ** Math.ceil(Math.log10(Math.max(errorUs / 2, 1)))
  const stepUs = us >= 1 ? Math.max(finest, 10 ** (Math.floor(Math.log10(us)) - 2)) : finest
  const rounded = Math.round(us / stepUs) * stepUs
  return rounded === 0 ? `under ${formatInSteps(stepUs, stepUs)}` : formatInSteps(rounded, stepUs)
}

/** Seconds with as many decimals as the steps have; shorter ones, or minutes, as a duration. */
function formatInSteps(us: number, stepUs: number): string {
  if (stepUs < 10_000 || us >= 99_950_000) return formatDuration(us)
  return `${(us / 1_000_000).toFixed(Math.max(0, 6 - Math.log10(stepUs)))} s`
}

/** `0–910 ms`, `0.2–9.4 s`, or one duration where both read the same. */
export function formatDurationRange(fromUs: number, toUs: number): string {
  const unit = chooseUnit(toUs)
  if (unit === null) return `${formatDuration(fromUs)} to ${formatDuration(toUs)}`
  const to = String(roundIn(unit, toUs))
  const from = String(Number((fromUs / unit.us).toFixed(to.split('.')[1]?.length ?? 0)))
  return from === to ? `${to} ${unit.name}` : `${from}–${to} ${unit.name}`
}

/** An instant as seconds from `originUs`, to the millisecond: `+2.314 s`. */
export function formatInstant(us: number | null, originUs: number): string {
  if (us === null) return noFigure
  const ms = Math.round((us - originUs) / 1_000)
  return `${ms < 0 ? '−' : '+'}${(Math.abs(ms) / 1_000).toFixed(3)} s`
}

interface Unit {
  name: string
  us: number
}

/** `null` for minutes and more. The limits are the values at which three digits would round up to the next unit. */
function chooseUnit(us: number): Unit | null {
  if (us > 0 && us < 999.5) return { name: 'µs', us: 1 }
  if (us < 999_500) return { name: 'ms', us: 1_000 }
  return us < 99_950_000 ? { name: 's', us: 1_000_000 } : null
}

function roundIn(unit: Unit, us: number): number {
  return Number((us / unit.us).toPrecision(3))
}

function formatMinutes(us: number): string {
  const seconds = Math.round(us / 1_000_000)
  if (seconds < 3_600) return joinUnits([Math.floor(seconds / 60), 'min'], [seconds % 60, 's'])
  const minutes = Math.round(seconds / 60)
  return joinUnits([Math.floor(minutes / 60), 'h'], [minutes % 60, 'min'])
}

function joinUnits(first: [value: number, unit: string], second: [value: number, unit: string]): string {
  const parts = second[0] === 0 ? [first] : [first, second]
  return parts.map(([value, unit]) => `${formatCount(value)} ${unit}`).join(' ')
}
