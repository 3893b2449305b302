/**
 * The content of a YAML document as JSON: aliases are copied, and `<<` merges another mapping (https://yaml.org/type/merge.html). The time
 * is linear in the size of the document and of the copies.
 */
import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Alias, Document, ParsedNode, Scalar, YAMLMap } from 'yaml'
import { resolvePlain } from './yaml-scalar.ts'

export interface ValueLimits {
  /** Throws; gets an offset in the text and the problem there. */
  refuse: (offset: number, message: string) => never
  /** Maximum total size of all copies for aliases. */
  maxBytes: number
  /** Maximum nesting of collections, including copies. */
  maxDepth: number
}

/** `null` for an empty document. */
export function toJsonValue(document: Document.Parsed, limits: ValueLimits): unknown {
  return new ValueConverter(limits).of(document.contents).value
}

/** The offset of the value at these keys; if it does not exist, of the innermost existing one. */
export function findOffset({ contents }: Document.Parsed, keys: readonly PropertyKey[]): number {
  let node: unknown = contents
  let place = getOffset(node)
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key))
      if (pair === undefined) break
      place = getOffset(pair.key)
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      if (node === undefined || node === null) break
      place = getOffset(node)
    } else break
  }
  return place
}

interface ConvertedValue {
  value: unknown
  /** Approximate size of a copy. */
  bytes: number
  depth: number
}

const pairBytes = 8

class ValueConverter {
  readonly #limits: ValueLimits
  /** By name, the last anchor before the present node; `null` within itself. */
  readonly #anchors = new Map<string, ConvertedValue | null>()
  #copiedBytes = 0

  constructor(limits: ValueLimits) {
    this.#limits = limits
  }

  of(node: unknown): ConvertedValue {
    if (isAlias(node)) return this.#copy(node)
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, null)
    const valued = this.#plain(node)
    if (anchor !== undefined) this.#anchors.set(anchor, valued)
    return valued
  }

  #plain(node: unknown): ConvertedValue {
    if (isMap(node)) return this.#mapping(node)
    if (isSeq(node)) {
      const items = node.items.map((item) => this.of(item))
      return createCollection(
        items.map(({ value }) => value),
        items,
      )
    }
    return isScalar(node) ? this.#scalar(node) : { value: null, bytes: pairBytes, depth: 0 }
  }

  #copy(alias: Alias): ConvertedValue {
    const { refuse, maxBytes, maxDepth } = this.#limits
    const known = this.#anchors.get(alias.source)
    if (known === undefined) refuse(getOffset(alias), `no anchor &${alias.source} before this alias`)
    if (known === null || known === undefined)
      return refuse(getOffset(alias), `the alias *${alias.source} is within what it stands for`)
    this.#copiedBytes += known.bytes
    if (this.#copiedBytes > maxBytes) refuse(getOffset(alias), `its aliases stand for more than ${maxBytes >> 20} MiB`)
    if (known.depth > maxDepth) refuse(getOffset(alias), `nested more than ${maxDepth} levels deep`)
    // A copy, so that changes in one place do not affect the other.
    return { ...known, value: structuredClone(known.value) }
  }

  #scalar(node: Scalar): ConvertedValue {
    const { value, source = '' } = node
    if (typeof value === 'string') return { value, bytes: pairBytes + value.length, depth: 0 }
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) this.#limits.refuse(getOffset(node), `JSON has no number ${source}`)
      if (resolvePlain(source).kind === 'int' && !Number.isSafeInteger(value))
        this.#limits.refuse(getOffset(node), `a number of more than 53 bits: put it in quotes`)
    }
    return { value, bytes: pairBytes, depth: 0 }
  }

  #mapping(node: YAMLMap): ConvertedValue {
    const own = new Map<string, unknown>()
    const merged = new Map<string, unknown>()
    const parts: ConvertedValue[] = []
    for (const { key, value } of node.items) {
      const name = isMergeKey(key) ? null : this.#key(key, node)
      const part = this.of(value)
      parts.push(part)
      if (name === null) {
        this.#merge(merged, part.value, getOffset(key))
        continue
      }
      if (own.has(name)) this.#limits.refuse(getOffset(key), `Map keys must be unique: ${name.slice(0, 100)}`)
      own.set(name, part.value)
      parts.push({ value: null, bytes: name.length, depth: 0 })
    }
    // The mapping's own keys precede merged ones, wherever `<<` is.
    for (const [name, value] of own) merged.set(name, value)
    return createCollection(Object.fromEntries(merged), parts)
  }

  #merge(into: Map<string, unknown>, value: unknown, place: number): void {
    for (const source of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        return this.#limits.refuse(place, '<< takes a mapping, or a list of them')
      }
      // The first of several sources wins.
      for (const [name, each] of Object.entries(source)) if (!into.has(name)) into.set(name, each)
    }
  }

  #key(node: unknown, within: YAMLMap): string {
    const { value } = this.of(node)
    if (typeof value === 'string') return value
    if (typeof value === 'number' && !isWhole(node) && !isShort(value))
      this.#limits.refuse(
        getOffset(node),
        'a number that can be written in more than one way, as a key: put it in quotes',
      )
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    return this.#limits.refuse(
      node === null ? getOffset(within) : getOffset(node),
      'a key must be text, a number or a truth value',
    )
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.value === '<<'
}

function isWhole(node: unknown): boolean {
  return isScalar(node) && resolvePlain(node.source ?? '').kind === 'int'
}

/** Whether a fraction has the same text as a 32-bit float, into which kubectl converts such a key, and no exponent. */
function isShort(value: number): boolean {
  return Number(value.toPrecision(6)) === value && (value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6))
}

function createCollection(value: unknown, parts: readonly ConvertedValue[]): ConvertedValue {
  let bytes = pairBytes
  let depth = 0
  for (const part of parts) {
    bytes += part.bytes
    depth = Math.max(depth, part.depth)
  }
  return { value, bytes, depth: depth + 1 }
}

function getOffset(node: unknown): number {
  return (node as ParsedNode | null)?.range?.[0] ?? 0
}
