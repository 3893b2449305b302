/** JSON Patch (RFC 6902) over JSON Pointer (RFC 6901), and JSON Merge Patch (RFC 7386). */
import { isObject, own, put, sameJson } from '../store/json.ts'
import type { Json, JsonObject } from '../store/json.ts'
import { ApiError, badRequest } from '../api/status.ts'

/** As the API server answers a patch that does not fit the object; the cause says what did not. */
export function unprocessable(cause: string): ApiError {
  const message = 'the server rejected our request due to an error in our request'
  return new ApiError(422, 'Invalid', message, { causes: [{ message: cause }] })
}

/** RFC 7386 §2. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const result: JsonObject = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else put(result, key, applyMergePatch(own(result, key), value))
  }
  return result
}

/** More operations than this are refused, as by the API server. */
const maxOperations = 10_000

export function applyJsonPatch(target: JsonObject, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: it is not a list of operations')
  if (patch.length > maxOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`
    throw new ApiError(413, 'RequestEntityTooLarge', message, {})
  }
  let document: Json = structuredClone(target)
  for (const operation of patch) {
    if (!isObject(operation)) throw badRequest('error decoding patch: an operation is not an object')
    document = applyOperation(document, operation)
  }
  return document
}

function applyOperation(document: Json, operation: JsonObject): Json {
  const path = pointer(operation, 'path')
  switch (nameOf(operation)) {
    case 'add':
      return add(document, path, valueOf(operation))
    case 'remove':
      return remove(document, path)
    case 'replace':
      read(document, path)
      return path.length === 0 ? valueOf(operation) : add(remove(document, path), path, valueOf(operation))
    case 'test':
      if (sameJson(read(document, path), valueOf(operation))) return document
      throw unprocessable(`testing value /${path.join('/')} failed`)
    case 'copy':
      return add(document, path, structuredClone(read(document, pointer(operation, 'from'))))
    case 'move': {
      const from = pointer(operation, 'from')
      const value = read(document, from)
      return add(remove(document, from), path, value)
    }
    default:
      throw unprocessable(`Unexpected kind: ${nameOf(operation)}`)
  }
}

function nameOf({ op }: JsonObject): string {
  return typeof op === 'string' ? op : JSON.stringify(op ?? null)
}

function valueOf(operation: JsonObject): Json {
  const value = own(operation, 'value')
  if (value === undefined) throw unprocessable(`operation ${nameOf(operation)} has no value`)
  return structuredClone(value)
}

function pointer(operation: JsonObject, member: 'path' | 'from'): string[] {
  const text = operation[member]
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) {
    throw unprocessable(`operation ${nameOf(operation)} has no valid ${member}`)
  }
  // RFC 6901 §4: first ~1, then ~0.
  const tokens = text.split('/').slice(1)
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function read(document: Json, path: string[]): Json {
  let value: Json | undefined = document
  for (const token of path) {
    value = Array.isArray(value) ? value[indexIn(value, token)] : isObject(value) ? own(value, token) : undefined
    if (value === undefined) throw missing(path)
  }
  return value
}

/** Arrays are changed in place: the document is a copy of ours. */
function add(document: Json, path: string[], value: Json): Json {
  const last = path.at(-1)
  if (last === undefined) return value
  const parent = read(document, path.slice(0, -1))
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : indexIn(parent, last)
    if (index > parent.length) throw missing(path)
    parent.splice(index, 0, value)
  } else if (isObject(parent)) put(parent, last, value)
  else throw missing(path)
  return document
}

function remove(document: Json, path: string[]): Json {
  const last = path.at(-1)
  if (last === undefined) return null
  read(document, path)
  const parent = read(document, path.slice(0, -1))
  if (Array.isArray(parent)) parent.splice(indexIn(parent, last), 1)
  else if (isObject(parent)) delete parent[last]
  return document
}

/** RFC 6901 §4: digits without leading zeros. Negative ones are an extension of the library that Kubernetes uses. */
function indexIn(list: Json[], token: string): number {
  if (!/^(0|-?[1-9]\d*)$/.test(token)) throw unprocessable(`'${token}' is no index of a list`)
  const index = Number(token)
  return index < 0 ? list.length + index : index
}

function missing(path: string[]): ApiError {
  return unprocessable(`the path /${path.join('/')} does not exist`)
}
