/** The interface to one kind of cluster: one row of the table in providers.ts, each from its own module. */
import type { ConnectionFilter } from '@nodrop/embedded-kubernetes'
import type { V1Pod } from '@kubernetes/client-node'
import type { ClusterKind, ManagedClusterKind } from '../model/cluster-kind.ts'
import type { Disruption } from '../model/disruptions/disruptions.ts'
import type { KubeApi } from './api.ts'
import type { Cluster } from './cluster.ts'
import type { ContextOptions } from './context/preflight.ts'
import type { MachineCheck } from './machine-check.ts'
import type { NodeClock } from './node-clock.ts'

export type { ManagedClusterKind } from '../model/cluster-kind.ts'
export type ManagedClusterChoice = 'auto' | ManagedClusterKind
export type ClusterChoice = 'auto' | ClusterKind

export interface Paths {
  apps: string
  scenarios: string
  manifests: string
  reports: string
}

interface SharedOptions {
  paths: Paths
  /** For a cluster that is named by a context. */
  named?: ContextOptions
  log: (line: string) => void
}

export interface SweepOptions extends SharedOptions {
  /** Is called for what could not be deleted or undone: it stays written down, for the next sweep. */
  onLeft?: (what: string) => void
}

export interface LoadImagesOptions extends SharedOptions {
  signal: AbortSignal
}

export interface StartOptions extends SharedOptions {
  /** Directory of the kubeconfig of a cluster that is made for this run. */
  stateDir: string
  /** Node image for kind; default: the newest on this machine, else kind's own. */
  kindImage?: string
  /** The disruptions of pods that will be performed there: their permissions are checked before anything is made. */
  disruptions?: readonly Disruption['kind'][]
  /** The id of the measurement there. */
  comparison?: string
  /** Keeps a kind cluster and logs how to reach it. */
  keep?: boolean
  signal: AbortSignal
}

/** Another machine, from which the load is sent. */
export interface RemoteMachine {
  kernel: string
  cpus: number
  cpuModel: string
}

/** The connections to report, and the node on which they are made. */
export interface TrackedConnections {
  api: KubeApi
  node: string
  /** Selects the connections. */
  filter: ConnectionFilter
  /** A pod that may be made for it; absent: none was requested. */
  pod?: TrackingPod
  /** Ends the tracking. */
  signal: AbortSignal
}

export interface TrackingPod {
  namespace: string
  /** Without its node and its arguments. */
  manifest: V1Pod
}

/** Properties of such a cluster that a run depends on and that are known in advance. */
export interface ClusterFacts {
  /** For sentences: "Cannot … on the embedded cluster". */
  title: string
  /** What starting one does, and how long that takes; empty if nothing is started. */
  startNotice: string
  /** It is run by others, and named by a context of the user's kubeconfig. */
  isNamedByContext: boolean
  /** Its nodes use the wall clock of this machine. */
  sharesOurClock: boolean
  /** Its Events contain instants of this machine's monotonic clock. */
  tellsExactEvents: boolean
  /** It may have an ingress controller. */
  hasIngress: boolean
  /** Every field of a pod has its effect of Kubernetes. */
  enforcesPodFields: boolean
  /** Its nodes pull the sample images from a registry: nodrop cannot load them. */
  pullsImages: boolean
  /** The load is sent by processors of this machine, unless `readRemoteMachine` returns another one. */
  sendsLoadFromHere: boolean
}

export interface ClusterProvider {
  readonly facts: ClusterFacts
  /** Time limits of `nodrop up` for its start, and of `nodrop down` for its end. */
  readonly limitsMs: { start: number; end: number }
  /** Its requirements, in the order in which it makes sense to repair them. */
  check: (named?: ContextOptions) => Promise<MachineCheck[]>
  start: (options: StartOptions) => Promise<Cluster>
  /** Deletes what processes that no longer run have left; returns the names of what was deleted or undone. */
  sweep: (options: SweepOptions) => Promise<string[]>
  /** Loads the present sample images into the nodes of a running cluster. */
  loadImages: (kubeconfig: string, options: LoadImagesOptions) => Promise<void>
  /** If a measurement is needed; `null` if it is unavailable. */
  readNodeClock?: (kubeconfig: string) => Promise<NodeClock | null>
  /**
   * The output of conntrack(8) on a node about new connections to a Service (see run/tracking/), including errors; ends when the program
   * does. Throws a Fault where connections cannot be tracked. Absent: never possible.
   */
  trackConnections?: (tracked: TrackedConnections) => Promise<AsyncIterable<unknown>>
  /** `null` if it is this machine after all. */
  readRemoteMachine?: () => Promise<RemoteMachine | null>
  /** The processes over which a driver has priority. */
  readDriverPrecedence?: () => 'all' | 'workload'
}
