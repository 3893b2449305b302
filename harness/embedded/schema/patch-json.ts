/** JSON Patch (RFC 6902) over JSON Pointer (RFC 6901), and JSON Merge Patch (RFC 7386). */
import { isObject, getOwnProperty, setOwnProperty, isEqualJson } from '../store/json.ts'
import type { Json, JsonObject } from '../store/json.ts'
import { ApiError, newBadRequest } from './status.ts'

/** The API server's answer to a patch that does not fit the object; `cause` says why. */
export function newUnprocessable(cause: string): ApiError {
  const message = 'the server rejected our request due to an error in our request'
  return new ApiError(422, 'Invalid', message, { causes: [{ message: cause }] })
}

/** RFC 7386 §2. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const result: JsonObject = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else setOwnProperty(result, key, applyMergePatch(getOwnProperty(result, key), value))
  }
  return result
}

/** Maximum number of operations, as in the API server. */
const maxOperations = 10_000

export function applyJsonPatch(target: JsonObject, patch: Json): Json {
  if (!Array.isArray(patch)) throw newBadRequest('error decoding patch: it is not a list of operations')
  if (patch.length > maxOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`
    throw new ApiError(413, 'RequestEntityTooLarge', message, {})
  }
  let document: Json = structuredClone(target)
  for (const operation of patch) {
    if (!isObject(operation)) throw newBadRequest('error decoding patch: an operation is not an object')
    document = applyOperation(document, operation)
  }
  return document
}

function applyOperation(document: Json, operation: JsonObject): Json {
  const path = parsePointer(operation, 'path')
  switch (getOperationName(operation)) {
    case 'add':
      return addAtPointer(document, path, getOperationValue(operation))
    case 'remove':
      return removeAtPointer(document, path)
    case 'replace':
      getAtPointer(document, path)
      return path.length === 0
        ? getOperationValue(operation)
        : addAtPointer(removeAtPointer(document, path), path, getOperationValue(operation))
    case 'test':
      if (isEqualJson(getAtPointer(document, path), getOperationValue(operation))) return document
      throw newUnprocessable(`testing value /${path.join('/')} failed`)
    case 'copy':
      return addAtPointer(document, path, structuredClone(getAtPointer(document, parsePointer(operation, 'from'))))
    case 'move': {
      const from = parsePointer(operation, 'from')
      const value = getAtPointer(document, from)
      return addAtPointer(removeAtPointer(document, from), path, value)
    }
    default:
      throw newUnprocessable(`Unexpected kind: ${getOperationName(operation)}`)
  }
}

function getOperationName({ op }: JsonObject): string {
  return typeof op === 'string' ? op : JSON.stringify(op ?? null)
}

function getOperationValue(operation: JsonObject): Json {
  const value = getOwnProperty(operation, 'value')
  if (value === undefined) throw newUnprocessable(`operation ${getOperationName(operation)} has no value`)
  return structuredClone(value)
}

function parsePointer(operation: JsonObject, member: 'path' | 'from'): string[] {
  const text = operation[member]
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) {
    throw newUnprocessable(`operation ${getOperationName(operation)} has no valid ${member}`)
  }
  // RFC 6901 §4: first ~1, then ~0.
  const tokens = text.split('/').slice(1)
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function getAtPointer(document: Json, path: string[]): Json {
  let value: Json | undefined = document
  for (const token of path) {
    value = Array.isArray(value)
      ? value[parseIndex(value, token)]
      : isObject(value)
        ? getOwnProperty(value, token)
        : undefined
    if (value === undefined) throw newMissingPath(path)
  }
  return value
}

/** Arrays are changed in place: the document is our own copy. */
function addAtPointer(document: Json, path: string[], value: Json): Json {
  const last = path.at(-1)
  if (last === undefined) return value
  const parent = getAtPointer(document, path.slice(0, -1))
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : parseIndex(parent, last)
    if (index > parent.length) throw newMissingPath(path)
    parent.splice(index, 0, value)
  } else if (isObject(parent)) setOwnProperty(parent, last, value)
  else throw newMissingPath(path)
  return document
}

function removeAtPointer(document: Json, path: string[]): Json {
  const last = path.at(-1)
  if (last === undefined) return null
  getAtPointer(document, path)
  const parent = getAtPointer(document, path.slice(0, -1))
  if (Array.isArray(parent)) parent.splice(parseIndex(parent, last), 1)
  else if (isObject(parent)) delete parent[last]
  return document
}

/** RFC 6901 §4: digits without leading zeros. Negative ones are an extension of the library that Kubernetes uses. */
function parseIndex(list: Json[], token: string): number {
  if (!/^(0|-?[1-9]\d*)$/.test(token)) throw newUnprocessable(`'${token}' is no index of a list`)
  const index = Number(token)
  return index < 0 ? list.length + index : index
}

function newMissingPath(path: string[]): ApiError {
  return newUnprocessable(`the path /${path.join('/')} does not exist`)
}
