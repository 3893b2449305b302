/** PATCH: the four media types of https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply */
import type { IncomingMessage } from 'node:http'
import { isObject } from '../store/json.ts'
import type { JsonObject } from '../store/json.ts'
import { parseMediaType, parseJson, readBody } from './body.ts'
import { applyJsonPatch, applyMergePatch } from '../schema/patch-json.ts'
import { applyStrategicPatch } from '../schema/patch-strategic.ts'
import { ApiError, newBadRequest, newUnsupportedMediaType } from '../schema/status.ts'

const accepted = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

/** Reads the patch; the function it returns applies it to an object of the model at once, so that nothing can change in between. */
export async function readPatch(request: IncomingMessage, model: string): Promise<(before: JsonObject) => JsonObject> {
  const type = parseMediaType(request)
  if (type === 'application/apply-patch+yaml') {
    const message =
      'the embedded cluster has no server-side apply: use client-side apply (kubectl apply without --server-side)'
    throw new ApiError(415, 'UnsupportedMediaType', message, {})
  }
  if (!accepted.includes(type)) throw newUnsupportedMediaType(accepted)
  const patch = parseJson(await readBody(request))
  return (before) => {
    if (type === 'application/json-patch+json') return toObject(applyJsonPatch(before, patch))
    if (!isObject(patch)) throw newBadRequest('error decoding patch: it is not a JSON object')
    if (type === 'application/merge-patch+json') return toObject(applyMergePatch(before, patch))
    return applyStrategicPatch(before, patch, model)
  }
}

function toObject(value: unknown): JsonObject {
  if (!isObject(value)) throw newBadRequest('the patched object is no JSON object')
  return value
}
