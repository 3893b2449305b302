/**
 * Strategic merge patch: lists merge by a key of their elements. Rules and directives:
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
import { isObject, getOwnProperty, setOwnProperty } from '../store/json.ts'
import type { Json, JsonObject } from '../store/json.ts'
import { parseElementType, getModelFields } from './schema.ts'
import { newBadRequest } from './status.ts'

/** `patchMergeKey` of the element types whose lists have `patchStrategy: merge` (k8s.io/api, types.go of each group). */
const mergeKeys: Record<string, string> = {
  V1Container: 'name',
  V1EphemeralContainer: 'name',
  V1Volume: 'name',
  V1EnvVar: 'name',
  V1ContainerPort: 'containerPort',
  V1ServicePort: 'port',
  V1VolumeMount: 'mountPath',
  V1VolumeDevice: 'devicePath',
  V1LocalObjectReference: 'name',
  V1HostAlias: 'ip',
  V1TopologySpreadConstraint: 'topologyKey',
  V1PodSchedulingGate: 'name',
  V1PodResourceClaim: 'name',
  V1PodIP: 'ip',
  V1HostIP: 'ip',
  V1NodeAddress: 'type',
  V1OwnerReference: 'uid',
  V1Condition: 'type',
  V1PodCondition: 'type',
  V1NodeCondition: 'type',
  V1NamespaceCondition: 'type',
  V1DeploymentCondition: 'type',
  V1ReplicaSetCondition: 'type',
}
/** Lists of strings that are merged as sets. */
const mergedPrimitives = new Set(['finalizers', 'podCIDRs'])
/** The one object field whose `patchStrategy` is `replace`: `selector` of a PodDisruptionBudgetSpec. */
const replacedObjects = new Set(['V1PodDisruptionBudgetSpec.selector'])

const orderPrefix = '$setElementOrder/'
const deletePrefix = '$deleteFromPrimitiveList/'

/** `model` is the type of the object, for example `V1Deployment`; unknown types are merged like a JSON merge patch. */
export function applyStrategicPatch(original: JsonObject, patch: JsonObject, model: string): JsonObject {
  const directive = getOwnProperty(patch, '$patch')
  if (directive === 'replace') return discardDirectives(patch)
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge')
    throw newBadRequest(`unknown patch type: ${formatValue(directive)}`)
  const result = applyRetainKeys(original, patch)
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deletePrefix)) deleteFromPrimitiveList(result, key.slice(deletePrefix.length), value)
    else if (!key.startsWith('$')) mergeField(result, key, value, model)
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(orderPrefix))
      applySetElementOrder(result, key.slice(orderPrefix.length), { order, original, patch, model })
  }
  return result
}

function mergeField(result: JsonObject, key: string, value: Json, model: string): void {
  const type = getModelFields(model)?.get(key)?.type ?? ''
  const present = getOwnProperty(result, key)
  if (value === null) delete result[key]
  else if (isObject(value)) {
    const base = isObject(present) && !replacedObjects.has(`${model}.${key}`) ? present : {}
    setOwnProperty(result, key, applyStrategicPatch(base, value, type))
  } else if (Array.isArray(value))
    setOwnProperty(result, key, mergeList(key, Array.isArray(present) ? present : [], value, type))
  else setOwnProperty(result, key, value)
}

function mergeList(key: string, present: Json[], patch: Json[], type: string): Json[] {
  const element = parseElementType(type) ?? ''
  const mergeKey = mergeKeys[element]
  if (mergedPrimitives.has(key)) return [...present, ...patch.filter((value) => !present.includes(value))]
  const replace = patch.some((value) => isObject(value) && value['$patch'] === 'replace')
  if (mergeKey === undefined || replace)
    return patch.filter((value) => !isDirective(value)).map(discardDirectivesInValue)
  let merged = [...present]
  for (const value of patch) {
    if (!isObject(value)) throw newBadRequest(`a value in ${key} is no object: ${formatValue(value)}`)
    const id = getOwnProperty(value, mergeKey)
    if (id === undefined)
      throw newBadRequest(`map: ${formatValue(value)} does not contain declared merge key: ${mergeKey}`)
    if (value['$patch'] === 'delete') {
      merged = merged.filter((one) => getMergeKeyValue(one, mergeKey) !== id)
      continue
    }
    const index = merged.findIndex((one) => getMergeKeyValue(one, mergeKey) === id)
    const old = merged[index]
    const next = applyStrategicPatch(isObject(old) ? old : {}, value, element)
    if (index < 0) merged.push(next)
    else merged[index] = next
  }
  return merged
}

function getMergeKeyValue(element: Json, mergeKey: string): Json | undefined {
  return isObject(element) ? getOwnProperty(element, mergeKey) : element
}

function isDirective(value: Json): boolean {
  return isObject(value) && getOwnProperty(value, '$patch') !== undefined
}

/** `$retainKeys`: fields of the original that are not named are removed. */
function applyRetainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const keep = getOwnProperty(patch, '$retainKeys')
  if (keep === undefined) return { ...original }
  if (!Array.isArray(keep)) throw newBadRequest('invalid patch format of retainKeys')
  const stray = Object.entries(patch).find(
    ([key, value]) => !key.startsWith('$') && value !== null && !keep.includes(key),
  )
  if (stray) throw newBadRequest('invalid patch format of retainKeys')
  return Object.fromEntries(Object.entries(original).filter(([key]) => keep.includes(key)))
}

function deleteFromPrimitiveList(result: JsonObject, key: string, values: Json): void {
  const present = getOwnProperty(result, key)
  if (!Array.isArray(values)) throw newBadRequest('invalid patch format of primitive list')
  if (Array.isArray(present))
    setOwnProperty(
      result,
      key,
      present.filter((value) => !values.includes(value)),
    )
}

interface Ordering {
  order: Json
  original: JsonObject
  patch: JsonObject
  model: string
}

/**
 * `$setElementOrder`: named elements come in the given order; those that only the server knows keep their places among them, as far as both
 * orders allow it.
 */
function applySetElementOrder(result: JsonObject, key: string, { order, original, patch, model }: Ordering): void {
  const list = getOwnProperty(result, key)
  if (!Array.isArray(order)) throw newBadRequest('invalid patch format of setElementOrder list')
  if (!Array.isArray(list)) return
  const mergeKey = mergeKeys[parseElementType(getModelFields(model)?.get(key)?.type ?? '') ?? ''] ?? ''
  const wanted = order.map((value) => getMergeKeyValue(value, mergeKey))
  const patched = getOwnProperty(patch, key)
  const unnamed =
    Array.isArray(patched) &&
    patched.some((one) => !isDirective(one) && !wanted.includes(getMergeKeyValue(one, mergeKey)))
  if (unnamed) throw newBadRequest("The order in patch list doesn't match $setElementOrder list")
  const before = getOwnProperty(original, key)
  const live = (Array.isArray(before) ? before : []).map((value) => getMergeKeyValue(value, mergeKey))
  const findLiveIndex = (value: Json): number => live.indexOf(getMergeKeyValue(value, mergeKey))
  const named = list.filter((value) => wanted.includes(getMergeKeyValue(value, mergeKey)))
  named.sort((a, b) => wanted.indexOf(getMergeKeyValue(a, mergeKey)) - wanted.indexOf(getMergeKeyValue(b, mergeKey)))
  const others = list.filter((value) => !wanted.includes(getMergeKeyValue(value, mergeKey)))
  const merged: Json[] = []
  for (let next = others[0]; next !== undefined && named.length > 0; next = others[0]) {
    const first = named[0] as Json
    if (findLiveIndex(first) >= 0 && findLiveIndex(next) < findLiveIndex(first)) merged.push(...others.splice(0, 1))
    else merged.push(...named.splice(0, 1))
  }
  setOwnProperty(result, key, [...merged, ...named, ...others])
}

/** A value that is new to the object, without directives and nulls. */
function discardDirectives(patch: JsonObject): JsonObject {
  const result: JsonObject = {}
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !key.startsWith('$')) setOwnProperty(result, key, discardDirectivesInValue(value))
  }
  return result
}

function discardDirectivesInValue(value: Json): Json {
  return isObject(value) ? discardDirectives(value) : value
}

function formatValue(value: Json): string {
  return JSON.stringify(value)
}
