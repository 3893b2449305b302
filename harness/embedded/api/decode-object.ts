/** The object in a request: checked for its kind, shape and place. */
import type { Json, JsonObject } from '../store/json.ts'
import { formatApiVersion, kinds } from '../store/objects.ts'
import type { KubeObject, Kinds, Plural } from '../store/objects.ts'
import { addWarning } from './call.ts'
import type { Call } from './call.ts'
import { decodeByModel } from '../schema/schema.ts'
import { newBadRequest } from '../schema/status.ts'

/** The model of a kind in the client library. */
export function getModelName(plural: Plural): string {
  return plural === 'events' ? 'CoreV1Event' : `V1${kinds[plural].kind}`
}

/** The object in the body, of the right kind and shape; unknown fields are dropped, warned about or refused, by `fieldValidation`. */
export function decodeObject(call: Call, body: JsonObject): Kinds[Plural] {
  const { plural } = call.target
  const info = kinds[plural]
  const version = formatApiVersion(info)
  const found = { kind: stringOr(body['kind'], info.kind), version: stringOr(body['apiVersion'], version) }
  if (found.version !== version) {
    const versions = `(${found.version}) does not match the expected API version (${version})`
    throw newBadRequest(`the API version in the data ${versions}`)
  }
  const what = `${found.kind} in version "${info.version}"`
  if (found.kind !== info.kind)
    throw newBadRequest(`${what} cannot be handled as a ${info.kind}: it is of another kind`)
  const { object, unknown } = decodeByModel(getModelName(plural), body, what)
  const validation = call.query.get('fieldValidation') ?? 'Warn'
  if (validation === 'Strict' && unknown.length > 0) {
    const list = unknown.map((path) => `unknown field ${JSON.stringify(path)}`).join(', ')
    throw newBadRequest(`${what} cannot be handled as a ${info.kind}: strict decoding error: ${list}`)
  }
  if (validation === 'Warn')
    for (const path of unknown) addWarning(call.response, `unknown field ${JSON.stringify(path)}`)
  return object
}

/** Sets the namespace of the path. */
export function setNamespace({ target }: Call, metadata: NonNullable<KubeObject['metadata']>): void {
  if (!kinds[target.plural].namespaced) delete metadata.namespace
  else if (!metadata.namespace) metadata.namespace = target.namespace
  else if (metadata.namespace !== target.namespace) {
    throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}

/** For a message, if the value is not a text. */
function stringOr(value: Json | undefined, missing: string): string {
  return typeof value === 'string' ? value : value === undefined ? missing : JSON.stringify(value)
}
