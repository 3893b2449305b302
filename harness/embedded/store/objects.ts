/** Kubernetes objects in wire form: JSON, with timestamps as strings. */
import type * as k8s from '@kubernetes/client-node'

/** A client type in wire form: `Date` and `V1MicroTime` are RFC 3339 strings there. */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer U)[]
    ? Wire<U>[]
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T

export type ObjectMeta = Wire<k8s.V1ObjectMeta>
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
}
/** An object that the store has accepted: named, with an identity and a version. */
export type Stored<T extends KubeObject> = T & {
  metadata: ObjectMeta & { name: string; uid: string; resourceVersion: string; creationTimestamp: string }
}

export type Namespace = Wire<k8s.V1Namespace>
export type Node = Wire<k8s.V1Node>
export type Pod = Wire<k8s.V1Pod>
export type PodSpec = Wire<k8s.V1PodSpec>
export type Container = Wire<k8s.V1Container>
export type ContainerStatus = Wire<k8s.V1ContainerStatus>
export type PodCondition = Wire<k8s.V1PodCondition>
export type Probe = Wire<k8s.V1Probe>
export type LifecycleHandler = Wire<k8s.V1LifecycleHandler>
export type Deployment = Wire<k8s.V1Deployment>
export type ReplicaSet = Wire<k8s.V1ReplicaSet>
export type Job = Wire<k8s.V1Job>
export type Service = Wire<k8s.V1Service>
export type EndpointSlice = Wire<k8s.V1EndpointSlice>
export type PodDisruptionBudget = Wire<k8s.V1PodDisruptionBudget>
export type ConfigMap = Wire<k8s.V1ConfigMap>
export type CoreEvent = Wire<k8s.CoreV1Event>

/** The kinds of the embedded cluster, by their plural name: the type of each, and its place in the API. */
export interface Kinds {
  namespaces: Namespace
  nodes: Node
  pods: Pod
  deployments: Deployment
  replicasets: ReplicaSet
  jobs: Job
  services: Service
  endpointslices: EndpointSlice
  poddisruptionbudgets: PodDisruptionBudget
  configmaps: ConfigMap
  events: CoreEvent
}
export type Plural = keyof Kinds

export interface KindInfo {
  kind: string
  /** '' for the core group. */
  group: string
  version: 'v1'
  namespaced: boolean
  singular: string
  shortNames: string[]
}

export const kinds: { readonly [P in Plural]: KindInfo } = {
  namespaces: createKindInfo('Namespace', '', false, 'ns'),
  nodes: createKindInfo('Node', '', false, 'no'),
  pods: createKindInfo('Pod', '', true, 'po'),
  deployments: createKindInfo('Deployment', 'apps', true, 'deploy'),
  replicasets: createKindInfo('ReplicaSet', 'apps', true, 'rs'),
  jobs: createKindInfo('Job', 'batch', true),
  services: createKindInfo('Service', '', true, 'svc'),
  endpointslices: createKindInfo('EndpointSlice', 'discovery.k8s.io', true),
  poddisruptionbudgets: createKindInfo('PodDisruptionBudget', 'policy', true, 'pdb'),
  configmaps: createKindInfo('ConfigMap', '', true, 'cm'),
  events: createKindInfo('Event', '', true, 'ev'),
}

function createKindInfo(kind: string, group: string, namespaced: boolean, ...shortNames: string[]): KindInfo {
  return { kind, group, version: 'v1', namespaced, singular: kind.toLowerCase(), shortNames }
}

export function formatApiVersion(info: KindInfo): string {
  return info.group === '' ? info.version : `${info.group}/${info.version}`
}

/** The annotation of the embedded cluster's Events with the time of the event, CLOCK_MONOTONIC in µs. */
export const monotonicAnnotation = 'nodrop.dev/monotonic-us'
/** The error bound of that time, µs; absent: negligible. */
export const monotonicErrorAnnotation = 'nodrop.dev/monotonic-error-us'

/** Kinds whose status is a subresource: an update of one leaves the other unchanged. */
export function hasStatusSubresource(plural: Plural): boolean {
  return !['configmaps', 'events', 'endpointslices'].includes(plural)
}
