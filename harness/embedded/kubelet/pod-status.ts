/** Computes a pod's PodStatus from the kubelet's facts. Pure. */
import type { ContainerStatus, Pod, PodCondition } from '../store/objects.ts'
import { generatePodConditions, isInitialized } from './pod-conditions.ts'
import type { PodFacts } from './pod-conditions.ts'
import type { ContainerFacts } from '../containers/container-facts.ts'

type PodStatus = NonNullable<Pod['status']>

/** Fields of other components (the scheduler's condition, qosClass, gates' conditions) are kept. */
export function generateApiPodStatus(facts: PodFacts): PodStatus {
  const { pod, startTime, hostIp, podIp, containers } = facts
  const present = pod.status ?? {}
  const init = containers.filter(({ role }) => role !== 'main').map(toContainerStatus)
  // A pod that had an address keeps it in its last status, for readers after its end.
  const ip = podIp ?? present.podIP
  return {
    ...present,
    phase: getPhase(facts),
    conditions: mergeConditions(present.conditions ?? [], generatePodConditions(facts), facts.now),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(ip !== undefined && { podIP: ip, podIPs: [{ ip }] }),
    startTime: present.startTime ?? startTime,
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: containers.filter(({ role }) => role === 'main').map(toContainerStatus),
  }
}

/** Pod-lifecycle page, "Pod phase"; getPhase in kubelet_pods.go. */
export function getPhase({ pod, containers, ended }: Pick<PodFacts, 'pod' | 'containers' | 'ended'>): string {
  const { restartPolicy = 'Always' } = pod.spec ?? {}
  const mains = containers.filter(({ role }) => role === 'main')
  const succeeded = mains.every(({ state }) => state.terminated?.exitCode === 0)
  if (ended) return succeeded ? 'Succeeded' : 'Failed'
  if (!isInitialized(containers)) return 'Pending'
  // Between two attempts a container counts as stopped, not as waiting.
  if (mains.some(({ state, last }) => state.waiting !== undefined && last === undefined)) return 'Pending'
  const isStopped = mains.every(({ state }) => state.running === undefined)
  if (!isStopped || restartPolicy === 'Always') return 'Running'
  if (succeeded) return 'Succeeded'
  return restartPolicy === 'Never' ? 'Failed' : 'Running'
}

function toContainerStatus(facts: ContainerFacts): ContainerStatus {
  const { name, image, role, state, last, id, restarts, started, ready } = facts
  return {
    name,
    state,
    lastState: last ? { terminated: last } : {},
    ready: role === 'init' ? state.terminated?.exitCode === 0 : ready,
    started: role === 'init' ? state.running !== undefined : started,
    restartCount: restarts,
    image,
    imageID: id === undefined ? '' : image,
    ...(id !== undefined && { containerID: id }),
  }
}

/** `lastTransitionTime` moves only when the status changes (API reference, PodCondition). */
function mergeConditions(present: PodCondition[], wanted: PodCondition[], now: string): PodCondition[] {
  const merged = wanted.map((condition) => {
    const known = present.find(({ type }) => type === condition.type)
    const lastTransitionTime =
      known?.status === condition.status && known.lastTransitionTime !== undefined ? known.lastTransitionTime : now
    return { ...condition, lastTransitionTime }
  })
  return [...merged, ...present.filter(({ type }) => !wanted.some((condition) => condition.type === type))]
}
