/** Figures as text: the same on every machine, in every locale. */

const narrowSpace = '\u202f'

/** `1234567` as `1,234,567`. */
export function formatCount(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `3, 'round'` as `3 rounds`. */
export function formatPlural(value: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`
}

/** `a, b and c`. */
export function formatList(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}

/** A share of a whole. Reads `0 %` only for nothing and `100 %` only for everything. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '–'
  const percent = (part / whole) * 100
  if (part === 0 || part === whole) return `${percent}${narrowSpace}%`
  if (percent < 0.01) return `<${narrowSpace}0.01${narrowSpace}%`
  if (percent > 99.9) return `>${narrowSpace}99.9${narrowSpace}%`
  return `${percent.toFixed(percent < 1 ? 2 : 1)}${narrowSpace}%`
}

/** A duration with three significant digits and its unit; `–` for none. */
export function formatDuration(us: number | null): string {
  if (us === null) return '–'
  if (us < 0) return `−${formatDuration(-us)}`
  if (us < 1_000) return `${Math.round(us)}${narrowSpace}µs`
  if (us < 999_500) return `${formatDigits(us / 1_000)}${narrowSpace}ms`
  if (us < 99_950_000) return `${formatDigits(us / 1_000_000)}${narrowSpace}s`
  const seconds = Math.round(us / 1_000_000)
  return `${Math.floor(seconds / 60)}${narrowSpace}min${narrowSpace}${seconds % 60}${narrowSpace}s`
}

function formatDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2)
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0)
}

/** An instant as seconds from `originUs`, to the millisecond: `+2.314 s`. */
export function formatInstant(us: number | null, originUs: number): string {
  if (us === null) return '–'
  const ms = Math.round((us - originUs) / 1_000)
  return `${ms < 0 ? '−' : '+'}${(Math.abs(ms) / 1_000).toFixed(3)}${narrowSpace}s`
}

/** A coordinate in a drawing: a tenth of a pixel is enough. */
export function formatPixels(value: number): string {
  return String(Math.round(value * 10) / 10)
}
