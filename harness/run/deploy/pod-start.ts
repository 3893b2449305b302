/** Pods that are to get ready: what they wait for, and whether that can still come. */
import type { CoreV1Event, V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import type { KubeApi } from '../../cluster/api.ts'
import { Fault } from '../../base/fault.ts'

/**
 * What a kubelet tries again may heal by itself: an object that a controller makes a moment later, a cache that is not filled yet.
 * A kubelet comes back to a pod after some seconds.
 */
export const mayHealMs = 10_000
/** What has not been seen for so long has healed; when it comes again it is new. */
const lapseMs = 3_000
const readEventsMs = 500

/** Why a pod is not ready, in the cluster's own words. */
interface StartProblem {
  /** `pod` or `pod/container`. */
  where: string
  why: string
  /** `final`: nothing that comes later changes it. `stuck`: unless it heals soon. `waiting`: it may well come. */
  outlook: 'final' | 'stuck' | 'waiting'
  /** By which it is known again: texts count up and pods alternate between reasons. */
  key: string
}

/**
 * Waiting reasons of containers (kubelet's `pkg/kubelet/images/types.go` and `kuberuntime_container.go`). Nodes that may not pull an
 * image will not have it later either, nor one whose name is none; one that could not be pulled twice is no registry's moment of
 * weakness.
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
/** Of a probe that cannot succeed, whatever becomes of the program that it asks. */
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

  /** What those that are not ready wait for; empty when they say nothing. Throws a Fault when one of them will never start. */
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

  /** Something that keeps pods from being made at all. Throws a Fault when it does not heal soon. */
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

  /** Who may not read Events gets the pods' statuses alone. */
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
  // An init container that waits or runs is what the others wait for.
  const first = initContainerStatuses.filter(({ ready, started }) => !ready && started !== true)
  const unready = first.length > 0 ? first.slice(0, 1) : containerStatuses.filter(({ ready }) => !ready)
  const ofPod = unready.some(isNotCreated) ? findPodProblem(name, events) : null
  return ofPod ? [ofPod] : unready.map((status) => findContainerProblem(name, status, events))
}

/** Nothing of it has been made yet: what is amiss is the pod's own business. */
function isNotCreated({ state }: V1ContainerStatus): boolean {
  return ['ContainerCreating', 'PodInitializing'].includes(state?.waiting?.reason ?? '')
}

/** Volumes are mounted and the sandbox is made before anything is pulled or created: where that has begun, both have healed. */
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

/** In ms. The client gives a time in microseconds, as schedulers write it, as text, whatever its type says. */
function getEventTime({ lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  const time: unknown = lastTimestamp ?? eventTime ?? metadata.creationTimestamp
  return time instanceof Date ? time.getTime() : Date.parse(String(time)) || 0
}

function formatEvent({ reason, message }: CoreV1Event): string {
  return `${reason}: ${message}`
}
