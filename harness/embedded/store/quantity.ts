/** Quantities of resources, `250m` or `1.5Gi`: parsed, compared and formatted like apimachinery's pkg/api/resource. */

type Format = 'decimal' | 'binary' | 'exponent'

export interface Quantity {
  /** In billionths; finer values are rounded up. */
  nano: bigint
  format: Format
  /** The original text, if that is the canonical form. */
  text: string | undefined
}

const malformed = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const unknownSuffix = "unable to parse quantity's suffix"
const decimal: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const binary: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
}
/** No valid text needs more digits. */
const maxExponent = 400
const one = 1_000_000_000n
const milli = one / 1000n
/** Binary quantities are capped. */
const maxBinary = (2n ** 63n - 1n) * one

/** Throws an error with the API server's text. */
export function parseQuantity(text: string): Quantity {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text)
  if (!parts || text === '') throw new Error(malformed)
  const [, sign, whole = '', fraction = '', suffix = ''] = parts
  const { format, factor, exponent } = parseSuffix(suffix)
  const places = exponent - fraction.length + 9
  const digits = BigInt(`0${whole}${fraction}`) * factor
  const nano = places >= 0 ? digits * 10n ** BigInt(places) : roundUp(digits, 10n ** BigInt(-places))
  const capped = format === 'binary' && nano > maxBinary ? maxBinary : nano
  const shifted = (whole.replace(/^0+/, '') || '0') + fraction
  const scale = exponent - fraction.length
  const kept =
    format === 'binary' ? fraction === '' && BigInt(shifted) % 8n !== 0n : scale % 3 === 0 && hasThreeDigits(shifted)
  return { nano: sign === '-' ? -capped : capped, format, text: kept && nano !== 0n && scale >= -9 ? text : undefined }
}

/** Not divisible by a thousand. */
function hasThreeDigits(digits: string): boolean {
  return !digits.endsWith('000') && !digits.startsWith('0')
}

function parseSuffix(suffix: string): { format: Format; factor: bigint; exponent: number } {
  const power = Object.hasOwn(decimal, suffix) ? decimal[suffix] : undefined
  if (power !== undefined) return { format: 'decimal', factor: 1n, exponent: power }
  const factor = Object.hasOwn(binary, suffix) ? binary[suffix] : undefined
  if (factor !== undefined) return { format: 'binary', factor, exponent: 0 }
  const exponent = /^[eE]([-+]?\d+)$/.exec(suffix)?.[1]
  if (exponent === undefined || Math.abs(Number(exponent)) > maxExponent) throw new Error(unknownSuffix)
  return { format: 'exponent', factor: 1n, exponent: Number(exponent) }
}

function roundUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by
}

/** The canonical form: no fraction, no precision lost, the largest suffix. */
export function formatQuantity({ nano, format, text: kept }: Quantity): string {
  if (kept !== undefined) return kept
  if (nano === 0n) return '0'
  const size = nano < 0n ? -nano : nano
  const inBinary = format === 'binary' && size >= 1024n * one && size % one === 0n
  const text = inBinary ? formatBinary(size / one) : formatDecimal(size, format === 'exponent')
  return nano < 0n ? `-${text}` : text
}

function formatBinary(value: bigint): string {
  const suffix = Object.keys(binary).findLast((one) => value % (binary[one] ?? 1n) === 0n) ?? ''
  return `${value / (binary[suffix] ?? 1n)}${suffix}`
}

function formatDecimal(nano: bigint, asExponent: boolean): string {
  const greatest = asExponent ? Infinity : 18
  let [value, exponent] = [nano, -9]
  while (value % 1000n === 0n && exponent < greatest) [value, exponent] = [value / 1000n, exponent + 3]
  if (asExponent) return exponent === 0 ? String(value) : `${value}e${exponent}`
  return `${value}${Object.keys(decimal).find((suffix) => decimal[suffix] === exponent) ?? ''}`
}

/** The nearest whole number above. */
export function roundUpToInteger({ nano }: Quantity): bigint {
  return nano < 0n ? -roundUp(-nano, one) : roundUp(nano, one)
}

/** In thousandths, rounded up. */
export function toMilliValue({ nano }: Quantity): bigint {
  return nano < 0n ? -roundUp(-nano, milli) : roundUp(nano, milli)
}

/** The same, with no more than three decimal places. */
export function roundUpToMilli(quantity: Quantity): Quantity {
  const nano = toMilliValue(quantity) * milli
  return nano === quantity.nano ? quantity : { ...quantity, nano, text: undefined }
}
