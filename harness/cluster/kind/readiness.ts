/**
 * Whether a kind cluster is ready, by its own API: `kind create cluster --wait` exits 0 even if it timed out (kind,
 * pkg/cluster/internal/create/actions/waitforready).
 */
import type {
  V1DaemonSetList,
  V1DeploymentList,
  V1NodeList,
  V1ServiceAccountList,
  VersionInfo,
} from '@kubernetes/client-node'
import { getErrorMessage } from '../../base/fault.ts'
import { waitUntil } from '../../base/polling.ts'
import { connectApi } from '../api.ts'
import type { KubeApi } from '../api.ts'

export interface ReadinessOptions {
  kubeconfig: string
  nodes: number
  limitMs: number
  log: (line: string) => void
  signal?: AbortSignal
}

const pollMs = 500
const requestLimitMs = 5_000

/** Resolves with the version of Kubernetes when every node, the network and the name service are ready. */
export async function waitUntilKindReady(options: ReadinessOptions): Promise<string> {
  const { kubeconfig, nodes, limitMs, log, signal } = options
  const api = connectApi(kubeconfig)
  const get = createReader(api, signal)
  let logged = ''
  const check = async (): Promise<string | null> => {
    const problem = await findUnready(get, nodes).catch(
      (error: unknown) => `its API does not answer: ${getErrorMessage(error)}`,
    )
    signal?.throwIfAborted()
    if (problem !== null && problem !== logged) log(`waiting: ${problem}`)
    logged = problem ?? logged
    return problem
  }
  try {
    const limits = { limitMs, intervalMs: pollMs, ...(signal && { signal }) }
    await waitUntil('the kind cluster to get ready', limits, check)
    return (await get<VersionInfo>('/version')).gitVersion
  } finally {
    api.close()
  }
}

/** The first component that is not ready, `null` when all are. */
async function findUnready(get: Get, expected: number): Promise<string | null> {
  const nodes = (await get<V1NodeList>('/api/v1/nodes')).items
  const ready = nodes.filter(({ status }) =>
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  )
  if (ready.length < expected) return `${ready.length} of ${expected} nodes are ready`
  // The network between nodes and the service proxy are daemon sets, the name service is a deployment.
  const sets = (await get<V1DaemonSetList>('/apis/apps/v1/namespaces/kube-system/daemonsets')).items
  for (const { metadata, status } of sets) {
    const { numberReady = 0, desiredNumberScheduled = 0 } = status ?? {}
    const wanted = Math.max(desiredNumberScheduled, 1)
    if (numberReady < wanted) return `${numberReady} of ${wanted} pods of ${metadata?.name ?? ''} are ready`
  }
  const deployments = (await get<V1DeploymentList>('/apis/apps/v1/namespaces/kube-system/deployments')).items
  for (const { metadata, spec, status } of deployments) {
    const { readyReplicas = 0 } = status ?? {}
    const wanted = spec?.replicas ?? 1
    if (readyReplicas < wanted) return `${readyReplicas} of ${wanted} pods of ${metadata?.name ?? ''} are ready`
  }
  // Without a service account in the namespace no pod can be created; its controller is among the last to start.
  const accounts = (await get<V1ServiceAccountList>('/api/v1/namespaces/default/serviceaccounts')).items
  return accounts.length === 0 ? 'the namespace default has no service account' : null
}

type Get = <T>(path: string) => Promise<T>

function createReader(api: KubeApi, signal?: AbortSignal): Get {
  return async <T>(path: string): Promise<T> => {
    const limit = AbortSignal.timeout(requestLimitMs)
    const { status, body } = await api.request({ path, signal: signal ? AbortSignal.any([signal, limit]) : limit })
    if (status !== 200) throw new Error(`GET ${path} was answered with ${status}`)
    return JSON.parse(body) as T
  }
}
