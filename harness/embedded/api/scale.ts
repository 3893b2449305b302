/** deployments/scale and replicasets/scale: autoscaling/v1 Scale, as `kubectl scale` uses it. */
import type { JsonObject } from '../store/json.ts'
import type { Deployment, ReplicaSet, Stored } from '../store/objects.ts'
import { readObject } from './body.ts'
import { dryRunOf } from './call.ts'
import type { Answer, Call } from './call.ts'
import { invalidObject, nonNegative } from '../validation/field-errors.ts'
import { readPatch } from '../schema/patch.ts'
import { decode } from '../schema/schema.ts'
import { formatSelector } from '../store/selector-syntax.ts'
import { badRequest, methodNotAllowed } from './status.ts'

type Scalable = 'deployments' | 'replicasets'

interface Scale {
  metadata?: { name?: string; resourceVersion?: string }
  spec?: { replicas?: number }
}

export async function scaleObject(call: Call, plural: Scalable): Promise<Answer> {
  const { store, target, request } = call
  switch (request.method ?? '') {
    case 'GET':
      return { code: 200, body: scaleOf(store.read(plural, target.name, target.namespace)) }
    case 'PUT': {
      const body = await readObject(request)
      if (!body) throw badRequest('the body of the request is empty: it must be a Scale')
      return rescale(call, plural, () => body)
    }
    case 'PATCH':
      return rescale(call, plural, await readPatch(request, 'V1Scale'))
    default:
      throw methodNotAllowed()
  }
}

function rescale(call: Call, plural: Scalable, change: (before: JsonObject) => JsonObject): Answer {
  const { store, target, query } = call
  const dryRun = dryRunOf(query)
  const present = store.read(plural, target.name, target.namespace)
  const before = scaleOf(present)
  const { metadata, spec } = decode('V1Scale', change(before), 'Scale in version "v1"').object as Scale
  if (metadata?.name !== undefined && metadata.name !== target.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`)
  }
  const replicas = spec?.replicas ?? 0
  const errors = nonNegative('spec.replicas', replicas)
  if (errors.length > 0) throw invalidObject({ kind: 'Scale', group: 'autoscaling' }, target.name, errors)
  const next = structuredClone(present)
  if (metadata?.resourceVersion) next.metadata.resourceVersion = metadata.resourceVersion
  if (next.spec) next.spec.replicas = replicas
  return { code: 200, body: scaleOf(store.update(plural, next, { dryRun })) }
}

function scaleOf({ metadata, spec, status }: Stored<Deployment | ReplicaSet>): JsonObject {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = metadata
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec?.replicas ?? 0 },
    status: { replicas: status?.replicas ?? 0, selector: formatSelector(spec?.selector ?? {}) },
  }
}
