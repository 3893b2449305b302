/** Reads header fields as bytes: what is only compared is not turned into a string. */
import type { Buffer } from 'node:buffer'
import type { Identification } from '../../model/workload.ts'

const space = 0x20
const tab = 0x09
const colon = 0x3a

/** For each byte of a token (RFC 9110 §5.6.2) its lower-case form; 0 for bytes that no token may contain. */
const lowerCase: Uint8Array = new Uint8Array(256)
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
  lowerCase[char.charCodeAt(0)] = char.charCodeAt(0)
for (let code = 0x41; code <= 0x5a; code++) lowerCase[code] = code | space

const standardNames = ['connection', 'content-length', 'content-digest', 'keep-alive', 'transfer-encoding'] as const
/** The fields that are read: the standard ones by their names, and those that identify an answer by their purpose. */
export type HeaderName = (typeof standardNames)[number] | 'pod' | 'workload' | 'request-id' | 'other'

interface NamedField {
  /** The name, in lower case. */
  text: string
  name: HeaderName
}

/** Indexed by the length of their names, so that few comparisons are needed. */
export type HeaderNames = readonly (readonly NamedField[] | undefined)[]

/** One entry for all connections of a driver, which look for the same names. */
const known = new WeakMap<Identification, HeaderNames>()

/** The names to look for in answers that identify themselves in this way. */
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

/** One field line, found by `readField`; one object is reused for every line. */
export interface HeaderField {
  readonly names: HeaderNames
  name: HeaderName
  /** The value without surrounding white space, as a half-open interval. */
  from: number
  to: number
}

/**
 * Reads the line in `[from, to)`, without its line end. Returns false when it is not a field line: it has no colon, an empty name, or white
 * space before the colon (RFC 9112 §5.1). A folded line (§5.2, obsolete) begins with white space and is refused too.
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

/** Whether the field line that begins at `from` has this name, given in lower case. */
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

/** Only decimal or hexadecimal digits, below 2^48; -1 otherwise. */
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
