/** What a run measures: the object whose pods are replaced, their selector, the address for clients, and what identifies an answer. */

/** Controllers of pods; each has its API calls in run/deploy/workload-api.ts. nodrop itself deploys only Deployments. */
export type ControllerKind = (typeof controllerKinds)[number]
export const controllerKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const
/** `Service`: the pods that it selects, of several controllers or none. */
export type WorkloadKind = (typeof workloadKinds)[number]
export const workloadKinds = [...controllerKinds, 'Service'] as const

export interface Workload {
  kind: WorkloadKind
  name: string
  /** Absent: the namespace that each run creates for itself. */
  namespace?: string
  /** Selects its pods. */
  selector: LabelSelector
  containers: WorkloadContainers
  /** Clients connect to its first port. */
  service: { name: string; ports: ServicePort[] }
  /** The path of requests, with the query. */
  path: string
  identification: Identification
}

export interface WorkloadContainers {
  names: string[]
  /** The container behind the Service's port; the others work for it, or beside it. */
  front: string
  /** The containers whose logs are read for signals and requests; absent: all, including those that a cluster adds. */
  logs?: string[]
}

export interface ServicePort {
  name?: string
  port: number
}

/** As metav1.LabelSelector: every requirement must be fulfilled. */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: LabelRequirement[]
}

export interface LabelRequirement {
  key: string
  operator: string
  values?: string[]
}

/**
 * Header fields that identify an answer, in lower case; `null` if answers have no such field. If all are `null`, every 2xx is `ok`
 * whichever server sent it, and losses are attributed to pods only by moments.
 */
export interface Identification extends Record<IdentifyingField, string | null> {
  /** Contains the name of the pod that answered. */
  podHeader: string | null
  /** Contains the run's id, which the pods have in their environment: an answer without it came from another workload. */
  workloadHeader: string | null
  /** Contains the id of the answered request. */
  requestIdHeader: string | null
}

type IdentifyingField = (typeof identifyingFields)[number]
export const identifyingFields = ['podHeader', 'workloadHeader', 'requestIdHeader'] as const

/** The header fields of apps/app/app.py and apps/nginx/nginx.conf. */
export const sampleIdentification: Identification = {
  podHeader: 'x-nodrop-pod',
  workloadHeader: 'x-nodrop-workload',
  requestIdHeader: 'x-request-id',
}

export const noIdentification: Identification = { podHeader: null, workloadHeader: null, requestIdHeader: null }

/** The path by which the sample application (apps/app/app.py) knows how long to work and how much to answer. */
export function buildSamplePath({ workMs, responseBytes }: { workMs: number; responseBytes?: number }): string {
  return `/?ms=${workMs}${responseBytes === undefined ? '' : `&bytes=${responseBytes}`}`
}

/** The workload of manifests/base/web.yaml, for older plans without a field for it. */
export function buildSampleWorkload(load: { workMs: number; responseBytes?: number }): Workload {
  return {
    kind: 'Deployment',
    name: 'web',
    selector: { matchLabels: { app: 'web' } },
    containers: { names: ['nginx', 'app'], front: 'nginx' },
    service: { name: 'web', ports: [{ name: 'http', port: 80 }] },
    path: buildSamplePath(load),
    identification: sampleIdentification,
  }
}

/** In the form of the API's query for a list or watch, for example `app=web,tier in (a,b),!canary`. */
export function formatLabelSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(formatRequirement),
  ].join(',')
}

function formatRequirement({ key, operator, values = [] }: LabelRequirement): string {
  if (operator === 'Exists') return key
  if (operator === 'DoesNotExist') return `!${key}`
  return `${key} ${operator.toLowerCase()} (${values.join(',')})`
}
