/** The environment of a case: its own namespace on some cluster, every change of its pods stamped on arrival, and a time limit. */
import type { V1Pod } from '@kubernetes/client-node'
import { connectApi, getErrorStatus } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { startWatch } from '../../cluster/watch.ts'
import { waitFor, waitUntil as poll } from '../../base/polling.ts'
import type { Clock } from '../../base/clock.ts'

/** A version of a pod, and when it arrived here. */
export interface PodVersion {
  change: 'added' | 'modified' | 'deleted'
  pod: V1Pod
  /** Wall clock, ms. */
  atMs: number
}

export interface CaseContext {
  readonly api: KubeApi
  readonly namespace: string
  /** Every version of every pod, in order of arrival. */
  readonly pods: readonly PodVersion[]
  /** Aborts when the case has taken too long, with that as the reason. */
  readonly signal: AbortSignal
}

export interface OpenCaseContext extends AsyncDisposable {
  readonly context: CaseContext
}

/** Containers, hooks and this program share the wall clock on a local or kind cluster, but no monotonic clock. */
const wallClock: Clock = { originUs: 0, now: () => Math.round((performance.timeOrigin + performance.now()) * 1000) }

/** Wall clock, ms. */
export function nowMs(): number {
  return wallClock.now() / 1000
}

export async function openCaseContext(
  kubeconfig: string,
  namespace: string,
  limitMs: number,
): Promise<OpenCaseContext> {
  // Separate connections: watches and logs occupy one each, and a case must not wait for another's.
  const api = connectApi(kubeconfig)
  const end = new AbortController()
  const abortCase = (): void => end.abort(new Error(`The case had not ended after ${limitMs / 1000} s`))
  const timer = setTimeout(abortCase, limitMs)
  const { signal } = end
  const pods: PodVersion[] = []
  try {
    await api.core.createNamespace({
      body: { metadata: { name: namespace, labels: { 'nodrop.dev/for': 'conformance' } } },
    })
    await waitForServiceAccount(api, namespace, signal)
    const { done } = await startWatch<V1Pod>({
      api,
      path: `/api/v1/namespaces/${namespace}/pods`,
      clock: wallClock,
      onChange: ({ change, object, atUs }) => pods.push({ change, pod: object, atMs: atUs / 1000 }),
      onGap: (_, why) => end.abort(new Error(`The watch of the case's pods has a gap: ${why}`)),
      signal,
    })
    return {
      context: { api, namespace, pods, signal },
      async [Symbol.asyncDispose]() {
        clearTimeout(timer)
        end.abort(new Error('The case is over'))
        await done
        await removeNamespace(api, namespace)
        api.close()
      },
    }
  } catch (error) {
    clearTimeout(timer)
    api.close()
    throw error
  }
}

/** Real clusters admit no pod into a namespace before its service account exists; the embedded one has none. */
async function waitForServiceAccount(api: KubeApi, namespace: string, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`
  await poll('the service account', { limitMs: Infinity, intervalMs: 50, signal }, async () => {
    const { status, body } = await api.request({ path, signal })
    return status === 200 || !body.includes('serviceaccounts \\"default\\" not found') ? null : body
  })
}

/** Requests the deletion and does not wait; a finalizer left by a failed case would block the namespace forever. */
async function removeNamespace(api: KubeApi, name: string): Promise<void> {
  const { items } = await api.core.listNamespacedPod({ namespace: name })
  for (const { metadata } of items) {
    if (metadata?.finalizers === undefined) continue
    const path = [{ op: 'remove', path: '/metadata/finalizers' }]
    await api.core.patchNamespacedPod({ name: metadata.name ?? '', namespace: name, body: path }).catch(() => undefined)
  }
  await api.core.deleteNamespace({ name, body: { gracePeriodSeconds: 0 } }).catch((error: unknown) => {
    if (getErrorStatus(error) !== 404) throw error
  })
}

/**
 * Polls until there is an answer. Rejects when the case's time is over, with what was awaited and, with `found`, what was there instead.
 */
export async function waitUntil<T>(
  scene: CaseContext,
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  found?: () => string,
): Promise<T> {
  const { signal } = scene
  try {
    return await waitFor(what, { limitMs: Infinity, intervalMs: 25, signal }, ask)
  } catch (error) {
    if (error !== signal.reason) throw error
    const last = found ? `; last seen: ${found()}` : ''
    throw new Error(`Timed out waiting for ${what}${last}`, { cause: error })
  }
}
