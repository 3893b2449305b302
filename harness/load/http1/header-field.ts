/** Header fields read as bytes: no string is made of what is only compared. */
import type { Buffer } from 'node:buffer'
import type { Identification } from '../../model/workload.ts'

const space = 0x20
const tab = 0x09
const colon = 0x3a

/** For each byte of a token (RFC 9110 §5.6.2) its lower-case form, 0 for bytes that cannot be in one. */
const lowerCase: Uint8Array = new Uint8Array(256)
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
  lowerCase[char.charCodeAt(0)] = char.charCodeAt(0)
for (let code = 0x41; code <= 0x5a; code++) lowerCase[code] = code | space

const standardNames = ['connection', 'content-length', 'content-digest', 'keep-alive', 'transfer-encoding'] as const
/** The fields that matter: the standard ones by their names, those that identify an answer by what they hold. */
export type HeaderName = (typeof standardNames)[number] | 'pod' | 'workload' | 'request-id' | 'other'

interface NamedField {
  /** In lower case. */
  text: string
  name: HeaderName
}

/** By the length of their names, so that few comparisons decide. */
export type HeaderNames = readonly (readonly NamedField[] | undefined)[]

/** All connections of a driver look for the same. */
const known = new WeakMap<Identification, HeaderNames>()

/** The names to look for in answers that identify themselves so. */
export function findHeaderNames(identification: Identification): HeaderNames {
  const found = known.get(identification) ?? indexHeaderNames(identification)
  known.set(identification, found)
  return found
}

function indexHeaderNames({ podHeader, workloadHeader, requestIdHeader }: Identification): HeaderNames {
  const byLength: NamedField[][] = []
  const add = (text: string | null, name: HeaderName): void => {
    if (text !== null) (byLength[text.length] ??= []).push({ text, name })
  }
  for (const name of standardNames) add(name, name)
  add(podHeader, 'pod')
  add(workloadHeader, 'workload')
  add(requestIdHeader, 'request-id')
  return byLength
}

const none: readonly NamedField[] = []

/** One field line, found by `readField`; one object is used again for every line. */
export interface HeaderField {
  readonly names: HeaderNames
  name: HeaderName
  /** The value without the white space around it, half-open. */
  from: number
  to: number
}

/**
 * Reads the line in `[from, to)`, its end of line not included. False when it is no field line: no colon, an empty name, or
 * white space before the colon (RFC 9112 §5.1). A folded line (§5.2, obsolete) begins with white space and is refused too.
 */
export function readField(bytes: Buffer, from: number, to: number, field: HeaderField): boolean {
  let at = from
  while (at < to && lowerCase[bytes[at]!] !== 0) at++
  if (at === from || at === to || bytes[at] !== colon) return false
  field.name = findName(bytes, from, at, field.names)
  let begin = at + 1
  let end = to
  while (begin < end && isBlank(bytes[begin]!)) begin++
  while (end > begin && isBlank(bytes[end - 1]!)) end--
  field.from = begin
  field.to = end
  return true
}

// oxlint-disable-next-line max-params -- called for every line: no object is made for it
function findName(bytes: Buffer, from: number, to: number, names: HeaderNames): HeaderName {
  for (const { text, name } of names[to - from] ?? none) {
    let at = 0
    while (at < text.length && lowerCase[bytes[from + at]!] === text.charCodeAt(at)) at++
    if (at === text.length) return name
  }
  return 'other'
}

/** Whether the field line that begins at `from` has this name, which is in lower case. */
export function hasName(bytes: Buffer, from: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) if (lowerCase[bytes[from + at]!] !== name.charCodeAt(at)) return false
  return bytes[from + name.length] === colon
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab
}

/** Whether the bytes in `[from, to)` are exactly this text. */
export function equalsText(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (to - from !== text.length) return false
  for (let at = 0; at < text.length; at++) if (bytes[from + at] !== text.charCodeAt(at)) return false
  return true
}

/** Decimal or hexadecimal digits and nothing else, below 2^48; -1 otherwise. */
export function readNumber(bytes: Buffer, from: number, to: number, radix: 10 | 16): number {
  if (from === to || to - from > 12) return -1
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = parseDigit(bytes[at]!)
    if (digit >= radix) return -1
    value = value * radix + digit
  }
  return value
}

/** Whether the bytes in `[from, to)` are exactly this whole number, in decimal digits. */
export function equalsNumber(bytes: Buffer, from: number, to: number, value: number): boolean {
  let at = to
  let rest = value
  do {
    if (--at < from || bytes[at] !== 0x30 + (rest % 10)) return false
    rest = Math.floor(rest / 10)
  } while (rest > 0)
  return at === from
}

function parseDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | space
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : 99
}

/** The elements of a list value (RFC 9110 §5.6.1), in lower case. */
export function parseList(bytes: Buffer, { from, to }: HeaderField): string[] {
  return bytes
    .toString('latin1', from, to)
    .toLowerCase()
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
}
