/** What the kubelet's parts for one pod share: its objects, directories and Events. */
import { recordEvent } from '../store/events.ts'
import type { NewEvent } from '../store/events.ts'
import type { ConfigMap, Container, Pod, Stored } from '../store/objects.ts'
import type { Runtime, Sandbox } from '../runtime/runtime.ts'
import type { Store } from '../store/store.ts'
import type { KubeletLag } from './lag.ts'
import type { LogStore } from '../containers/logs.ts'
import type { LocalNode } from './nodes.ts'

export interface PodContextOptions {
  store: Store
  runtime: Runtime
  node: LocalNode
  logs: LogStore
  /** The pod's own directory. */
  directory: string
  lag: KubeletLag
}
export type PodEvent = Pick<NewEvent, 'reason' | 'message' | 'type' | 'container' | 'detail' | 'atUs'>

export class PodContext {
  readonly store: Store
  readonly runtime: Runtime
  readonly node: LocalNode
  readonly logs: LogStore
  readonly directory: string
  readonly lag: KubeletLag
  /** The latest version seen. */
  pod: Stored<Pod>
  sandbox: Sandbox | undefined
  /** False once the cluster is shutting down: nothing is written any more. */
  telling = true

  constructor(pod: Stored<Pod>, { store, runtime, node, logs, directory, lag }: PodContextOptions) {
    this.pod = pod
    this.store = store
    this.runtime = runtime
    this.node = node
    this.logs = logs
    this.directory = directory
    this.lag = lag
  }

  get namespace(): string {
    return this.pod.metadata.namespace ?? ''
  }

  get podIp(): string {
    return this.sandbox?.ip ?? ''
  }

  /** `web-1_default(1b9…)`, the pod's name in the kubelet's messages. */
  get title(): string {
    return `${this.pod.metadata.name}_${this.namespace}(${this.pod.metadata.uid})`
  }

  /** The object as it is now in the store; undefined when it is gone, even if another has its name. */
  get stored(): Stored<Pod> | undefined {
    const stored = this.store.get('pods', this.pod.metadata.name, this.namespace)
    return stored?.metadata.uid === this.pod.metadata.uid ? stored : undefined
  }

  getConfigMap(name: string): Stored<ConfigMap> | undefined {
    return this.store.get('configmaps', name, this.namespace)
  }

  findContainer(name: string): Container | undefined {
    return [...(this.pod.spec?.initContainers ?? []), ...(this.pod.spec?.containers ?? [])].find(
      (container) => container.name === name,
    )
  }

  record(event: PodEvent): void {
    if (!this.telling) return
    recordEvent(this.store, { ...event, about: this.pod, component: 'kubelet', node: this.node.name })
  }
}
