/** The permissions for measuring a workload that runs already: the same lists as in `manifests/rbac/attach.yaml`, which a test compares. */
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import { controllerKinds } from '../../model/workload.ts'
import type { ControllerKind, WorkloadKind } from '../../model/workload.ts'
import type { Permission } from './permissions.ts'

/** In the namespaces that runs create for their drivers. */
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

/** Replaces these if the load comes from this machine: the UID of kube-system identifies a cluster. */
export const outsidePermissions: readonly Permission[] = [{ group: '', resource: 'namespaces', verbs: ['get'] }]

/** In the target's namespace, for any target. */
const observePermissions: readonly Permission[] = [
  { group: '', resource: 'events', verbs: ['list', 'watch'] },
  { group: '', resource: 'pods', verbs: ['list', 'watch'] },
  { group: '', resource: 'services', verbs: ['get', 'list'] },
  { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list', 'watch'] },
]

/** Also there; without it no logs are read. */
export const optionalTargetPermissions: readonly Permission[] = [{ group: '', resource: 'pods/log', verbs: ['get'] }]

const resources: Record<ControllerKind, string> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
}

/** Also there. A Service needs all kinds, to find the controllers of the pods that it selects. */
export function listTargetPermissions(kind: WorkloadKind): Permission[] {
  const controllers: Permission[] =
    kind === 'Service'
      ? controllerKinds.map((one) => ({ group: 'apps', resource: resources[one], verbs: ['get', 'list'] }))
      : [{ group: 'apps', resource: resources[kind], verbs: ['get'] }]
  return [...observePermissions, ...controllers]
}

/**
 * Also there, for the disruptions of `--scenario`; a command has its own credentials. Those for nodes are in `manifests/rbac/drain.yaml`.
 * For a Service whose pods have several controllers, as if they had none.
 */
export function listDisruptPermissions(disruption: Disruption['kind'], kind: WorkloadKind): readonly Permission[] {
  const resource = kind === 'Service' ? null : resources[kind]
  const listPatch = (subresource = ''): Permission[] =>
    resource === null ? [] : [{ group: 'apps', resource: resource + subresource, verbs: ['patch'] }]
  const evict: Permission[] = [{ group: '', resource: 'pods/eviction', verbs: ['create'] }]
  const byKind: Record<Disruption['kind'], readonly Permission[]> = {
    command: [],
    apply: [],
    step: [],
    observed: [],
    'rollout-restart': listPatch(),
    update: listPatch(),
    scale: listPatch('/scale'),
    autoscale: listPatch('/scale'),
    evict,
    delete: [{ group: '', resource: 'pods', verbs: ['delete'] }],
    drain: [...evict, { group: '', resource: 'nodes', verbs: ['get', 'list', 'patch'] }],
  }
  return byKind[disruption]
}
