/** Puts one configuration of the workload into a namespace of its own and waits until it can take load. */
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
  /** Everything that configurations share; one object is the workload's. */
  base: KubernetesObject[]
  /** Strategic merge patch of the workload's object. */
  patch: Record<string, unknown>
  configuration: string
  replicas: number
  /** Its containers answer with this, so that no other workload is taken for it. */
  token: string
  signal: AbortSignal
}

const readyLimitMs = 90_000
const accountLimitMs = 30_000

export interface NamespaceOptions {
  api: KubeApi
  name: string
  /** After this nobody needs it any more, and whoever finds it may delete it. */
  expiresAt: Date
  /** Further ones. */
  labels: Record<string, string>
  signal: AbortSignal
}

/** Creates the namespace; its UID is what a later deletion must match. */
export async function createNamespace({ api, name, expiresAt, labels }: NamespaceOptions): Promise<string> {
  const metadata = { name, labels: { ...buildNamespaceLabels(name, expiresAt), ...labels } }
  const created = await callApi(`create the namespace ${name}`, () => api.core.createNamespace({ body: { metadata } }))
  return created.metadata?.uid ?? ''
}

/** Real clusters let no pod into a namespace before its service account is there; the embedded one has none. */
export async function waitUntilNamespaceReady({ api, name, signal }: NamespaceOptions): Promise<void> {
  await waitUntil(`the service account of ${name}`, { limitMs: accountLimitMs, signal }, async () => {
    const path = `/api/v1/namespaces/${name}/serviceaccounts/default`
    const { body } = await api.request({ path, signal })
    return body.includes('serviceaccounts \\"default\\" not found') ? 'it is not there yet' : null
  })
}

const goneLimitMs = 20_000

/**
 * Resolves when no pod is left in it, or after some seconds: pods that still end would take processor time from the next run.
 * The namespace itself goes by itself. One that is gone is fine.
 */
export async function deleteNamespace(api: KubeApi, name: string, uid: string): Promise<void> {
  try {
    await api.core.deleteNamespace({ name, body: { preconditions: { uid }, gracePeriodSeconds: 0 } })
  } catch (error) {
    if (getErrorStatus(error) === 404) return
    throw new Fault('unknown', `Cannot delete the namespace ${name}: ${getApiMessage(error)}`)
  }
  // Nothing is made any more in a namespace that is being deleted, and nobody waits for its pods' last requests. Where a
  // cluster does not allow this, pods take the time that they were given.
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
      // A server that does not answer may do so again; a cluster that has ended does not.
      return error instanceof Fault ? null : ''
    }
  }).catch(() => undefined)
}

/**
 * Resolves when every replica is ready, with the objects as the API server answered them. Throws a Fault that says what the pods are
 * waiting for.
 */
export async function deployWorkload(options: WorkloadOptions): Promise<KubernetesObject[]> {
  const { api, namespace, base, configuration } = options
  const created: KubernetesObject[] = []
  // Pods that begin before what they mount is there wait for the kubelet's next try.
  for (const object of base.toSorted((a, b) => Number(createsPods(a)) - Number(createsPods(b)))) {
    created.push(
      await callApi(`create ${object.kind} ${object.metadata?.name}`, () =>
        api.objects.create(withNamespace(object, namespace)),
      ),
    )
  }
  // The API server merges, so that a configuration means here what it means to `kubectl patch`.
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

/** Whether an object is the one whose pods are measured. */
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

/** Pods of the base as it was before the configuration was applied may not start, and need not. */
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

/** Every container gets the run's id: which of them answers with it is theirs to know. */
function buildStartPatch({ spec }: Controller, { replicas, token }: WorkloadOptions): Record<string, unknown> {
  const env = [{ name: 'NODROP_WORKLOAD', value: token }]
  const containers = spec?.template.spec?.containers.map(({ name }) => ({ name, env })) ?? []
  return { spec: { replicas, template: { spec: { containers } } } }
}

/** Turns what the API refuses into a Fault that says what was attempted. */
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
 * For the checks of a wait: a call that fails is told as what was seen, and made again until the limit. An API server that is restarted is
 * gone for some seconds, one that has just started forbids everything until it has read its roles, and an object may be deleted and
 * made anew.
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

/** Where clients find a Service: its cluster IP and first port. */
export async function readServiceAddress(
  api: KubeApi,
  namespace: string,
  name: string,
): Promise<{ host: string; port: number }> {
  const service = await callApi(`read the Service ${name}`, () => api.core.readNamespacedService({ name, namespace }))
  return { host: service.spec?.clusterIP ?? '', port: service.spec?.ports?.[0]?.port ?? 80 }
}
