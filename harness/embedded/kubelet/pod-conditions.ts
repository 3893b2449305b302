/** A pod's conditions (pod-lifecycle page, "Pod conditions"; pkg/kubelet/status/generate.go). Pure. */
import type { Pod, PodCondition } from '../store/objects.ts'
import type { ContainerFacts } from '../containers/container-facts.ts'

/** What the kubelet knows about a pod. */
export interface PodFacts {
  pod: Pod
  now: string
  startTime: string
  hostIp: string
  /** Undefined while there is no sandbox. */
  podIp: string | undefined
  containers: ContainerFacts[]
  /** All containers have been stopped for good. */
  ended: boolean
}

type ConditionResult = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>

/** All except PodScheduled, which the scheduler sets. */
export function generatePodConditions(facts: PodFacts): PodCondition[] {
  const containersReady = generateContainersReadyCondition(facts)
  return [
    { type: 'PodReadyToStartContainers', status: facts.podIp === undefined ? 'False' : 'True' },
    generatePodInitializedCondition(facts),
    generatePodReadyCondition(facts, containersReady),
    containersReady,
  ]
}

/** Every init container has succeeded and every sidecar has started. */
export function isInitialized(containers: ContainerFacts[]): boolean {
  // Once a main container has run, a sidecar that restarts does not undo the initialization.
  if (containers.some(({ role, id }) => role === 'main' && id !== undefined)) return true
  return containers.every(({ role, state, started }) => {
    if (role === 'init') return state.terminated?.exitCode === 0
    return role === 'main' || started
  })
}

function generatePodInitializedCondition({ containers, ended }: PodFacts): ConditionResult {
  const type = 'Initialized'
  if (isInitialized(containers)) {
    return { type, status: 'True', ...(ended && { reason: 'PodCompleted' }) }
  }
  const incomplete = containers.filter(
    ({ role, state, started }) =>
      (role === 'init' && state.terminated?.exitCode !== 0) || (role === 'sidecar' && !started),
  )
  return {
    type,
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${formatNames(incomplete)}`,
  }
}

/** Sidecars count like main containers (KEP-753: "Readiness probes of sidecars will contribute"). */
function generateContainersReadyCondition({ containers, ended, pod }: PodFacts): ConditionResult {
  const type = 'ContainersReady'
  const counted = containers.filter(({ role }) => role !== 'init')
  const unready = counted.filter(({ ready }) => !ready)
  if (unready.length === 0) return { type, status: 'True' }
  const mains = counted.filter(({ role }) => role === 'main')
  const { restartPolicy = 'Always' } = pod.spec ?? {}
  const isCompleted =
    (ended || restartPolicy !== 'Always') && mains.every(({ state }) => state.terminated?.exitCode === 0)
  if (isCompleted) return { type, status: 'False', reason: 'PodCompleted' }
  if (ended) return { type, status: 'False', reason: 'PodFailed' }
  return {
    type,
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: ${formatNames(unready)}`,
  }
}

function generatePodReadyCondition({ pod }: PodFacts, containersReady: ConditionResult): ConditionResult {
  const type = 'Ready'
  if (containersReady.status !== 'True') return { ...containersReady, type }
  const messages = (pod.spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = pod.status?.conditions?.find((known) => known.type === conditionType)
    if (!condition) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
    if (condition.status === 'True') return []
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`]
  })
  if (messages.length === 0) return { type, status: 'True' }
  return { type, status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') }
}

function formatNames(containers: { name: string }[]): string {
  return `[${containers.map(({ name }) => name).join(' ')}]`
}
