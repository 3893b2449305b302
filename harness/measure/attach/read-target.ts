/** What of a target is found in its namespace: its Deployment, the Service that leads to its pods, and whether they can be measured. */
import type { KubernetesObject, V1Deployment, V1Service } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import { getErrorStatus } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { optionalTargetPermissions } from '../../cluster/context/attach-permissions.ts'
import { findMissingPermissions } from '../../cluster/context/permissions.ts'
import { formatLabelSelector, noIdentification } from '../../model/workload.ts'
import type { Workload } from '../../model/workload.ts'
import { buildWorkload } from '../../plan/workload.ts'
import { callApi } from '../../run/deploy/workload.ts'
import { explainUnsettledController, explainUnsettledPods } from '../../run/disrupt/settle-target.ts'
import type { Attachment } from './attachment.ts'

export interface ReadTarget {
  workload: Workload
  replicas: number
  /** As the API server has them. */
  objects: KubernetesObject[]
}

interface Place {
  api: KubeApi
  namespace: string
}

/** Throws a Fault that says what is missing: of the kind `usage` where another target is to be named, `environment` where it is not in order. */
export async function readTarget(attachment: Attachment, place: Place): Promise<ReadTarget> {
  const { deployment, service } = await findObjects(attachment.target, place)
  const name = deployment.metadata?.name ?? ''
  const replicas = deployment.spec?.replicas ?? 1
  const objects = [toObject('apps/v1', 'Deployment', deployment), toObject('v1', 'Service', service)]
  const found = buildWorkload(objects, {}, { workMs: 0 })
  await rejectUnready(deployment, found, place)
  const logsDenied = await findMissingPermissions(place.api, optionalTargetPermissions, place.namespace)
  const containers = logsDenied.length > 0 ? { ...found.containers, logs: [] } : found.containers
  const path = attachment.path ?? findProbePath(deployment, found.containers.front) ?? '/'
  const identification = { ...noIdentification, podHeader: attachment.podHeader }
  const workload = { ...found, name, namespace: place.namespace, containers, path, identification }
  return { workload, replicas, objects }
}

async function findObjects(
  { kind, name }: Attachment['target'],
  place: Place,
): Promise<{ deployment: V1Deployment; service: V1Service }> {
  const { api, namespace } = place
  const { items } = await callApi(`list the Services of ${namespace}`, () =>
    api.core.listNamespacedService({ namespace }),
  )
  if (kind === 'deployment') {
    const deployment = await readNamed(`deployment/${name}`, place, () =>
      api.apps.readNamespacedDeployment({ name, namespace }),
    )
    return { deployment, service: chooseService(deployment, items) }
  }
  const service = items.find(({ metadata }) => metadata?.name === name)
  if (!service) throw new Fault('usage', `Cannot find service/${name} in the namespace ${namespace}`, listNames(items))
  const all = await callApi(`list the Deployments of ${namespace}`, () =>
    api.apps.listNamespacedDeployment({ namespace }),
  )
  const selected = all.items.filter((one) => selects(service, one))
  const [deployment] = selected
  if (deployment && selected.length === 1) {
    if (service.spec?.clusterIP !== 'None') return { deployment, service }
    throw new Fault('usage', `Cannot reach service/${name}: it is headless (clusterIP: None)`)
  }
  const hasSelector = Object.keys(service.spec?.selector ?? {}).length > 0
  const why = !hasSelector ? 'it has no selector' : `it selects the pods of ${selected.length} Deployments`
  throw new Fault('usage', `Cannot tell what service/${name} leads to: ${why}`, listNames(selected))
}

async function readNamed<T>(what: string, { namespace }: Place, read: () => Promise<T>): Promise<T> {
  try {
    return await callApi(`read ${what}`, read)
  } catch (error) {
    if (getErrorStatus((error as Error).cause) !== 404) throw error
    const advice = `kubectl get deployments -n ${namespace} shows what is there.`
    throw new Fault('usage', `Cannot find ${what} in the namespace ${namespace}`, advice)
  }
}

/** The one with a cluster IP whose selector selects its pods. */
function chooseService(deployment: V1Deployment, all: readonly V1Service[]): V1Service {
  const leading = all.filter((one) => selects(one, deployment))
  const usable = leading.filter(({ spec }) => spec?.clusterIP !== 'None')
  const [service] = usable
  if (service && usable.length === 1) return service
  const what = `deployment/${deployment.metadata?.name}`
  if (usable.length > 1) {
    const names = usable.map(({ metadata }) => metadata?.name).join(', ')
    throw new Fault(
      'usage',
      `Cannot choose a Service of ${what}: ${names} all select its pods`,
      'Give one as service/NAME.',
    )
  }
  const headless = leading.map(({ metadata }) => metadata?.name).join(', ')
  const why = headless === '' ? 'no Service selects its pods' : `${headless} is headless (clusterIP: None)`
  throw new Fault('usage', `Cannot reach ${what}: ${why}`, listNames(all))
}

function selects({ spec }: V1Service, deployment: V1Deployment): boolean {
  const wanted = Object.entries(spec?.selector ?? {})
  const own = deployment.spec?.template.metadata?.labels ?? {}
  return spec?.type !== 'ExternalName' && wanted.length > 0 && wanted.every(([key, value]) => own[key] === value)
}

async function rejectUnready(deployment: V1Deployment, { name, selector }: Workload, place: Place): Promise<void> {
  const { api, namespace } = place
  const cannot = `Cannot measure deployment/${name}`
  if ((deployment.spec?.replicas ?? 1) === 0) {
    throw new Fault('environment', `${cannot}: it has no pods (replicas: 0)`, 'Scale it up first.')
  }
  const labelSelector = formatLabelSelector(selector)
  const { items } = await callApi(`list the pods of ${name}`, () =>
    api.core.listNamespacedPod({ namespace, labelSelector }),
  )
  const unsettled = explainUnsettledPods(items) ?? explainUnsettledController(deployment)
  if (unsettled === null) return
  const advice = `kubectl rollout status deployment/${name} -n ${namespace} waits until it is at rest.`
  throw new Fault('environment', `${cannot}: it is not at rest (${unsettled})`, advice)
}

function findProbePath({ spec }: V1Deployment, front: string): string | undefined {
  return spec?.template.spec?.containers.find(({ name }) => name === front)?.readinessProbe?.httpGet?.path
}

/** As JSON has it: items of a list do not say of which kind they are. */
function toObject(apiVersion: string, kind: string, object: object): KubernetesObject {
  return { ...(JSON.parse(JSON.stringify(object)) as object), apiVersion, kind }
}

function listNames(objects: readonly KubernetesObject[]): string {
  const names = objects.map(({ metadata }) => metadata?.name).join(', ')
  return names === '' ? 'There are none in this namespace.' : `There are: ${names}.`
}
