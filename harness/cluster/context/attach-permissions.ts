/** What it takes to measure a workload where it runs: the same lists as `manifests/rbac/attach.yaml`, which a test holds. */
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { Permission } from './permissions.ts'

/** In the namespaces that runs make for their drivers. */
export const attachPermissions: readonly Permission[] = [
  { group: '', resource: 'namespaces', verbs: ['create', 'delete', 'get', 'list'] },
  { group: '', resource: 'configmaps', verbs: ['create'] },
  { group: '', resource: 'events', verbs: ['list'] },
  { group: '', resource: 'pods', verbs: ['create', 'deletecollection', 'get', 'list'] },
  { group: '', resource: 'pods/proxy', verbs: ['create', 'get'] },
  { group: '', resource: 'serviceaccounts', verbs: ['get'] },
  { group: '', resource: 'services', verbs: ['create', 'get'] },
  { group: 'batch', resource: 'jobs', verbs: ['create'] },
]

/** In the target's namespace. */
export const targetPermissions: readonly Permission[] = [
  { group: '', resource: 'events', verbs: ['list', 'watch'] },
  { group: '', resource: 'pods', verbs: ['list', 'watch'] },
  { group: '', resource: 'services', verbs: ['get', 'list'] },
  { group: 'apps', resource: 'deployments', verbs: ['get', 'list'] },
  { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list', 'watch'] },
]

/** There too; without it no logs are read. */
export const optionalTargetPermissions: readonly Permission[] = [{ group: '', resource: 'pods/log', verbs: ['get'] }]

/**
 * There too, for the disruptions of `--scenario`; a command has its own credentials. `null`: not done to a target, because it would stay
 * changed, or because it takes a node from others.
 */
export const disruptPermissions: { readonly [K in Disruption['kind']]: readonly Permission[] | null } = {
  command: [],
  observed: [],
  'rollout-restart': [{ group: 'apps', resource: 'deployments', verbs: ['patch'] }],
  scale: [{ group: 'apps', resource: 'deployments/scale', verbs: ['patch'] }],
  evict: [{ group: '', resource: 'pods/eviction', verbs: ['create'] }],
  delete: [{ group: '', resource: 'pods', verbs: ['delete'] }],
  apply: null,
  autoscale: null,
  drain: null,
  step: null,
  update: null,
}
