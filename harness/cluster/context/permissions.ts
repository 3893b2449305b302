/** What a run asks of a cluster's API, and whether it may: the same lists as in `manifests/rbac/`, which a test holds. */
import type { V1SelfSubjectAccessReview } from '@kubernetes/client-node'
import { Fault } from '../../base/fault.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { KubeApi } from '../api.ts'

export interface Permission {
  /** `''` is the core group. */
  group: string
  /** With its subresource: `pods/eviction`. */
  resource: string
  verbs: readonly string[]
}

/** Of every run. Every resource but namespaces and nodes lies in the namespace that a run makes for itself. */
export const permissions: readonly Permission[] = [
  // `get` also of kube-system, whose UID tells one cluster from another.
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
  // Of --via ingress only.
  { group: 'networking.k8s.io', resource: 'ingresses', verbs: ['create', 'get'] },
  { group: 'policy', resource: 'poddisruptionbudgets', verbs: ['create', 'get'] },
]
/** Needed in addition by some disruptions, and only checked for the scenarios that use them. */
export const disruptionPermissions: { readonly [K in Disruption['kind']]?: readonly Permission[] } = {
  delete: [{ group: '', resource: 'pods', verbs: ['delete'] }],
  drain: [{ group: '', resource: 'nodes', verbs: ['get', 'list', 'patch'] }],
}

/**
 * Used where they are granted, and never asked for: whether the nodes read this machine's clock, and, of an embedded cluster, to which
 * pods its node leads connections.
 */
export const optionalNodePermissions: readonly Permission[] = [
  { group: '', resource: 'nodes', verbs: ['get', 'list'] },
  { group: '', resource: 'nodes/proxy', verbs: ['get'] },
]

/** Used with --via ingress where it is granted, and never asked for: which pods are those of the ingress controller. */
export const optionalIngressPermissions: readonly Permission[] = [{ group: '', resource: 'services', verbs: ['list'] }]

/** What runs need that do this to the pods. */
export function listRunPermissions(disruptions: readonly Disruption['kind'][]): Permission[] {
  return [...permissions, ...[...new Set(disruptions)].flatMap((kind) => disruptionPermissions[kind] ?? [])]
}

/** What it takes to delete what a run has left. */
export const sweepPermissions: readonly Permission[] = [
  { group: '', resource: 'namespaces', verbs: ['delete', 'get', 'list'] },
]

const reviewPath = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const limitMs = 20_000
/** Stands for the namespaces of the runs to come; nothing is made of that name. */
const ownNamespace = 'nodrop-preflight'

/** Those of `wanted` that the API server denies in a namespace, each with the verbs it denies; by default in one that a run would make. */
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

/** Whether everything is allowed, everywhere: more than anybody should have who measures. */
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
