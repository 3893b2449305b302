/** For tests: the real store and kubelet over a scripted runtime, with records of what happened. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { detailAnnotation } from '../store/events.ts'
import { monotonicAnnotation } from '../store/objects.ts'
import type { ContainerStatus, Pod, PodCondition, PodSpec, Stored } from '../store/objects.ts'
import { Store, formatNow } from '../store/store.ts'
import { startKubelet } from '../kubelet/kubelet.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import { noLag } from '../kubelet/lag.ts'
import type { KubeletLag } from '../kubelet/lag.ts'
import { ScriptedRuntime } from './scripted-runtime.ts'
import type { Script } from './scripted-runtime.ts'
import { sleepUnlessAborted } from '../kubelet/timing.ts'

export interface RecordedEvent {
  reason: string
  container: string
  detail: string
  message: string
  atUs: number
}

export class TestCluster implements AsyncDisposable {
  readonly store: Store
  readonly runtime: ScriptedRuntime
  readonly kubelet: Kubelet
  readonly stateDir: string
  /** Every version of the pods' objects and, last, their removal. */
  readonly history: { type: string; pod: Stored<Pod> }[] = []
  /** Every Event at each time it was recorded. */
  readonly recordedEvents: RecordedEvent[] = []

  private constructor(store: Store, runtime: ScriptedRuntime, kubelet: Kubelet, stateDir: string) {
    this.store = store
    this.runtime = runtime
    this.kubelet = kubelet
    this.stateDir = stateDir
    store.watch('pods', ({ type, object }) => this.history.push({ type, pod: object }))
    store.watch('events', ({ object: { reason = '', message = '', involvedObject, metadata } }) => {
      const container = /\{(.*)\}/.exec(involvedObject.fieldPath ?? '')?.[1] ?? ''
      const { [detailAnnotation]: detail = '', [monotonicAnnotation]: atUs } = metadata.annotations ?? {}
      this.recordedEvents.push({ reason, container, detail, message, atUs: Number(atUs) })
    })
  }

  /** `lag`: default none. */
  static async start(scripts: Record<string, Script[]> = {}, lag: Partial<KubeletLag> = {}): Promise<TestCluster> {
    const store = new Store((error) => {
      throw error
    })
    const runtime = new ScriptedRuntime(scripts)
    const stateDir = await mkdtemp(join(tmpdir(), 'kubelet-test-'))
    const kubelet = await startKubelet({
      store,
      runtime,
      nodes: ['node-1', 'node-2'],
      stateDir,
      lag: { ...noLag, ...lag },
    })
    return new TestCluster(store, runtime, kubelet, stateDir)
  }

  createPod(spec: Partial<PodSpec>, metadata: Pod['metadata'] = {}): Stored<Pod> {
    return this.store.create('pods', {
      metadata: { name: 'web', namespace: 'default', ...metadata },
      spec: { nodeName: 'node-1', terminationGracePeriodSeconds: 3, containers: [], ...spec },
    })
  }

  get pod(): Stored<Pod> | undefined {
    return this.store.get('pods', 'web', 'default')
  }

  /** Marks a deletion like the API server. */
  deletePod(graceSeconds: number): void {
    this.store.modify('pods', 'web', 'default', ({ metadata }) => {
      metadata.deletionTimestamp = formatNow()
      metadata.deletionGracePeriodSeconds = graceSeconds
    })
  }

  container(name: string): ContainerStatus | undefined {
    const { containerStatuses = [], initContainerStatuses = [] } = this.pod?.status ?? {}
    return [...initContainerStatuses, ...containerStatuses].find((status) => status.name === name)
  }

  condition(type: string): PodCondition | undefined {
    return this.pod?.status?.conditions?.find((condition) => condition.type === type)
  }

  isReady(): boolean {
    return this.condition('Ready')?.status === 'True'
  }

  findEvents(reason: string, container = ''): RecordedEvent[] {
    return this.recordedEvents.filter(
      (moment) => moment.reason === reason && (container === '' || moment.container === container),
    )
  }

  /** The time of the first such moment, in ms after the first Killing event. */
  msAfterKilling(reason: string, container: string, detail?: string): number {
    const moment = this.findEvents(reason, container).find((moment) => detail === undefined || moment.detail === detail)
    const origin = this.findEvents('Killing')[0]
    if (!moment || !origin)
      throw new Error(`Cannot find ${reason} of ${container} among ${this.listInOrder().join(', ')}`)
    return (moment.atUs - origin.atUs) / 1000
  }

  /** `SIGTERM app`, `PreStopHookStarted nginx` …: the moments in order of their stamps. */
  listInOrder(): string[] {
    return this.recordedEvents
      .toSorted((a, b) => a.atUs - b.atUs)
      .map(({ reason, container, detail }) => `${reason === 'StopSignalSent' ? detail : reason} ${container}`)
  }

  async waitUntil(condition: () => unknown, what: string, limitMs = 8_000): Promise<void> {
    for (const end = Date.now() + limitMs; !condition(); await sleepUnlessAborted(5)) {
      if (Date.now() > end) {
        throw new Error(
          `Waited ${limitMs} ms for ${what}; seen: ${this.listInOrder().join(', ')}; ${JSON.stringify(this.pod?.status)}`,
        )
      }
    }
  }

  async waitUntilReady(): Promise<void> {
    await this.waitUntil(() => this.isReady(), 'the pod to be ready')
  }

  async waitUntilGone(): Promise<void> {
    await this.waitUntil(() => !this.pod && this.runtime.sandboxes.size === 0, 'the pod to be gone')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kubelet[Symbol.asyncDispose]()
    await rm(this.stateDir, { recursive: true, force: true })
  }
}
