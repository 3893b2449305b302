/** Deployments of the cases, and the versions of their ReplicaSets and pods. */
import type { V1Deployment, V1DeploymentSpec, V1Pod, V1PodSpec, V1ReplicaSet } from '@kubernetes/client-node'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { getErrorMessage } from '../../base/fault.ts'
import { buildContainer, buildPodSpec, waitLoop } from './pods.ts'
import { waitUntil } from './case-context.ts'
import type { CaseContext } from './case-context.ts'

export const deploymentName = 'web'
export const appLabel: Record<string, string> = { app: 'web' }

/** A pod that is ready at once and ends at once. */
export const quickPod: V1PodSpec = buildPodSpec([buildContainer('main', `trap 'exit 0' TERM; ${waitLoop}`)], {
  terminationGracePeriodSeconds: 2,
})
/** A pod that runs but never becomes ready. */
export const neverReady: V1PodSpec = buildPodSpec(
  [
    buildContainer('main', `trap 'exit 0' TERM; ${waitLoop}`, {
      readinessProbe: { exec: { command: ['false'] }, periodSeconds: 1 },
    }),
  ],
  { terminationGracePeriodSeconds: 2 },
)

export async function createDeployment(
  { api, namespace }: CaseContext,
  more: Partial<V1DeploymentSpec> & { replicas: number },
  pod: V1PodSpec = quickPod,
): Promise<V1Deployment> {
  const template = { metadata: { labels: appLabel }, spec: pod }
  const spec = { selector: { matchLabels: appLabel }, template, ...more }
  return api.apps.createNamespacedDeployment({ namespace, body: { metadata: { name: deploymentName }, spec } })
}

/** Changes the Deployment by a JSON merge patch. */
export async function changeDeployment({ api, namespace }: CaseContext, body: object): Promise<V1Deployment> {
  return api.apps.patchNamespacedDeployment(
    { name: deploymentName, namespace, body },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  )
}

/** A template that differs from the present one, so that a rollout begins. */
export function buildTemplatePatch(pod: V1PodSpec = quickPod, version = '2'): object {
  return { spec: { template: { metadata: { annotations: { version } }, spec: pod } } }
}

/** The Deployment as soon as it meets a condition. */
export async function waitForDeployment(
  scene: CaseContext,
  what: string,
  holds: (deployment: V1Deployment) => boolean,
): Promise<V1Deployment> {
  let last: V1Deployment | undefined
  return waitUntil(scene, `the Deployment ${what}`, async () => {
    last = await scene.api.apps.readNamespacedDeployment({ name: deploymentName, namespace: scene.namespace })
    return holds(last) ? last : undefined
  }).catch((error: unknown) => {
    throw new Error(`${getErrorMessage(error)}; it is ${JSON.stringify(last?.status)}`, { cause: error })
  })
}

/** Complete: this number of pods are all of the present template and available, and no older one is left. */
export async function waitForAvailable(scene: CaseContext, replicas: number): Promise<V1Deployment> {
  return waitForDeployment(scene, `to have ${replicas} available replicas`, ({ status, metadata }) => {
    const observed = status?.observedGeneration === metadata?.generation
    const counts = [status?.replicas, status?.updatedReplicas, status?.availableReplicas]
    return observed && counts.every((count) => count === replicas)
  })
}

/** Oldest revision first. */
export async function listReplicaSets({ api, namespace }: CaseContext): Promise<V1ReplicaSet[]> {
  const { items } = await api.apps.listNamespacedReplicaSet({ namespace })
  return items.sort((a, b) => readRevision(a) - readRevision(b))
}

export function readRevision({ metadata }: V1ReplicaSet | V1Deployment): number {
  return Number(metadata?.annotations?.['deployment.kubernetes.io/revision'])
}

/** Pods that exist and are not terminating, after each observed change. */
export function listPresentPods({ pods }: CaseContext): V1Pod[][] {
  const present = new Map<string, V1Pod>()
  return pods.map(({ change, pod }) => {
    const name = pod.metadata?.name ?? ''
    if (change === 'deleted' || pod.metadata?.deletionTimestamp !== undefined) present.delete(name)
    else present.set(name, pod)
    return [...present.values()]
  })
}

export function isPodReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}
