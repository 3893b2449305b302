/** For tests: the real store and controllers, and a minimal kubelet that lets a rollout complete. */
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../../base/polling.ts'
import type { Deployment, Pod, Service, Stored } from '../store/objects.ts'
import { formatNow, Store } from '../store/store.ts'
import { startControllers } from '../start-controllers.ts'
import { isActive, isReady, isTerminating } from '../controllers/pod-state.ts'

export interface TestClusterOptions {
  nodes?: number
  /** From the assignment to a node until the pod is ready. */
  readyAfterMs?: number
  /** From a deletion until the pod is gone. */
  goneAfterMs?: number
}

export class TestCluster implements AsyncDisposable {
  readonly store: Store = new Store((error) => this.errors.push(error))
  /** Errors of listeners and controllers. */
  readonly errors: unknown[] = []
  readonly #controllers: AsyncDisposable
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #options: Required<TestClusterOptions>
  #address = 1

  constructor(options: TestClusterOptions = {}) {
    this.#options = { nodes: 3, readyAfterMs: 2, goneAfterMs: 4, ...options }
    for (let number = 1; number <= this.#options.nodes; number++) addNode(this.store, `node-${number}`)
    this.store.watch('pods', ({ type, object }) => {
      if (type !== 'DELETED') this.#syncPod(object)
    })
    this.#controllers = startControllers(this.store, { onError: (error) => this.errors.push(error) })
  }

  /** Starts an assigned pod, ends a terminating one. */
  #syncPod(pod: Stored<Pod>): void {
    const { uid, name, namespace = '' } = pod.metadata
    const key = `${isTerminating(pod) ? 'end' : 'start'} ${uid}`
    if (!pod.spec?.nodeName || this.#timers.has(key)) return
    const scheduleSync = (): void => {
      if (this.store.get('pods', name, namespace)?.metadata.uid !== uid) return
      if (isTerminating(pod)) this.store.remove('pods', name, namespace)
      else if (pod.metadata.annotations?.['test/never-ready'] === undefined) this.setReady(name, true)
    }
    this.#timers.set(
      key,
      setTimeout(scheduleSync, isTerminating(pod) ? this.#options.goneAfterMs : this.#options.readyAfterMs),
    )
  }

  setReady(name: string, ready: boolean): void {
    const status = ready ? 'True' : 'False'
    this.store.modify('pods', name, 'default', (draft) => {
      const others = draft.status?.conditions?.filter(({ type }) => type !== 'Ready') ?? []
      draft.status = {
        podIP: `10.0.0.${this.#address++ % 256}`,
        ...draft.status,
        phase: 'Running',
        conditions: [...others, { type: 'Ready', status, lastTransitionTime: formatNow() }],
      }
    })
  }

  readDeployment(name = 'web'): Stored<Deployment> {
    return this.store.read('deployments', name, 'default')
  }

  listPods(): Stored<Pod>[] {
    return this.store.list('pods', 'default').filter(isActive)
  }

  listReadyPods(): Stored<Pod>[] {
    return this.listPods().filter(isReady)
  }

  changeDeployment(change: (spec: NonNullable<Deployment['spec']>) => void, name = 'web'): void {
    this.store.modify('deployments', name, 'default', (draft) => {
      if (draft.spec) change(draft.spec)
    })
  }

  /** Like `kubectl rollout restart`: changes an annotation of the pod template. */
  restartDeployment(revision: string, name = 'web'): void {
    this.changeDeployment(({ template }) => {
      template.metadata = { ...template.metadata, annotations: { revision } }
    }, name)
  }

  /** Waits until nothing has changed for a few turns of timers and queues. */
  async settle(): Promise<void> {
    const quietMs = 15 + this.#options.readyAfterMs + this.#options.goneAfterMs
    for (let before = -1; before !== this.store.revision;) {
      before = this.store.revision
      await sleep(quietMs)
    }
  }

  listMessages(reason: string): string[] {
    return this.store.list('events').flatMap((event) => (event.reason === reason ? (event.message ?? '') : []))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#controllers[Symbol.asyncDispose]()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    if (this.errors.length > 0) throw new AggregateError(this.errors, `Errors of controllers: ${String(this.errors)}`)
  }
}

export function addNode(store: Store, name: string, labels: Record<string, string> = {}): void {
  store.create('nodes', {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  })
}

/** Waits until `condition` is true, checking every few ms; fails after 5 s. */
export async function waitUntil(condition: () => boolean, what = 'the condition'): Promise<void> {
  await waitFor(what, { limitMs: 5_000, intervalMs: 2 }, condition)
}

export function createDeployment(spec: Partial<NonNullable<Deployment['spec']>> = {}): Deployment {
  const labels = { app: 'web' }
  return {
    metadata: { name: 'web', namespace: 'default', labels },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 12,
          containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }],
        },
      },
      ...spec,
    },
  }
}

export function createService(spec: Service['spec'] = {}): Service {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      clusterIP: '10.96.0.10',
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
      ...spec,
    },
  }
}

/** The condition of `kubectl rollout status` (kubectl polymorphichelpers/rollout_status.go). */
export function isRolledOut({ spec, status, metadata }: Deployment): boolean {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = status ?? {}
  return (
    observedGeneration >= (metadata?.generation ?? 1) &&
    updatedReplicas === spec?.replicas &&
    replicas === updatedReplicas &&
    availableReplicas === updatedReplicas
  )
}
