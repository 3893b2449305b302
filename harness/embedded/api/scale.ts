/** deployments/scale and replicasets/scale: autoscaling/v1 Scale, as `kubectl scale` uses it. */
import type { JsonObject } from '../store/json.ts'
import type { Deployment, ReplicaSet, Stored } from '../store/objects.ts'
import { readObject } from './body.ts'
import { parseDryRun } from './call.ts'
import type { Answer, Call } from './call.ts'
import { newInvalid, validateNonnegativeField } from '../validation/field-errors.ts'
import { readPatch } from './patch.ts'
import { decodeByModel } from '../schema/schema.ts'
import { formatSelector } from '../schema/selector-syntax.ts'
import { newBadRequest, newMethodNotSupported } from '../schema/status.ts'

type Scalable = 'deployments' | 'replicasets'

interface Scale {
  metadata?: { name?: string; resourceVersion?: string }
  spec?: { replicas?: number }
}

export async function scaleObject(call: Call, plural: Scalable): Promise<Answer> {
  const { store, target, request } = call
  switch (request.method ?? '') {
    case 'GET':
      return { code: 200, body: toScale(store.read(plural, target.name, target.namespace)) }
    case 'PUT': {
      const body = await readObject(request)
      if (!body) throw newBadRequest('the body of the request is empty: it must be a Scale')
      return updateScale(call, plural, () => body)
    }
    case 'PATCH':
      return updateScale(call, plural, await readPatch(request, 'V1Scale'))
    default:
      throw newMethodNotSupported()
  }
}

function updateScale(call: Call, plural: Scalable, change: (before: JsonObject) => JsonObject): Answer {
  const { store, target, query } = call
  const dryRun = parseDryRun(query)
  const present = store.read(plural, target.name, target.namespace)
  const before = toScale(present)
  const { metadata, spec } = decodeByModel('V1Scale', change(before), 'Scale in version "v1"').object as Scale
  if (metadata?.name !== undefined && metadata.name !== target.name) {
    throw newBadRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`)
  }
  const replicas = spec?.replicas ?? 0
  const errors = validateNonnegativeField('spec.replicas', replicas)
  if (errors.length > 0) throw newInvalid({ kind: 'Scale', group: 'autoscaling' }, target.name, errors)
  const next = structuredClone(present)
  if (metadata?.resourceVersion) next.metadata.resourceVersion = metadata.resourceVersion
  if (next.spec) next.spec.replicas = replicas
  return { code: 200, body: toScale(store.update(plural, next, { dryRun })) }
}

function toScale({ metadata, spec, status }: Stored<Deployment | ReplicaSet>): JsonObject {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = metadata
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec?.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, selector: formatSelector(spec?.selector ?? {}) },
  }
}
