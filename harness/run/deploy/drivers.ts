/** The pods that send the load, one for each index of a Job, and the ways to their control ports: the API server's pod proxy. */
import type { KubernetesObject, V1Job, V1Pod } from '@kubernetes/client-node'
import { readBody } from '../../cluster/response-body.ts'
import { getErrorStatus } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { Fault } from '../../base/fault.ts'
import type { DriverTransport } from '../../load/client/driver-client.ts'
import type { DriverCredential } from '../../load/service/credential.ts'
import { PodStartMonitor, isPodReady } from './pod-start.ts'
import { waitUntil } from '../../base/polling.ts'
import { callApi, withNamespace } from './workload.ts'

export interface DriversOptions {
  api: KubeApi
  namespace: string
  /** The Job of the base manifests. */
  manifest: KubernetesObject
  /** The number of pods, each with an index from 0. */
  drivers: number
  /** The bundled driver, one file. */
  code: string
  /** The credential of their callers; only its digest is in the cluster. */
  credential: DriverCredential
  signal: AbortSignal
}

/** The pod of one driver; a later pod of the same name is not the same driver. */
export interface DriverPod {
  name: string
  uid: string
  node: string
  ip: string
}

const readyLimitMs = 60_000
const controlPort = 8089
const indexKey = 'batch.kubernetes.io/job-completion-index'

/** Returns the objects as the API server returned them. */
export async function createDrivers(options: DriversOptions): Promise<KubernetesObject[]> {
  const { api, namespace, code } = options
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'driver' }, data: { 'driver.mjs': code } }
  return [
    await callApi("store the driver's code", () => api.core.createNamespacedConfigMap({ namespace, body: configMap })),
    await callApi('create the Job of the load drivers', () => api.objects.create(buildJob(options))),
  ]
}

/**
 * No index is tried twice: a driver that ended has ended the run, and the Job must not remove the others, as a limit for the whole Job
 * would. The control port listens at the pod's address, which the API server's proxy connects to.
 */
function buildJob({ manifest, namespace, drivers, credential }: DriversOptions): V1Job {
  const job = withNamespace(manifest, namespace) as V1Job
  const container = job.spec?.template.spec?.containers[0]
  if (job.kind !== 'Job' || !job.spec || !container) {
    throw new Fault('usage', `Cannot use base/driver.yaml: it must be a Job with a container, found ${job.kind}`)
  }
  Object.assign(job.spec, {
    completionMode: 'Indexed',
    completions: drivers,
    parallelism: drivers,
    backoffLimitPerIndex: 0,
  })
  container.env = [
    ...(container.env ?? []),
    { name: 'NODROP_DRIVER_HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'NODROP_DRIVER_TOKEN_SHA256', value: credential.sha256 },
  ]
  return job
}

/** Returns the pods in the order of their indexes, once all are ready. */
export async function waitUntilDriversReady({ api, namespace, drivers, signal }: DriversOptions): Promise<DriverPod[]> {
  let ready: DriverPod[] = []
  const starting = new PodStartMonitor(api, namespace)
  const what = drivers === 1 ? 'the driver pod to get ready' : `${drivers} driver pods to get ready`
  await waitUntil(what, { limitMs: readyLimitMs, signal }, async () => {
    const { items } = await api.core.listNamespacedPod({ namespace, labelSelector: 'app=driver' })
    const pods = items.toSorted((a, b) => getCompletionIndex(a) - getCompletionIndex(b))
    const ended = pods.find((pod) => findEndReason(pod) !== null)
    if (ended) throw new Fault('unknown', `A load driver ended before it was ready: ${findEndReason(ended)}`)
    ready = pods.map(toDriverPod)
    const waiting = pods.filter((pod) => !isPodReady(pod))
    if (pods.length === drivers && waiting.length === 0) return null
    return (await starting.checkPods(waiting)) || `${pods.length} of ${drivers} pods were created`
  })
  return ready
}

function toDriverPod({ metadata, spec, status }: V1Pod): DriverPod {
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    node: spec?.nodeName ?? '',
    ip: status?.podIP ?? '',
  }
}

function getCompletionIndex({ metadata }: V1Pod): number {
  return Number(metadata?.annotations?.[indexKey] ?? 0)
}

/**
 * The transport to one driver. A failed request may be repeated unless the pod shows that its driver has ended: then it throws a Fault with
 * the reason.
 */
// oxlint-disable-next-line max-params -- where the driver is, and what it asks of who calls it
export function createDriverTransport(
  api: KubeApi,
  namespace: string,
  pod: Pick<DriverPod, 'name' | 'uid'>,
  { headers }: DriverCredential,
): DriverTransport {
  const prefix = `/api/v1/namespaces/${namespace}/pods/${pod.name}:${controlPort}/proxy`
  return async ({ method, path, body, signal }) => {
    try {
      const rest = { ...(body !== undefined && { body }), ...(signal && { signal }) }
      const answer = await api.open({ method, path: prefix + path, headers, ...rest })
      const [status, got] = [answer.statusCode ?? 0, await readBody(answer)]
      // The API server's own answers for a pod that it does not find or cannot reach.
      if (status === 404 || status >= 500) await assertPodAlive(api, namespace, pod)
      return { status, body: got }
    } catch (error) {
      if (!(error instanceof Fault)) await assertPodAlive(api, namespace, pod)
      throw error
    }
  }
}

async function assertPodAlive(
  api: KubeApi,
  namespace: string,
  { name, uid }: Pick<DriverPod, 'name' | 'uid'>,
): Promise<void> {
  let pod: V1Pod | null = null
  try {
    pod = await api.core.readNamespacedPod({ name, namespace })
  } catch (error) {
    // An API server that does not answer has not said that the pod is gone.
    if (getErrorStatus(error) !== 404) return
  }
  const why = pod === null || pod.metadata?.uid !== uid ? `pod ${name} was deleted` : findEndReason(pod)
  if (why !== null) throw new Fault('unknown', why)
}

/** Why the driver in a pod has ended or soon will; `null` while it runs. */
function findEndReason({ metadata, status }: V1Pod): string | null {
  const name = metadata?.name ?? ''
  if (metadata?.deletionTimestamp !== undefined) return `pod ${name} was deleted`
  const ended = status?.containerStatuses?.[0]?.state?.terminated
  if (ended)
    return `the container of pod ${name} ended with exit code ${ended.exitCode} (${ended.reason ?? 'no reason'})`
  if (status?.phase !== 'Failed' && status?.phase !== 'Succeeded') return null
  return `pod ${name} ended: ${status.message ?? status.reason ?? status.phase}`
}
