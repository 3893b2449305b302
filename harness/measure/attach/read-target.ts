/** Finds a target in its namespace: its controller, the Service of its pods, and whether these can be measured. */
import type { KubernetesObject, V1Pod, V1PodSpec, V1Service } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import { getErrorStatus } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { optionalTargetPermissions } from '../../cluster/context/attach-permissions.ts'
import { findMissingPermissions } from '../../cluster/context/permissions.ts'
import { formatLabelSelector, noIdentification } from '../../model/workload.ts'
import type { Workload } from '../../model/workload.ts'
import { describePods } from '../../plan/workload.ts'
import { callApi } from '../../run/deploy/workload.ts'
import { hasFinished } from '../../run/disrupt/settle.ts'
import { countReplicas, explainUnsettledController, explainUnsettledPods } from '../../run/disrupt/settle-target.ts'
import type { Attachment } from './attachment.ts'
import { findController, listControllers } from './controllers.ts'
import type { FoundController } from './controllers.ts'
import { chooseService, findService } from './services.ts'
import { formatTarget, workloadKindByTarget } from './target.ts'

export interface ReadTarget {
  workload: Workload
  replicas: number
  /** As returned by the API server. */
  objects: KubernetesObject[]
}

type TargetOptions = Pick<Attachment, 'target' | 'path' | 'podHeader'> & Partial<Pick<Attachment, 'url'>>

export interface Place {
  api: KubeApi
  namespace: string
}

/** The target's pods and their controller: `null` if a Service selects pods of several controllers, or of an unknown one. */
interface FoundTarget extends Pick<Workload, 'kind' | 'name' | 'selector'> {
  controller: FoundController | null
  service: V1Service
  pods: V1Pod[]
}

/** Throws a Fault that says what is missing: `usage` if another target should be named, `environment` if it is not in order. */
export async function readTarget(attachment: TargetOptions, place: Place): Promise<ReadTarget> {
  const found = await findTarget(attachment, place)
  const { kind, name, selector, controller, service, pods } = found
  rejectUnready(found, place.namespace)
  const podSpec: V1PodSpec = controller?.object.spec?.template.spec ?? pods[0]?.spec ?? { containers: [] }
  const described = describePods(podSpec, service)
  const containers = (await mayReadLogs(pods, place)) ? described.containers : { ...described.containers, logs: [] }
  const path = attachment.path ?? findProbePath(podSpec, containers.front) ?? '/'
  const identification = { ...noIdentification, podHeader: attachment.podHeader }
  const own = { kind, name, namespace: place.namespace, selector }
  return {
    workload: { ...own, ...described, containers, path, identification },
    replicas: controller ? countReplicas(kind, controller.object) : pods.length,
    objects: [
      ...(controller ? [toObject('apps/v1', controller.kind, controller.object)] : []),
      toObject('v1', 'Service', service),
    ],
  }
}

async function findTarget({ target, url = null }: TargetOptions, place: Place): Promise<FoundTarget> {
  const { name } = target
  const kind = workloadKindByTarget[target.kind]
  if (kind !== 'Service') {
    const controller = await readNamed(formatTarget(target), place, () => findController(kind, name, place))
    const service = chooseService(controller, await listServices(place), { what: formatTarget(target), url })
    const { selector } = controller
    return { kind, name, selector, controller, service, pods: await listPods(name, selector, place) }
  }
  const service = findService(name, await listServices(place), { namespace: place.namespace, url })
  const selector = { matchLabels: service.spec?.selector ?? {} }
  const pods = await listPods(name, selector, place)
  const controller = await findOnlyController(service, pods, place)
  if (controller === null) return { kind, name, selector, controller, service, pods }
  return { kind: controller.kind, name: controller.name, selector: controller.selector, controller, service, pods }
}

function listServices({ api, namespace }: Place): Promise<V1Service[]> {
  return callApi(
    `list the Services of ${namespace}`,
    async () => (await api.core.listNamespacedService({ namespace })).items,
  )
}

/** Pods that have not finished. */
async function listPods(name: string, selector: Workload['selector'], { api, namespace }: Place): Promise<V1Pod[]> {
  const labelSelector = formatLabelSelector(selector)
  const { items } = await callApi(`list the pods of ${name}`, () =>
    api.core.listNamespacedPod({ namespace, labelSelector }),
  )
  return items.filter(({ status }) => !hasFinished(status?.phase))
}

/** The controller that has all pods of a Service, and no others. */
async function findOnlyController(
  service: V1Service,
  pods: readonly V1Pod[],
  place: Place,
): Promise<FoundController | null> {
  const [controller, ...others] = await listControllers(service.spec?.selector ?? {}, place)
  if (!controller || others.length > 0) return null
  const names = new Set(pods.map(({ metadata }) => metadata?.name))
  const own = await listPods(controller.name, controller.selector, place)
  return own.length === names.size && own.every(({ metadata }) => names.has(metadata?.name)) ? controller : null
}

async function readNamed<T>(what: string, { namespace }: Place, read: () => Promise<T>): Promise<T> {
  try {
    return await callApi(`read ${what}`, read)
  } catch (error) {
    if (getErrorStatus((error as Error).cause) !== 404) throw error
    const advice = `kubectl get ${what.split('/', 1)[0]}s -n ${namespace} shows what is there.`
    throw new Fault('usage', `Cannot find ${what} in the namespace ${namespace}`, advice)
  }
}

function rejectUnready({ kind, name, controller, pods }: FoundTarget, namespace: string): void {
  const what = formatTarget({ kind, name })
  if (controller && countReplicas(kind, controller.object) === 0) {
    const [why, advice] = kind === 'DaemonSet' ? ['no node takes one', ''] : ['replicas: 0', 'Scale it up first.']
    throw new Fault('environment', `Cannot measure ${what}: it has no pods (${why})`, advice)
  }
  if (pods.length === 0) throw new Fault('environment', `Cannot measure ${what}: it has no pods`)
  const unsettled = explainUnsettledPods(pods) ?? (controller && explainUnsettledController(kind, controller.object))
  if (unsettled === null) return
  const waiting = `kubectl rollout status ${what} -n ${namespace} waits until it is at rest.`
  const advice = kind === 'Service' ? `kubectl get pods -n ${namespace} shows its pods.` : waiting
  throw new Fault('environment', `Cannot measure ${what}: it is not at rest (${unsettled})`, advice)
}

/** A pod of a StatefulSet has the name of the one before, and the API finds logs by name. */
async function mayReadLogs(pods: readonly V1Pod[], { api, namespace }: Place): Promise<boolean> {
  const isNamedAnew = pods.every(
    ({ metadata }) => metadata?.ownerReferences?.every((one) => one.kind !== 'StatefulSet') ?? true,
  )
  return isNamedAnew && (await findMissingPermissions(api, optionalTargetPermissions, namespace)).length === 0
}

function findProbePath({ containers }: V1PodSpec, front: string): string | undefined {
  return containers.find(({ name }) => name === front)?.readinessProbe?.httpGet?.path
}

/** As in JSON: items of a list do not contain their kind. */
function toObject(apiVersion: string, kind: string, object: object): KubernetesObject {
  return { ...(JSON.parse(JSON.stringify(object)) as object), apiVersion, kind }
}
