/**
 * Protobuf bodies: kubectl sends them for most of its `create` commands and for `drain`, and other Go clients if configured. Format:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#kubernetes-protobuf-encoding.
 */
import { setOwnProperty } from '../store/json.ts'
import type { Json, JsonObject } from '../store/json.ts'
import { newBadRequest, newUnsupportedMediaType } from './status.ts'
import written from './protobuf-messages.json' with { type: 'json' }

export const protobufType = 'application/vnd.kubernetes.protobuf'

interface Field {
  /** Empty if the fields of the message are part of the surrounding one (`json:",inline"` in Go). */
  name: string
  /** A message type, or `string`, `bytes`, `int`, `bool`. */
  type: string
  repeats: 'never' | 'list' | 'map'
}
type Message = ReadonlyMap<number, Field>

/**
 * The supported kinds and their parts, by field number: `3 command:[string]` is a list, `{string}` a map with text keys, a name alone a
 * text. From the descriptors of k8s.io/api 0.34, which every kubectl contains.
 */
const messages: ReadonlyMap<string, Message> = new Map(
  Object.entries(written).map(([name, text]) => [name, new Map(text === '' ? [] : text.split(', ').map(parseField))]),
)

function parseField(text: string): [number: number, field: Field] {
  const [, number, name = '', list, map, one] = /^(\d+) (\w*)(?::(?:\[(\w+)\]|\{(\w+)\}|(\w+)))?$/.exec(text) ?? []
  const repeats = list !== undefined ? 'list' : map !== undefined ? 'map' : 'never'
  return [Number(number), { name, type: list ?? map ?? one ?? 'string', repeats }]
}

/**
 * Go writes a field that is not a pointer whatever its value, and the descriptors do not say which are pointers. These are: here zero,
 * false and the empty message have a meaning, elsewhere they have none.
 */
const pointers: ReadonlySet<string> = new Set(
  (
    'activeDeadlineSeconds allocateLoadBalancerNodePorts allowPrivilegeEscalation automountServiceAccountToken backoffLimit ' +
    'backoffLimitPerIndex blockOwnerDeletion completions controller defaultMode deletionGracePeriodSeconds emptyDir enableServiceLinks ' +
    'expirationSeconds fsGroup gracePeriodSeconds hostUsers immutable manualSelector maxFailedIndexes maxSurge maxUnavailable ' +
    'minAvailable mode optional orphanDependents parallelism privileged progressDeadlineSeconds readOnlyRootFilesystem ready replicas ' +
    'revisionHistoryLimit runAsGroup runAsNonRoot runAsUser selector serving setHostnameAsFQDN shareProcessNamespace sleep started ' +
    'suspend terminating terminationGracePeriodSeconds timeoutSeconds tolerationSeconds ttlSecondsAfterFinished'
  ).split(' '),
)

/** Refuses unsupported kinds and unknown fields instead of dropping them. */
export function decodeProtobuf(body: Buffer): JsonObject {
  const magic = 'k8s\0'
  if (body.subarray(0, 4).toString('latin1') !== magic) throw newBadRequest('the body is not Kubernetes protobuf')
  let raw: Buffer = Buffer.alloc(0)
  let about: JsonObject = {}
  for (const { number, value } of decodeFields(body.subarray(4))) {
    if (typeof value === 'number') continue
    if (number === 1) about = decodeMessage('TypeMeta', value)
    else if (number === 2) raw = value
  }
  const { kind, apiVersion } = about as { kind?: string; apiVersion?: string }
  if (kind === undefined || !messages.has(kind)) throw newUnsupportedMediaType(['application/json'])
  return { kind, apiVersion: apiVersion ?? '', ...decodeMessage(kind, raw) }
}

function decodeMessage(type: string, bytes: Buffer): JsonObject {
  const result: JsonObject = {}
  for (const { number, value } of decodeFields(bytes)) {
    const field = messages.get(type)?.get(number)
    if (field) setField(result, field, value)
    else if (typeof value === 'number' ? value !== 0 : !isEmptyMessage(value))
      throw newUnsupportedMediaType(['application/json'])
  }
  return result
}

function setField(result: JsonObject, { name, type, repeats }: Field, value: Buffer | number): void {
  if (name === '') Object.assign(result, decodeValue(type, value))
  else if (repeats === 'list') ((result[name] ??= []) as Json[]).push(decodeValue(type, value))
  else if (repeats === 'map') {
    const [key, inner] = decodeMapEntry(value as Buffer)
    setOwnProperty((result[name] ??= {}) as JsonObject, key, decodeValue(type, inner))
  } else if (pointers.has(name) || !(typeof value === 'number' ? value === 0 : isEmptyMessage(value))) {
    setOwnProperty(result, name, decodeValue(type, value))
  }
}

function decodeValue(type: string, value: Buffer | number): Json {
  if (typeof value === 'number') return type === 'bool' ? value === 1 : value
  switch (type) {
    case 'string':
      return value.toString('utf8')
    case 'bytes':
      return value.toString('base64')
    case 'Quantity':
      return decodeText(value, 1)
    case 'IntOrString':
      return decodeNumber(value, 1) === 1 ? decodeText(value, 3) : decodeNumber(value, 2)
    case 'Time':
      return `${decodeTime(value).slice(0, 19)}Z`
    case 'MicroTime':
      return `${decodeTime(value).slice(0, 19)}.${String(Math.trunc(decodeNumber(value, 2) / 1000)).padStart(6, '0')}Z`
    default:
      return decodeMessage(type, value)
  }
}

/** A map entry: the key is its first field, the value its second; a missing one is empty. */
function decodeMapEntry(bytes: Buffer): [key: string, value: Buffer] {
  const value = decodeFields(bytes).find(({ number }) => number === 2)?.value
  return [decodeText(bytes, 1), Buffer.isBuffer(value) ? value : Buffer.alloc(0)]
}

function decodeText(bytes: Buffer, wanted: number): string {
  const value = decodeFields(bytes).find(({ number }) => number === wanted)?.value
  return Buffer.isBuffer(value) ? value.toString('utf8') : ''
}

function decodeNumber(bytes: Buffer, wanted: number): number {
  const value = decodeFields(bytes).find(({ number }) => number === wanted)?.value
  return typeof value === 'number' ? value : 0
}

/** Seconds since 1970 are the first field. */
function decodeTime(bytes: Buffer): string {
  const time = new Date(decodeNumber(bytes, 1) * 1000)
  if (Number.isNaN(time.getTime())) throw newBadRequest('the protobuf in the body has a time that is none')
  return time.toISOString()
}

/** Whether a message has no content at any depth: all its fields are empty. */
function isEmptyMessage(bytes: Buffer): boolean {
  if (bytes.length === 0) return true
  try {
    return decodeFields(bytes).every(({ value }) => (typeof value === 'number' ? value === 0 : isEmptyMessage(value)))
  } catch {
    return false
  }
}

/** The wire format: https://protobuf.dev/programming-guides/encoding/ (only varints and lengths occur in Kubernetes). */
function decodeFields(bytes: Buffer): { number: number; value: Buffer | number }[] {
  const fields: { number: number; value: Buffer | number }[] = []
  let at = 0
  const readVarint = (): number => {
    let result = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) break
      result |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, result))
    }
    throw newBadRequest('the protobuf in the body breaks off')
  }
  while (at < bytes.length) {
    const tag = readVarint()
    const wireType = tag & 7
    if (wireType !== 0 && wireType !== 2)
      throw newBadRequest(`the protobuf in the body has a field of wire type ${wireType}`)
    const number = tag >>> 3
    if (wireType === 0) fields.push({ number, value: readVarint() })
    else {
      const length = readVarint()
      if (length < 0 || at + length > bytes.length) throw newBadRequest('the protobuf in the body breaks off')
      fields.push({ number, value: bytes.subarray(at, at + length) })
      at += length
    }
  }
  return fields
}
