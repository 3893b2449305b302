/** Pods of the cases: building, creating, awaiting and deleting them. */
import type {
  V1Container,
  V1ContainerStatus,
  V1DeleteOptions,
  V1ObjectMeta,
  V1Pod,
  V1PodSpec,
} from '@kubernetes/client-node'
import { waitUntil, nowMs } from './case-context.ts'
import type { CaseContext } from './case-context.ts'

/** Debian with bash, dash, coreutils and Python; no STOPSIGNAL. */
export const plainImage = 'nodrop/app:dev'
/** The same without Python, and with STOPSIGNAL SIGQUIT. */
export const quitImage = 'nodrop/conformance:dev'

/** In a bash script: its own time in seconds. A runtime stamps a line when it reads it, which on a busy machine is later. */
export const epochVariable = '$EPOCHREALTIME'
/** Does nothing, until a trap ends it; `wait` lets traps run at once. */
export const waitLoop = 'while :; do sleep 60 & wait; done'
/** Prints that it is up, and then nothing. */
export const idleScript: string = `echo up; ${waitLoop}`
/** Ends properly on TERM. */
export const gracefulScript: string = `trap 'echo TERM; exit 0' TERM; ${idleScript}`
/** Prints TERM and continues, with a line ten times a second, so that its end is visible. */
export const ignoreTermScript = `trap 'echo TERM' TERM; echo up; while :; do echo tick; sleep 0.1; done`
/** In a hook: writes to the standard output of the container, and so into its log. */
export const echoToLog = (text: string): string => `echo ${text} > /proc/1/fd/1`

/** A container that runs a bash script; `more` overrides any field. */
export function buildContainer(name: string, script: string, more: Partial<V1Container> = {}): V1Container {
  return { name, image: plainImage, imagePullPolicy: 'IfNotPresent', command: ['bash', '-c', script], ...more }
}

/** The common part of every pod of the suite: root, because only root may open another process's output, and no token. */
export function buildPodSpec(containers: V1Container[], more: Partial<V1PodSpec> = {}): V1PodSpec {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 10,
    securityContext: { runAsUser: 0, runAsGroup: 0 },
    containers,
    ...more,
  }
}

export async function createPod(
  { api, namespace }: CaseContext,
  name: string,
  spec: V1PodSpec,
  metadata: Pick<V1ObjectMeta, 'labels' | 'annotations' | 'finalizers'> = {},
): Promise<V1Pod> {
  return api.core.createNamespacedPod({
    namespace,
    body: { metadata: { labels: { app: name }, ...metadata, name }, spec },
  })
}

/** The newest version that has arrived; undefined if the pod is gone or has not been seen. */
export function findLatestPod({ pods }: CaseContext, name: string): V1Pod | undefined {
  const version = pods.findLast(({ pod }) => pod.metadata?.name === name)
  return version?.change === 'deleted' ? undefined : version?.pod
}

export function findContainerStatus(pod: V1Pod | undefined, name: string): V1ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod?.status ?? {}
  return [...initContainerStatuses, ...containerStatuses].find((status) => status.name === name)
}

export function readCondition(pod: V1Pod | undefined, type: string): string | undefined {
  return pod?.status?.conditions?.find((one) => one.type === type)?.status
}

/** When a version of a pod first met a condition, wall clock in ms, and that version. */
export async function waitForPod(
  scene: CaseContext,
  name: string,
  what: string,
  holds: (pod: V1Pod) => boolean,
): Promise<{ atMs: number; pod: V1Pod }> {
  return waitUntil(
    scene,
    `${name} ${what}`,
    () => scene.pods.find(({ change, pod }) => change !== 'deleted' && pod.metadata?.name === name && holds(pod)),
    () => JSON.stringify(findLatestPod(scene, name)?.status ?? 'not there'),
  )
}

export async function waitForReadyPod(scene: CaseContext, name: string): Promise<{ atMs: number; pod: V1Pod }> {
  return waitForPod(scene, name, 'to be ready', (pod) => readCondition(pod, 'Ready') === 'True')
}

/** Resolves with the pod's last version when it has left the API. */
export async function waitForPodRemoval(scene: CaseContext, name: string): Promise<{ atMs: number; pod: V1Pod }> {
  return waitUntil(scene, `${name} to be gone`, () =>
    scene.pods.find(({ change, pod }) => change === 'deleted' && pod.metadata?.name === name),
  )
}

/** Requests the deletion; returns the wall clock in ms just before. */
export async function deletePod(
  { api, namespace }: CaseContext,
  name: string,
  body: V1DeleteOptions = {},
): Promise<number> {
  const atMs = nowMs()
  await api.core.deleteNamespacedPod({ name, namespace, body })
  return atMs
}

/** When the pod `one` first met the condition after an instant; otherwise like `waitForPod`. */
export async function waitForPodAfter(
  scene: CaseContext,
  fromMs: number,
  holds: Parameters<typeof waitForPod>[3],
): Promise<number> {
  const later = {
    ...scene,
    get pods() {
      return scene.pods.filter(({ atMs }) => atMs > fromMs)
    },
  }
  return (await waitForPod(later, 'one', 'to change', holds)).atMs
}
