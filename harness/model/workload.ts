/** What a run measures: the object whose pods are replaced, what selects them, where clients reach them, and what identifies an answer. */

/** Controllers of pods; each has its API calls in run/deploy/workload-api.ts. nodrop itself deploys Deployments only. */
export type ControllerKind = (typeof controllerKinds)[number]
export const controllerKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const
/** `Service`: the pods that one selects, of several controllers or of none. */
export type WorkloadKind = (typeof workloadKinds)[number]
export const workloadKinds = [...controllerKinds, 'Service'] as const

export interface Workload {
  kind: WorkloadKind
  name: string
  /** Absent: the namespace that each run creates for itself. */
  namespace?: string
  /** Its pods. */
  selector: LabelSelector
  containers: WorkloadContainers
  /** Clients connect to its first port. */
  service: { name: string; ports: ServicePort[] }
  /** Of the requests, with the query. */
  path: string
  identification: Identification
}

export interface WorkloadContainers {
  names: string[]
  /** The one to whose port the Service leads; the others work for it, or beside it. */
  front: string
  /** Whose logs are read, for what servers say of signals and requests; absent: of all, those included that a cluster adds. */
  logs?: string[]
}

export interface ServicePort {
  name?: string
  port: number
}

/** As metav1.LabelSelector: every requirement must be met. */
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
 * Header fields that identify an answer, by their names in lower case; `null` where answers have no such field. Where it is all
 * `null`, every 2xx is `ok` whoever gave it, and losses are attributed to pods by moments alone.
 */
export interface Identification extends Record<IdentifyingField, string | null> {
  /** Holds the name of the pod that answered. */
  podHeader: string | null
  /** Holds the run's id, which the pods have from their environment: an answer without it came from another workload. */
  workloadHeader: string | null
  /** Holds the id of the request that is answered. */
  requestIdHeader: string | null
}

type IdentifyingField = (typeof identifyingFields)[number]
export const identifyingFields = ['podHeader', 'workloadHeader', 'requestIdHeader'] as const

/** What apps/app/app.py and apps/nginx/nginx.conf answer with. */
export const sampleIdentification: Identification = {
  podHeader: 'x-nodrop-pod',
  workloadHeader: 'x-nodrop-workload',
  requestIdHeader: 'x-request-id',
}

export const noIdentification: Identification = { podHeader: null, workloadHeader: null, requestIdHeader: null }

/** By what the sample application understands (apps/app/app.py): how long to work, and how much to answer. */
export function buildSamplePath({ workMs, responseBytes }: { workMs: number; responseBytes?: number }): string {
  return `/?ms=${workMs}${responseBytes === undefined ? '' : `&bytes=${responseBytes}`}`
}

/** The workload of manifests/base/web.yaml, which plans do not describe that were written before they had a field for it. */
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

/** As the API takes it in the query of a list or watch, for example `app=web,tier in (a,b),!canary`. */
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
