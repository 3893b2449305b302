/**
 * The shapes of the API's objects, from the models of @kubernetes/client-node, which are generated from Kubernetes' own OpenAPI document.
 * They define the known fields (others are dropped, as when decoding into Go structs), the JSON type of each, and the model of a list's
 * elements.
 */
import * as k8s from '@kubernetes/client-node'
import { getErrorMessage } from '../../base/fault.ts'
import { isObject, getOwnProperty, setOwnProperty } from '../store/json.ts'
import type { Json, JsonObject } from '../store/json.ts'
import { roundUpToMilli, parseQuantity, formatQuantity } from '../store/quantity.ts'
import { newBadRequest } from './status.ts'

export interface Field {
  type: string
  format: string
}
interface Model {
  getAttributeTypeMap(): (Field & { baseName: string })[]
}

const models = new Map<string, ReadonlyMap<string, Field>>()

/** The fields of a model such as `V1PodSpec`; undefined for an unknown name. */
export function getModelFields(model: string): ReadonlyMap<string, Field> | undefined {
  const known = models.get(model)
  if (known) return known
  const found = (k8s as Record<string, unknown>)[model]
  if (!isModel(found)) return undefined
  const fields = new Map(found.getAttributeTypeMap().map(({ baseName, type, format }) => [baseName, { type, format }]))
  models.set(model, fields)
  return fields
}

function isModel(value: unknown): value is Model {
  return typeof value === 'function' && 'getAttributeTypeMap' in value
}

/** `V1Container` from `Array<V1Container>`. */
export function parseElementType(type: string): string | undefined {
  return /^Array<(.+)>$/.exec(type)?.[1]
}

function parseMapValueType(type: string): string | undefined {
  return /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
}

/** The present place, for messages in the Go decoder's form. */
interface Place {
  path: string
  /** `DeploymentSpec` in `DeploymentSpec.spec.replicas`. */
  struct: string
  format: string
}

export interface Decoded {
  object: JsonObject
  /** Paths of the fields that the model does not have. */
  unknown: string[]
}

/** Checks the types of all fields and drops null and unknown ones. `what` opens the message: `Pod in version "v1"`. */
export function decodeByModel(model: string, value: JsonObject, what: string): Decoded {
  const unknown: string[] = []
  const kind = model.replace(/^(Core)?V1/, '')
  try {
    const object = decodeModel(model, value, { path: '', struct: kind, format: '' })
    return { object, unknown }
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error
    throw newBadRequest(`${what} cannot be handled as a ${kind}: ${error.message}`)
  }

  function decodeModel(model: string, value: JsonObject, place: Place): JsonObject {
    const fields = getModelFields(model)
    const result: JsonObject = {}
    const struct = model.replace(/^(Core)?V1/, '')
    for (const [key, inner] of Object.entries(value)) {
      const path = place.path === '' ? key : `${place.path}.${key}`
      const field = fields?.get(key)
      if (!field) unknown.push(path)
      // Field ownership is not tracked: there is no server-side apply.
      else if (inner !== null && key !== 'managedFields') {
        result[key] = decodeValue(field.type, inner, { path, struct, format: field.format })
      }
    }
    return result
  }

  function decodeValue(type: string, value: Json, place: Place): Json {
    const element = parseElementType(type)
    if (element !== undefined) {
      if (!Array.isArray(value)) throw createMismatch(value, place, '[]' + formatGoType(element, place))
      return value
        .filter((inner) => inner !== null)
        .map((inner, index) => decodeValue(element, inner, { ...place, path: `${place.path}[${index}]` }))
    }
    const inMap = parseMapValueType(type)
    if (inMap !== undefined) {
      if (!isObject(value)) throw createMismatch(value, place, `map[string]${formatGoType(inMap, place)}`)
      const result: JsonObject = {}
      for (const [key, inner] of Object.entries(value)) {
        if (inner !== null) setOwnProperty(result, key, decodeValue(inMap, inner, place))
      }
      return result
    }
    if (!getModelFields(type)) return decodeScalar(type, value, place)
    if (!isObject(value)) throw createMismatch(value, place, formatGoType(type, place))
    return decodeModel(type, value, place)
  }
}

class Mismatch extends Error {}

function createMismatch(value: Json, place: Place, wanted: string, found = describeJsonType(value)): Mismatch {
  const field = `${place.struct}.${place.path.replaceAll(/\[\d+\]/g, '')}`
  return new Mismatch(`json: cannot unmarshal ${found} into Go struct field ${field} of type ${wanted}`)
}

function describeJsonType(value: Json): string {
  return Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
}

function formatGoType(type: string, place: Place): string {
  if (type === 'number') return place.format === '' ? 'float64' : place.format
  if (type === 'boolean') return 'bool'
  if (type === 'Date') return 'v1.Time'
  return type.replace(/^(Core)?V1/, 'v1.')
}

function decodeScalar(type: string, value: Json, place: Place): Json {
  switch (type) {
    case 'string':
      if (isQuantity(place)) return decodeQuantity(value, place)
      if (typeof value !== 'string') throw createMismatch(value, place, 'string')
      if (place.format === 'byte') checkBase64(value)
      return value
    case 'number':
      return decodeNumber(value, place)
    case 'boolean':
      if (typeof value !== 'boolean') throw createMismatch(value, place, 'bool')
      return value
    case 'Date':
      return `${decodeTime(value, place).toISOString().slice(0, 19)}Z`
    case 'V1MicroTime':
      if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value)) return value
      return decodeTime(value, place).toISOString().replace('Z', '000Z')
    case 'IntOrString':
      if (typeof value === 'string' || Number.isInteger(value)) return value
      throw createMismatch(
        value,
        place,
        'int32',
        typeof value === 'number' ? `number ${value}` : describeJsonType(value),
      )
    default:
      return value
  }
}

function isQuantity({ struct, path }: Place): boolean {
  if (struct === 'ResourceRequirements') return true
  return /\.(sizeLimit|divisor|capacity|allocatable|allocatedResources|overhead)$/.test(path)
}

/** In its canonical form. It may be a number; from other values the decoder parses the text. */
function decodeQuantity(value: Json, { struct }: Place): string {
  try {
    const quantity = parseQuantity((typeof value === 'string' ? value : JSON.stringify(value)).trim())
    // Those of containers are stored in thousandths (SetDefaults_ResourceList).
    return formatQuantity(struct === 'ResourceRequirements' ? roundUpToMilli(quantity) : quantity)
  } catch (error) {
    throw new Mismatch(getErrorMessage(error))
  }
}

function checkBase64(text: string): void {
  const stray = text.search(/[^A-Za-z0-9+/=\s]/)
  const getAtPath =
    stray >= 0 ? stray : text.replaceAll(/\s/g, '').length % 4 === 0 ? -1 : text.length - (text.length % 4)
  if (getAtPath >= 0) throw new Mismatch(`illegal base64 data at input byte ${getAtPath}`)
}

function decodeNumber(value: Json, place: Place): number {
  if (typeof value !== 'number') throw createMismatch(value, place, formatGoType('number', place))
  const limit = place.format === 'int32' ? 2 ** 31 : 2 ** 63
  if (place.format !== '' && (!Number.isInteger(value) || value >= limit || value < -limit)) {
    throw createMismatch(value, place, place.format, `number ${value}`)
  }
  return value
}

function decodeTime(value: Json, place: Place): Date {
  if (typeof value !== 'string') throw createMismatch(value, place, 'v1.Time')
  const time = new Date(value)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value) || Number.isNaN(time.getTime())) {
    throw new Mismatch(`parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse it`)
  }
  return time
}

/** The value at a dotted path of field names; undefined if one is missing. */
export function getAtPath(object: unknown, path: string): Json | undefined {
  let value: Json | undefined = object as Json
  for (const key of path.split('.')) value = isObject(value) ? getOwnProperty(value, key) : undefined
  return value
}
