/** The permissions that a run needs in a cluster, and the check of them: the same lists as in `manifests/rbac/`, which a test compares. */
import type { V1SelfSubjectAccessReview } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { KubeApi } from '../api.ts'

export interface Permission {
  /** `''` is the core group. */
  group: string
  /** With the subresource: `pods/eviction`. */
  resource: string
  verbs: readonly string[]
}

/** For every run. All resources but namespaces and nodes are in the namespace that a run creates for itself. */
export const permissions: readonly Permission[] = [
  // `get` also for kube-system, whose UID identifies a cluster.
  { group: '', resource: 'namespaces', verbs: ['create', 'delete', 'get', 'list'] },
  { group: '', resource: 'configmaps', verbs: ['create'] },
  { group: '', resource: 'events', verbs: ['list', 'watch'] },
  { group: '', resource: 'pods', verbs: ['create', 'deletecollection', 'get', 'list', 'watch'] },
  { group: '', resource: 'pods/eviction', verbs: ['create'] },
  { group: '', resource: 'pods/log', verbs: ['get'] },
  { group: '', resource: 'pods/proxy', verbs: ['create', 'get'] },
  { group: '', resource: 'serviceaccounts', verbs: ['get'] },
  { group: '', resource: 'services', verbs: ['create', 'get'] },
  { group: 'apps', resource: 'deployments', verbs: ['create', 'get', 'patch'] },
  { group: 'apps', resource: 'deployments/scale', verbs: ['patch'] },
  { group: 'batch', resource: 'jobs', verbs: ['create'] },
  { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list', 'watch'] },
  // Only for --via ingress.
  { group: 'networking.k8s.io', resource: 'ingresses', verbs: ['create', 'get'] },
  { group: 'policy', resource: 'poddisruptionbudgets', verbs: ['create', 'get'] },
]
/** Needed in addition by some disruptions, and only checked for the scenarios that use them. */
export const disruptionPermissions: { readonly [K in Disruption['kind']]?: readonly Permission[] } = {
  delete: [{ group: '', resource: 'pods', verbs: ['delete'] }],
  drain: [{ group: '', resource: 'nodes', verbs: ['get', 'list', 'patch'] }],
}

/**
 * Used if granted, but never required: for whether the nodes share this machine's clock, and for the pods to which an embedded cluster's
 * node sends connections.
 */
export const optionalNodePermissions: readonly Permission[] = [
  { group: '', resource: 'nodes', verbs: ['get', 'list'] },
  { group: '', resource: 'nodes/proxy', verbs: ['get'] },
]

/** Used with --via ingress if granted, but never required: for finding the pods of the ingress controller. */
export const optionalIngressPermissions: readonly Permission[] = [{ group: '', resource: 'services', verbs: ['list'] }]

/** The permissions of runs with these disruptions. */
export function listRunPermissions(disruptions: readonly Disruption['kind'][]): Permission[] {
  return [...permissions, ...[...new Set(disruptions)].flatMap((kind) => disruptionPermissions[kind] ?? [])]
}

/** The permissions for deleting what a run has left. */
export const sweepPermissions: readonly Permission[] = [
  { group: '', resource: 'namespaces', verbs: ['delete', 'get', 'list'] },
]

const reviewPath = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const limitMs = 20_000
/** Stands for the namespaces of future runs; no such namespace is made. */
const ownNamespace = 'nodrop-preflight'

/** The permissions of `wanted` that the API server denies in a namespace, with the denied verbs; default: in one of a run. */
export async function findMissingPermissions(
  api: KubeApi,
  wanted: readonly Permission[],
  namespace: string = ownNamespace,
): Promise<Permission[]> {
  const answers = await Promise.all(
    wanted.map(async ({ verbs, ...about }) => {
      const allowed = await Promise.all(verbs.map((verb) => isAllowed(api, { ...about, verb }, namespace)))
      return { ...about, verbs: verbs.filter((_, index) => allowed[index] === false) }
    }),
  )
  return answers.filter(({ verbs }) => verbs.length > 0)
}

/** Whether everything is allowed everywhere, which is more than a measurement should have. */
export function canDoEverything(api: KubeApi): Promise<boolean> {
  return isAllowed(api, { group: '*', resource: '*', verb: '*' })
}

async function isAllowed(
  api: KubeApi,
  asked: { group: string; resource: string; verb: string },
  namespace: string = ownNamespace,
): Promise<boolean> {
  const { group, verb } = asked
  const [resource = '', subresource] = asked.resource.split('/')
  const place = ['namespaces', 'nodes', '*'].includes(resource) ? {} : { namespace }
  const body = JSON.stringify({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: { group, verb, resource, ...(subresource !== undefined && { subresource }), ...place },
    },
  })
  const answer = await api.request({ method: 'POST', path: reviewPath, body, signal: AbortSignal.timeout(limitMs) })
  if (answer.status !== 201) {
    const why = `POST ${reviewPath} was answered with ${answer.status}`
    throw new Fault('environment', `cannot ask what it may do: ${why}`)
  }
  return (JSON.parse(answer.body) as V1SelfSubjectAccessReview).status?.allowed === true
}

/** `create namespaces; list, watch events`. */
export function formatPermissions(list: readonly Permission[]): string {
  return list
    .map(({ group, resource, verbs }) => `${verbs.join(', ')} ${resource}${group === '' ? '' : `.${group}`}`)
    .join('; ')
}
