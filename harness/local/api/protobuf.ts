/**
 * Protobuf bodies, for the few commands by which kubectl sends them and nothing else: `create namespace`, `create
 * configmap`, `drain`. Format: https://kubernetes.io/docs/reference/using-api/api-concepts/#kubernetes-protobuf-encoding;
 * field numbers: the generated.proto files of k8s.io/api 0.34.
 */
import { put } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import { badRequest, unsupportedMediaType } from './status.ts'

export const protobufType = 'application/vnd.kubernetes.protobuf'

/** `[name, type]` by field number; a type is a message's, or `string`, `bytes`, `int`, `bool`, `map`, `[string]`, `[T]`. */
type Message = Record<number, [name: string, type: string]>
const messages: Record<string, Message> = {
  Unknown: {
    1: ['typeMeta', 'TypeMeta'],
    2: ['raw', 'raw'],
    3: ['contentEncoding', 'string'],
    4: ['contentType', 'string'],
  },
  TypeMeta: { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] },
  ObjectMeta: {
    1: ['name', 'string'],
    2: ['generateName', 'string'],
    3: ['namespace', 'string'],
    5: ['uid', 'string'],
    6: ['resourceVersion', 'string'],
    7: ['generation', 'int'],
    11: ['labels', 'map'],
    12: ['annotations', 'map'],
    14: ['finalizers', '[string]'],
  },
  Eviction: { 1: ['metadata', 'ObjectMeta'], 2: ['deleteOptions', 'DeleteOptions'] },
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'int'],
    2: ['preconditions', 'Preconditions'],
    3: ['orphanDependents', 'bool'],
    4: ['propagationPolicy', 'string'],
    5: ['dryRun', '[string]'],
  },
  Preconditions: { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] },
  Namespace: { 1: ['metadata', 'ObjectMeta'] },
  ConfigMap: {
    1: ['metadata', 'ObjectMeta'],
    2: ['data', 'map'],
    3: ['binaryData', 'bytesMap'],
    4: ['immutable', 'bool'],
  },
  MapEntry: { 1: ['key', 'text'], 2: ['value', 'text'] },
  BytesMapEntry: { 1: ['key', 'text'], 2: ['value', 'bytes'] },
}

/** Decodes one of the messages above; any other, and any field that is not listed, is refused rather than dropped. */
export function decodeProtobuf(body: Buffer): JsonObject {
  const magic = 'k8s\0'
  if (body.subarray(0, 4).toString('latin1') !== magic) throw badRequest('the body is not Kubernetes protobuf')
  let raw: Buffer = Buffer.alloc(0)
  const envelope = decodeMessage('Unknown', body.subarray(4), (bytes) => (raw = bytes))
  const { kind, apiVersion } = (envelope['typeMeta'] ?? {}) as { kind?: string; apiVersion?: string }
  if (kind === undefined || !Object.hasOwn(messages, kind)) throw unsupportedMediaType(['application/json'])
  return { kind, apiVersion: apiVersion ?? '', ...decodeMessage(kind, raw) }
}

function decodeMessage(type: string, bytes: Buffer, onRaw?: (bytes: Buffer) => void): JsonObject {
  const result: JsonObject = {}
  for (const { number, value } of fieldsIn(bytes)) {
    const [name, kind] = messages[type]?.[number] ?? ['', '']
    // Go writes empty structs and texts too: those say nothing.
    if (typeof value !== 'number' && kind !== 'text' && isSilent(value)) continue
    if (kind === '') {
      if (value === 0) continue
      throw unsupportedMediaType(['application/json'])
    }
    if (kind === 'raw') onRaw?.(value as Buffer)
    else setField(result, name, kind, value)
  }
  return result
}

function setField(result: JsonObject, name: string, kind: string, value: Buffer | number): void {
  const bytes = typeof value === 'number' ? Buffer.alloc(0) : value
  if (kind === 'int') put(result, name, Number(value))
  else if (kind === 'bool') put(result, name, value === 1)
  else if (kind === 'string' || kind === 'text') put(result, name, bytes.toString('utf8'))
  else if (kind === 'bytes') put(result, name, bytes.toString('base64'))
  else if (kind === '[string]') put(result, name, [...((result[name] ?? []) as Json[]), bytes.toString('utf8')])
  else if (kind === 'map' || kind === 'bytesMap') {
    const entry = decodeMessage(kind === 'map' ? 'MapEntry' : 'BytesMapEntry', bytes)
    const map = (result[name] ??= {}) as JsonObject
    put(map, (entry['key'] ?? '') as string, entry['value'] ?? '')
  } else put(result, name, decodeMessage(kind, bytes))
}

/** A message without content, however deeply: all its fields are empty. */
function isSilent(bytes: Buffer): boolean {
  if (bytes.length === 0) return true
  try {
    return fieldsIn(bytes).every(({ value }) => (typeof value === 'number' ? value === 0 : isSilent(value)))
  } catch {
    return false
  }
}

/** The wire format: https://protobuf.dev/programming-guides/encoding/ (only varints and lengths occur in Kubernetes). */
function fieldsIn(bytes: Buffer): { number: number; value: Buffer | number }[] {
  const fields: { number: number; value: Buffer | number }[] = []
  let at = 0
  const varint = (): number => {
    let result = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) break
      result |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, result))
    }
    throw badRequest('the protobuf in the body breaks off')
  }
  while (at < bytes.length) {
    const tag = varint()
    const wireType = tag & 7
    if (wireType !== 0 && wireType !== 2)
      throw badRequest(`the protobuf in the body has a field of wire type ${wireType}`)
    const number = tag >>> 3
    if (wireType === 0) fields.push({ number, value: varint() })
    else {
      const length = varint()
      if (length < 0 || at + length > bytes.length) throw badRequest('the protobuf in the body breaks off')
      fields.push({ number, value: bytes.subarray(at, at + length) })
      at += length
    }
  }
  return fields
}
