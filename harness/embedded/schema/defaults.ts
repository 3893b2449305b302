/** Default values of the API server by kind: the supported part of the defaults.go files of Kubernetes 1.34. */
import type { Deployment, EndpointSlice, Job, Kinds, Namespace, Plural, ReplicaSet, Service } from '../store/objects.ts'
import { defaultPod, defaultPodSpec } from './pod-defaults.ts'

const doNothing = (): void => undefined

const defaulters: { [P in Plural]: (object: Kinds[P]) => void } = {
  pods: defaultPod,
  deployments: defaultDeployment,
  replicasets: defaultReplicaSet,
  jobs: defaultJob,
  services: defaultService,
  namespaces: defaultNamespace,
  endpointslices: defaultEndpointSlice,
  nodes: doNothing,
  poddisruptionbudgets: doNothing,
  configmaps: doNothing,
  events: doNothing,
}

/** Changes the object in place; idempotent. */
export function applyDefaults<P extends Plural>(plural: P, object: Kinds[P]): void {
  defaulters[plural](object)
}

function defaultDeployment(deployment: Deployment): void {
  const spec = (deployment.spec ??= {} as NonNullable<Deployment['spec']>)
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  const strategy = (spec.strategy ??= {})
  strategy.type ??= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...strategy.rollingUpdate }
  }
  defaultTemplate(spec)
}

function defaultReplicaSet(replicaSet: ReplicaSet): void {
  const spec = (replicaSet.spec ??= {} as NonNullable<ReplicaSet['spec']>)
  spec.replicas ??= 1
  defaultTemplate(spec)
}

/** If each index has its own limit the Job as a whole has none. */
function defaultJob(job: Job): void {
  const spec = (job.spec ??= {} as NonNullable<Job['spec']>)
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  spec.podReplacementPolicy ??= 'TerminatingOrFailed'
  defaultTemplate(spec)
}

function defaultTemplate(spec: { template?: NonNullable<Deployment['spec']>['template'] }): void {
  const template = (spec.template ??= {})
  template.spec ??= {} as NonNullable<typeof template.spec>
  defaultPodSpec(template.spec)
}

function defaultService(service: Service): void {
  const spec = (service.spec ??= {})
  spec.type ??= 'ClusterIP'
  spec.sessionAffinity ??= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  else spec.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: 10_800 } }
  spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') spec.externalTrafficPolicy ??= 'Cluster'
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP'
    port.targetPort ||= port.port
  }
}

function defaultNamespace(namespace: Namespace): void {
  const metadata = (namespace.metadata ??= {})
  if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
  namespace.spec ??= { finalizers: ['kubernetes'] }
}

function defaultEndpointSlice(slice: EndpointSlice): void {
  slice.endpoints ??= []
  for (const port of slice.ports ?? []) {
    port.name ??= ''
    port.protocol ??= 'TCP'
  }
}
