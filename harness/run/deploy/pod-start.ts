/** Pods that are starting: what they wait for, and whether they can still become ready. */
import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import type { KubeApi } from '../../cluster/api.ts'
import { Fault } from '../../base/fault.ts'

/**
 * A problem that a kubelet retries may resolve itself: an object that a controller makes a moment later, or a cache that is not filled yet.
 * A kubelet retries a pod after some seconds.
 */
export const mayHealMs = 10_000
/** A problem that was not seen for this long is resolved; if it comes again it is new. */
const lapseMs = 3_000
const readEventsMs = 500

/** Why a pod is not ready, as the cluster words it. */
interface StartProblem {
  /** `pod` or `pod/container`. */
  where: string
  why: string
  /** `final`: nothing later changes it. `stuck`: it must resolve soon. `waiting`: it may well resolve. */
  outlook: 'final' | 'stuck' | 'waiting'
  /** Identifies the problem: its text may contain a counter, and pods alternate between reasons. */
  key: string
}

/**
 * Waiting reasons of containers (kubelet's `pkg/kubelet/images/types.go` and `kuberuntime_container.go`). Nodes that may not pull an image
 * will not have it later, nor one with an invalid name; two failed pulls are not a short outage of the registry.
 */
const finalReasons: ReadonlySet<string> = new Set(['ErrImageNeverPull', 'InvalidImageName', 'ImagePullBackOff'])
const stuckReasons: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'PreCreateHookError',
  'PreStartHookError',
])
const stuckEvents: ReadonlySet<string> = new Set([
  'FailedMount',
  'FailedAttachVolume',
  'FailedMapVolume',
  'FailedCreatePodSandBox',
  'NetworkNotReady',
])
const laterEvents: ReadonlySet<string> = new Set(['Pulling', 'Pulled', 'Created', 'Started'])
/** The pod's own fields contradict its image or each other. */
const contradiction = /runAsNonRoot|non-root policy|runAsUser/
/** Errors of a probe that cannot succeed, whatever its program does. */
const hopelessProbe = new RegExp(
  [
    'OCI runtime exec failed: .*(executable file not found|no such file or directory|permission denied)',
    'does not implement the grpc health protocol',
    "couldn't find port",
  ].join('|'),
)

export class PodStartMonitor {
  readonly #api: KubeApi
  readonly #namespace: string
  readonly #now: () => number
  readonly #seen = new Map<string, { firstMs: number; lastMs: number }>()
  #events: CoreV1Event[] = []
  #readMs = -Infinity

  constructor(api: KubeApi, namespace: string, now: () => number = () => performance.now()) {
    this.#api = api
    this.#namespace = namespace
    this.#now = now
  }

  /** What pods that are not ready wait for; empty when they give no reason. Throws a Fault when one of them can never start. */
  async checkPods(pods: readonly V1Pod[]): Promise<string> {
    const waiting = pods.filter((pod) => !isPodReady(pod))
    if (waiting.length === 0) return ''
    const events = await this.#readEvents()
    const problems = waiting.flatMap((pod) =>
      findProblems(
        pod,
        events.filter((event) => isAbout(event, pod)),
      ),
    )
    for (const problem of problems) this.#checkOutlook(problem)
    return problems.map(({ where, why }) => `${where}: ${why}`).join('; ')
  }

  /** Reports what prevents pods from being created. Throws a Fault when it is not resolved soon. */
  reportStuck(where: string, why: string): void {
    this.#checkOutlook({ where, why, outlook: 'stuck', key: where })
  }

  #checkOutlook({ where, why, outlook, key }: StartProblem): void {
    if (outlook === 'waiting') return
    if (outlook === 'final') throw new Fault('unknown', `Cannot start ${where}: ${why}`)
    const nowMs = this.#now()
    const before = this.#seen.get(key)
    const firstMs = before && nowMs - before.lastMs < lapseMs ? before.firstMs : nowMs
    this.#seen.set(key, { firstMs, lastMs: nowMs })
    if (nowMs - firstMs < mayHealMs) return
    throw new Fault('unknown', `Cannot start ${where}: ${why} (for ${mayHealMs / 1000} s)`)
  }

  /** Without permission to read Events, only the pods' statuses are used. */
  async #readEvents(): Promise<CoreV1Event[]> {
    if (this.#now() - this.#readMs < readEventsMs) return this.#events
    this.#readMs = this.#now()
    const list = await this.#api.core.listNamespacedEvent({ namespace: this.#namespace }).catch(() => null)
    if (list) this.#events = list.items.toSorted((a, b) => getEventTime(a) - getEventTime(b))
    return this.#events
  }
}

export function isPodReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}

function isAbout({ involvedObject }: CoreV1Event, { metadata }: V1Pod): boolean {
  return involvedObject.kind === 'Pod' && involvedObject.uid === metadata?.uid
}

function findProblems(pod: V1Pod, events: readonly CoreV1Event[]): StartProblem[] {
  const name = pod.metadata?.name ?? ''
  const { initContainerStatuses = [], containerStatuses = [], conditions = [] } = pod.status ?? {}
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  if (unscheduled)
    return [{ where: name, why: unscheduled.message ?? 'it is not scheduled', outlook: 'waiting', key: name }]
  // The other containers wait for an init container that waits or runs.
  const first = initContainerStatuses.filter(({ ready, started }) => !ready && started !== true)
  const unready = first.length > 0 ? first.slice(0, 1) : containerStatuses.filter(({ ready }) => !ready)
  const ofPod = unready.some(isNotCreated) ? findPodProblem(name, events) : null
  return ofPod ? [ofPod] : unready.map((status) => findContainerProblem(name, status, events))
}

/** No container is created yet, so the problem concerns the pod. */
function isNotCreated({ state }: V1ContainerStatus): boolean {
  return ['ContainerCreating', 'PodInitializing'].includes(state?.waiting?.reason ?? '')
}

/** Volumes and the sandbox come before pulling and creating: once that has begun, their problems are resolved. */
function findPodProblem(name: string, events: readonly CoreV1Event[]): StartProblem | null {
  if (events.some(({ reason }) => laterEvents.has(reason ?? ''))) return null
  const event = events.findLast(({ reason }) => stuckEvents.has(reason ?? ''))
  return event ? { where: name, why: formatEvent(event), outlook: 'stuck', key: `${name} ${event.reason}` } : null
}

function findContainerProblem(pod: string, status: V1ContainerStatus, events: readonly CoreV1Event[]): StartProblem {
  const { name, state, lastState } = status
  const where = `${pod}/${name}`
  const probe = events.findLast(
    ({ reason, involvedObject }) => reason === 'Unhealthy' && involvedObject.fieldPath?.endsWith(`{${name}}`),
  )
  if (state?.running) {
    const message = probe?.message ?? 'running, its readiness probe fails'
    return { where, why: message, outlook: hopelessProbe.test(message) ? 'final' : 'waiting', key: where }
  }
  const last = state?.terminated ?? lastState?.terminated
  if (last?.reason === 'StartError' || last?.reason === 'ContainerCannotRun') {
    return { where, why: `${last.reason}: ${last.message ?? ''}`, outlook: 'final', key: where }
  }
  const { reason = '', message = '' } = state?.waiting ?? {}
  const ended = last ? `it ended with exit code ${last.exitCode}${last.message ? `: ${last.message}` : ''}` : ''
  const why = [reason, message, ended].filter(Boolean).join(': ') || 'it has not been started yet'
  return {
    where,
    why: why + getAdvice(reason, status.image),
    outlook: classifyReason(reason, message),
    key: `${where} ${reason}`,
  }
}

function classifyReason(reason: string, message: string): StartProblem['outlook'] {
  if (finalReasons.has(reason)) return 'final'
  if (!stuckReasons.has(reason)) return 'waiting'
  return contradiction.test(message) ? 'final' : 'stuck'
}

function getAdvice(reason: string, image: string): string {
  return finalReasons.has(reason) && image.startsWith('nodrop/')
    ? ' (--image-registry says where nodes can pull it from)'
    : ''
}

/** In ms. Despite its type, the client returns a time in microseconds, as schedulers write it, as text. */
function getEventTime({ lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  const time: unknown = lastTimestamp ?? eventTime ?? metadata.creationTimestamp
  return time instanceof Date ? time.getTime() : Date.parse(String(time)) || 0
}

function formatEvent({ reason, message }: CoreV1Event): string {
  return `${reason}: ${message}`
}
