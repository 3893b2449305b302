/** The state of one container, from which its status is made. */
import type { Container, ContainerStatus, Pod } from '../store/objects.ts'
import type { ExitStatus, RunningContainer } from '../runtime/runtime.ts'
import { formatSeconds } from '../kubelet/kubernetes-time.ts'

export type ContainerState = NonNullable<ContainerStatus['state']>
export type Terminated = NonNullable<ContainerState['terminated']>
export type Role = 'init' | 'sidecar' | 'main'

export interface ContainerFacts {
  name: string
  image: string
  role: Role
  /** Exactly one of waiting, running, terminated. */
  state: ContainerState
  last: Terminated | undefined
  id: string | undefined
  restarts: number
  /** The startup probe has succeeded, or there is none. */
  started: boolean
  ready: boolean
}

export function createContainerFacts(spec: Container, role: Role, pod: Pod): ContainerFacts {
  const reason = (pod.spec?.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : 'ContainerCreating'
  return {
    name: spec.name,
    image: spec.image ?? '',
    role,
    state: { waiting: { reason } },
    last: undefined,
    id: undefined,
    restarts: 0,
    started: false,
    ready: false,
  }
}

/** Changes to another state; an end that was shown becomes the last one. */
export function setState(facts: ContainerFacts, state: ContainerState): void {
  facts.last = facts.state.terminated ?? facts.last
  facts.state = state
  facts.started = false
  facts.ready = false
}

export function createTerminatedState(container: RunningContainer, { exitCode, atUs }: ExitStatus): Terminated {
  return {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt: formatSeconds(container.startedAtUs),
    finishedAt: formatSeconds(atUs),
    containerID: formatContainerId(container),
  }
}

export function formatContainerId({ id }: RunningContainer): string {
  return `nodrop://${id}`
}
