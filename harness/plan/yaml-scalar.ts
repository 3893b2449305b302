/**
 * Plain scalars as kubectl reads them (resolve.go of go-yaml v2): those of YAML 1.1, except that base 60 numbers and dates are text, and
 * with `0o400` besides `0400`.
 */
import type { ScalarTag, Tags } from 'yaml'

export type PlainScalar =
  | { kind: 'null'; value: null }
  | { kind: 'bool'; value: boolean }
  | { kind: 'int' | 'float'; value: number }
  | { kind: 'text'; value: string }

const nulls = new Set(['', '~', 'null', 'Null', 'NULL'])
const truths = new Set('y Y yes Yes YES true True TRUE on On ON'.split(' '))
const falsehoods = new Set('n N no No NO false False FALSE off Off OFF'.split(' '))
const infinite = /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/
const signed = /^[-+0-9]/
const grouped = /^\.[0-9]+(?:_[0-9]+)+(?:[eE]|$)/
/** In the forms of `strconv.ParseInt` with base 0, after the sign. */
const integers: readonly (readonly [shape: RegExp, radix: number])[] = [
  [/^0[xX]([0-9a-fA-F]+)$/, 16],
  [/^0[bB]([01]+)$/, 2],
  [/^0[oO]?([0-7]+)$/, 8],
  [/^(0|[1-9][0-9]*)$/, 10],
]
const decimalFraction = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

export function resolvePlain(text: string): PlainScalar {
  if (nulls.has(text)) return { kind: 'null', value: null }
  if (truths.has(text)) return { kind: 'bool', value: true }
  if (falsehoods.has(text)) return { kind: 'bool', value: false }
  if (infinite.test(text)) return { kind: 'float', value: infinity(text) }
  // Underscores group digits anywhere; in a number that begins with its point, only between two digits.
  const digits = signed.test(text) || grouped.test(text) ? text.replaceAll('_', '') : text
  return integerIn(digits) ?? fractionIn(digits) ?? { kind: 'text', value: text }
}

function infinity(text: string): number {
  if (/nan$/i.test(text)) return NaN
  return text.startsWith('-') ? -Infinity : Infinity
}

function integerIn(text: string): PlainScalar | null {
  const size = text.replace(/^[-+]/, '')
  for (const [shape, radix] of integers) {
    const digits = shape.exec(size)?.[1]
    if (digits === undefined) continue
    const value = parseInt(digits, radix)
    return { kind: 'int', value: text.startsWith('-') ? 0 - value : value }
  }
  return null
}

/** A number too large for a float is text. */
function fractionIn(text: string): PlainScalar | null {
  const value = decimalFraction.test(text) ? Number(text) : NaN
  // Without the sign of a zero.
  return Number.isFinite(value) ? { kind: 'float', value: value + 0 } : null
}

const plain: ScalarTag = {
  // With a tag that no file can name: text with the tag `!!str` stays text.
  tag: 'tag:nodrop,2026:plain',
  default: true,
  test: /^$|^[-+.0-9yYnNtTfFoO~]/,
  resolve: (text) => resolvePlain(text).value,
}

/** The explicit tags with a value in JSON. */
const explicit = (['null', 'bool', 'int', 'float'] as const).map((kind): ScalarTag => {
  const takes = kind === 'float' ? ['float', 'int'] : [kind]
  return {
    tag: `tag:yaml.org,2002:${kind}`,
    resolve(text, onError) {
      const found = resolvePlain(text)
      if (!takes.includes(found.kind)) onError(`!!${kind} cannot be ${text.slice(0, 100)}`)
      return found.value
    },
  }
})

/** In addition to those of the schema `failsafe`: mappings, lists and text. */
export const kubectlTags: Tags = [plain, ...explicit]
