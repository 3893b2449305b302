/** POST, PUT and PATCH of objects and of their status. */
import type { JsonObject } from '../store/json.ts'
import { isObject } from '../store/json.ts'
import { hasStatusSubresource, kinds } from '../store/objects.ts'
import type { Job, KubeObject, Kinds, Namespace, Plural, Pod, PodSpec, Service, Stored } from '../store/objects.ts'
import { findAdmissionError } from '../store/pod-admission.ts'
import { readObject } from './body.ts'
import { parseDryRun } from './call.ts'
import type { Answer, Call } from './call.ts'
import { assignClusterIp } from '../network/cluster-ips.ts'
import { applyDefaults } from '../schema/defaults.ts'
import { computeQosClass } from '../schema/pod-defaults.ts'
import { decodeObject, getModelName, setNamespace } from './decode-object.ts'
import { isReadyForRemoval } from './deletion.ts'
import { assignNodePorts } from '../network/node-ports.ts'
import { readPatch } from './patch.ts'
import { newBadRequest, newConflict, newForbidden } from '../schema/status.ts'
import { createTable, wantsTable } from '../kubectl/table.ts'
import { validateObject } from '../validation/object.ts'
import { generateSelector } from '../validation/job.ts'

export async function handleCreate(call: Call): Promise<Answer> {
  const { store, target, query } = call
  const { plural } = target
  const dryRun = parseDryRun(query)
  const body = await readObject(call.request)
  if (!body) throw newBadRequest('the body of the request is empty: it must be an object')
  const object = decodeObject(call, body)
  const metadata = (object.metadata ??= {})
  setNamespace(call, metadata)
  // Set by the server, not by the client.
  for (const field of ['uid', 'resourceVersion', 'generation', 'creationTimestamp'] as const) delete metadata[field]
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  applyDefaults(plural, object)
  setInitialStatus(plural, object)
  if (plural === 'jobs') generateSelector(object as Job)
  if (plural === 'pods') admitPod(call, object as Pod)
  validateObject(plural, object)
  if (kinds[plural].namespaced) checkNamespace(call, metadata.name ?? '')
  if (plural === 'services') {
    assignClusterIp(store, object as Service, undefined)
    assignNodePorts(store, object as Service, undefined)
  }
  return createAnswer(call, 201, store.create(plural, object, { dryRun }))
}

export async function handleReplace(call: Call): Promise<Answer> {
  const body = await readObject(call.request)
  if (!body) throw newBadRequest('the body of the request is empty: it must be an object')
  return applyChange(call, () => body)
}

export async function handlePatch(call: Call): Promise<Answer> {
  const patch = await readPatch(call.request, getModelName(call.target.plural))
  return applyChange(call, patch)
}

/** From here on nothing is asynchronous, so the object cannot change between reading and writing. */
function applyChange(call: Call, change: (before: JsonObject) => JsonObject): Answer {
  const { store, target, query } = call
  const { plural } = target
  const dryRun = parseDryRun(query)
  const before = store.read(plural, target.name, target.namespace)
  const asked = decodeObject(call, change(before))
  setNamespace(call, (asked.metadata ??= {}))
  const { metadata } = asked
  if (metadata.name !== undefined && metadata.name !== target.name) {
    const names = `(${metadata.name}) does not match the name on the URL (${target.name})`
    throw newBadRequest(`the name of the object ${names}`)
  }
  metadata.name = target.name
  if (metadata.uid !== undefined && metadata.uid !== before.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${before.metadata.uid}`
    throw newConflict(plural, target.name, why)
  }
  const next = target.subresource === 'status' ? replaceStatus(before, asked) : replaceStatus(asked, before)
  const named = asked.metadata.resourceVersion
  if (next.metadata && named !== undefined) next.metadata.resourceVersion = named
  keepDeletionMarks(next, before)
  if (target.subresource === '') {
    applyDefaults(plural, next)
    if (plural === 'services') {
      assignClusterIp(store, next, before as Service)
      assignNodePorts(store, next, before as Service)
    }
    validateObject(plural, next, before)
  }
  const written = store.update(plural, next, { dryRun })
  if (!dryRun && isReadyForRemoval(written, plural)) store.remove(plural, target.name, target.namespace)
  return createAnswer(call, 200, written)
}

function createAnswer(call: Call, code: number, object: Stored<KubeObject>): Answer {
  return { code, body: wantsTable(call.request) ? createTable(call, [object]) : object }
}

function admitPod({ target }: Call, { metadata, spec }: Pod): void {
  const why = spec && findAdmissionError(spec, target.namespace)
  if (why !== undefined) throw newForbidden('pods', metadata?.name || (metadata?.generateName ?? ''), why)
}

function checkNamespace({ store, target }: Call, name: string): void {
  const { metadata, status } = store.read('namespaces', target.namespace)
  if (metadata.deletionTimestamp === undefined && status?.phase !== 'Terminating') return
  const why = `unable to create new content in namespace ${target.namespace} because it is being terminated`
  const message = `namespace ${target.namespace} is being terminated`
  const causes = [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }]
  throw newForbidden(target.plural, name, why, causes)
}

/** The server sets the status of a new object: the client's is dropped if there is a subresource. */
function setInitialStatus(plural: Plural, object: Kinds[Plural]): void {
  if (!hasStatusSubresource(plural)) return
  if (plural === 'pods') {
    const { spec } = object as Pod
    const qosClass = computeQosClass(spec as PodSpec)
    Object.assign(object, { status: { phase: 'Pending', qosClass } })
  } else if (plural === 'namespaces') Object.assign(object as Namespace, { status: { phase: 'Active' } })
  else if (plural === 'services') Object.assign(object, { status: { loadBalancer: {} } })
  else if (plural !== 'nodes') Object.assign(object, { status: {} })
}

function replaceStatus(object: KubeObject, other: KubeObject): KubeObject {
  const copy: JsonObject = { ...(object as unknown as JsonObject) }
  const status = (other as unknown as JsonObject)['status']
  if ('status' in other && isObject(status)) copy['status'] = status
  else delete copy['status']
  return structuredClone(copy) as KubeObject
}

/** A client cannot change a pending deletion. */
function keepDeletionMarks(next: KubeObject, before: Stored<KubeObject>): void {
  const { deletionTimestamp, deletionGracePeriodSeconds, generateName } = before.metadata
  const metadata = (next.metadata ??= {})
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  if (deletionTimestamp !== undefined) metadata.deletionTimestamp = deletionTimestamp
  if (deletionGracePeriodSeconds !== undefined) metadata.deletionGracePeriodSeconds = deletionGracePeriodSeconds
  if (generateName !== undefined) metadata.generateName = generateName
}
