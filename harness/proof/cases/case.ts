/** A conformance case: a function that acts on a cluster and returns its observations, and what the documentation promises. */
import type { Expected } from '../stage/expectation.ts'
import type { CaseContext } from '../stage/case-context.ts'

/** Plain data: the observations of a case. */
export type Observations = Record<string, unknown>

export interface Case {
  /** Unique; lower-case letters and dashes, so that it can be part of a namespace's name. */
  name: string
  /** What Kubernetes promises, in one sentence. */
  claim: string
  /** The page, KEP or API reference with that promise. */
  source: string
  observe: (scene: CaseContext) => Promise<Observations>
  expected: { readonly [key: string]: Expected }
  /** Default 60 s. */
  limitMs?: number
  /** Needs several users and groups, which the embedded cluster has only when it runs as root. */
  needsUsers?: true
}

/** Cases of one kind; the order is that of the table. */
export interface Topic {
  topic: string
  cases: readonly Case[]
}

/** Addresses of the pages that several cases cite. */
export const pages = {
  lifecycle: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/',
  termination: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
  hooks: 'https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/',
  sidecars: 'https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/',
  init: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/',
  probes: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  slices: 'https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/',
  deployment: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/',
  replicaSet: 'https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/',
  eviction: 'https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/',
  budget: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  finalizers: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/',
  api: 'https://kubernetes.io/docs/reference/using-api/api-concepts/',
  patch: 'https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/',
  garbage: 'https://kubernetes.io/docs/concepts/architecture/garbage-collection/',
  images: 'https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff',
  command: 'https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/',
} as const
