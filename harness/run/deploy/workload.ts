/** Deploys one configuration of the workload into its own namespace and waits until it can take load. */
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { getApiMessage, getErrorStatus } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { buildNamespaceLabels } from '../../cluster/context/namespace-labels.ts'
import { Fault } from '../../base/fault.ts'
import type { Workload } from '../../model/workload.ts'
import { PodStartMonitor } from './pod-start.ts'
import { waitUntil } from '../../base/polling.ts'
import { patchWorkload, readWorkload } from './workload-api.ts'
import type { Controller } from './workload-api.ts'

export interface WorkloadOptions {
  api: KubeApi
  namespace: string
  workload: Workload
  /** All objects that configurations share, among them the workload's. */
  base: KubernetesObject[]
  /** Strategic merge patch of the workload's object. */
  patch: Record<string, unknown>
  configuration: string
  replicas: number
  /** The token with which its containers answer, so that no other workload is taken for it. */
  token: string
  signal: AbortSignal
}

const readyLimitMs = 90_000
const accountLimitMs = 30_000

export interface NamespaceOptions {
  api: KubeApi
  name: string
  /** After this time the namespace is not needed any more, and any later run may delete it. */
  expiresAt: Date
  /** Further labels. */
  labels: Record<string, string>
  signal: AbortSignal
}

/** Creates the namespace; a later deletion must match its UID. */
export async function createNamespace({ api, name, expiresAt, labels }: NamespaceOptions): Promise<string> {
  const metadata = { name, labels: { ...buildNamespaceLabels(name, expiresAt), ...labels } }
  const created = await callApi(`create the namespace ${name}`, () => api.core.createNamespace({ body: { metadata } }))
  return created.metadata?.uid ?? ''
}

/** Real clusters admit no pod into a namespace before its service account exists; the embedded one has no such account. */
export async function waitUntilNamespaceReady({ api, name, signal }: NamespaceOptions): Promise<void> {
  await waitUntil(`the service account of ${name}`, { limitMs: accountLimitMs, signal }, async () => {
    const path = `/api/v1/namespaces/${name}/serviceaccounts/default`
    const { body } = await api.request({ path, signal })
    return body.includes('serviceaccounts \\"default\\" not found') ? 'it is not there yet' : null
  })
}

const goneLimitMs = 20_000

/**
 * Resolves when no pod is left in it, or after some seconds: pods that still end would take processor time from the next run. The namespace
 * itself is then deleted by the cluster. It may be gone already.
 */
export async function deleteNamespace(api: KubeApi, name: string, uid: string): Promise<void> {
  try {
    await api.core.deleteNamespace({ name, body: { preconditions: { uid }, gracePeriodSeconds: 0 } })
  } catch (error) {
    if (getErrorStatus(error) === 404) return
    throw new Fault('unknown', `Cannot delete the namespace ${name}: ${getApiMessage(error)}`)
  }
  // Nothing is created any more in a namespace that is being deleted, and its pods' last requests do not matter. Where a cluster does not
  // allow this, pods use their grace period.
  await api.core
    .deleteCollectionNamespacedPod({ namespace: name, body: { gracePeriodSeconds: 1 } })
    .catch(() => undefined)
  await waitUntilPodsGone(api, name)
}

async function waitUntilPodsGone(api: KubeApi, namespace: string): Promise<void> {
  await waitUntil('the pods to be gone', { limitMs: goneLimitMs }, async () => {
    try {
      const { items } = await api.core.listNamespacedPod({ namespace, limit: 1 })
      return items.length === 0 ? null : ''
    } catch (error) {
      // A server that does not answer may do so again; a cluster that has ended will not.
      return error instanceof Fault ? null : ''
    }
  }).catch(() => undefined)
}

/**
 * Resolves when every replica is ready, with the objects as the API server returned them. Throws a Fault that says what the pods wait for.
 */
export async function deployWorkload(options: WorkloadOptions): Promise<KubernetesObject[]> {
  const { api, namespace, base, configuration } = options
  const created: KubernetesObject[] = []
  // A pod that starts before the objects it mounts exist waits for the kubelet's next attempt.
  for (const object of base.toSorted((a, b) => Number(createsPods(a)) - Number(createsPods(b)))) {
    created.push(
      await callApi(`create ${object.kind} ${object.metadata?.name}`, () =>
        api.objects.create(withNamespace(object, namespace)),
      ),
    )
  }
  // The API server merges, so that a configuration has the same effect as with `kubectl patch`.
  const configured = await callApi(
    `apply the configuration ${configuration}`,
    () => patchWorkload(options, options.patch),
    'usage',
  )
  const started = await callApi('start the workload', () =>
    patchWorkload(options, buildStartPatch(configured, options)),
  )
  await waitUntilWorkloadReady(options)
  return created.map((object) => (isWorkload(object, options.workload) ? started : object))
}

async function waitUntilWorkloadReady(options: WorkloadOptions): Promise<void> {
  const { api, namespace, configuration, replicas, signal } = options
  const starting = new PodStartMonitor(api, namespace)
  await waitUntil(`${replicas} pods of ${configuration} to get ready`, { limitMs: readyLimitMs, signal }, async () => {
    const { metadata, status } = await readWorkload(options)
    const { observedGeneration, readyReplicas = 0, conditions = [] } = status ?? {}
    if (observedGeneration === metadata?.generation && readyReplicas >= replicas) return null
    const refused = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')?.message
    if (refused !== undefined) starting.reportStuck(`pods of ${configuration}`, refused)
    const pods = await listWorkloadPods(options)
    return (
      refused ?? ((await starting.checkPods(pods)) || (pods.length === 0 ? 'no pod was created' : 'pods are starting'))
    )
  })
}

/** Whether this is the object whose pods are measured. */
export function isWorkload({ kind, metadata }: KubernetesObject, workload: Pick<Workload, 'kind' | 'name'>): boolean {
  return kind === workload.kind && metadata?.name === workload.name
}

export async function listWorkloadPods(
  options: Pick<WorkloadOptions, 'api' | 'namespace' | 'token'>,
): Promise<V1Pod[]> {
  const { api, namespace, token } = options
  const { items } = await api.core.listNamespacedPod({ namespace })
  return items.filter((pod) => belongsToRun(pod, token))
}

/** Pods of the base before the configuration was applied may not start, and need not. */
function belongsToRun({ metadata, spec }: V1Pod, token: string): boolean {
  if (metadata?.deletionTimestamp !== undefined) return false
  return spec?.containers.some(({ env }) => env?.some(({ value }) => value === token)) ?? false
}

const podCreators: ReadonlySet<string> = new Set(['DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet', 'StatefulSet'])

function createsPods({ kind = '' }: KubernetesObject): boolean {
  return podCreators.has(kind)
}

/** The same object in a namespace. */
export function withNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  const copy = structuredClone(object)
  copy.metadata = Object.assign(copy.metadata ?? {}, { namespace })
  return copy
}

/** Every container gets the run's id; the workload decides which of them answers with it. */
function buildStartPatch({ spec }: Controller, { replicas, token }: WorkloadOptions): Record<string, unknown> {
  const env = [{ name: 'NODROP_WORKLOAD', value: token }]
  const containers = spec?.template.spec?.containers.map(({ name }) => ({ name, env })) ?? []
  return { spec: { replicas, template: { spec: { containers } } } }
}

/** Turns an error of the API into a Fault that says what was attempted. */
export async function callApi<T>(
  what: string,
  call: () => Promise<T>,
  kind: 'unknown' | 'usage' = 'unknown',
): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const refused = kind === 'usage' && [400, 422].includes(getErrorStatus(error))
    throw new Fault(refused ? 'usage' : 'unknown', `Cannot ${what}: ${getApiMessage(error)}`, '', { cause: error })
  }
}

/**
 * For the checks of a wait: a failed call is returned as what was seen, and repeated until the limit. A restarted API server is gone for
 * some seconds, one that has just started forbids everything until it has read its roles, and an object may be deleted and created again.
 */
export async function tellFault(signal: AbortSignal, check: () => Promise<string | null>): Promise<string | null> {
  try {
    return await check()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Fault) return error.message
    throw error
  }
}

/** The address at which clients reach a Service: its cluster IP and first port. */
export async function readServiceAddress(
  api: KubeApi,
  namespace: string,
  name: string,
): Promise<{ host: string; port: number }> {
  const service = await callApi(`read the Service ${name}`, () => api.core.readNamespacedService({ name, namespace }))
  return { host: service.spec?.clusterIP ?? '', port: service.spec?.ports?.[0]?.port ?? 80 }
}
