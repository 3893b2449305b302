/** What nodrop knows of a kind of cluster: one row of the table in providers.ts, from a module of its own. */
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
  /** Of a cluster that is named by a context. */
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
  /** Where a cluster of this run's own keeps its kubeconfig. */
  stateDir: string
  /** Node image for kind; default: the newest on this machine, else kind's own. */
  kindImage?: string
  /** What will be done to pods there: what that needs is asked for before anything is made. */
  disruptions?: readonly Disruption['kind'][]
  /** The id of what is measured there. */
  comparison?: string
  /** Leaves a kind cluster and says how to reach it. */
  keep?: boolean
  signal: AbortSignal
}

/** A machine that is not this one, where the load is sent. */
export interface RemoteMachine {
  kernel: string
  cpus: number
  cpuModel: string
}

/** Which connections are to be told, and where: on the node of who makes them. */
export interface TrackedConnections {
  api: KubeApi
  node: string
  /** Which of them. */
  filter: ConnectionFilter
  /** That may be made for it; absent: none was asked for. */
  pod?: TrackingPod
  /** Ends it. */
  signal: AbortSignal
}

export interface TrackingPod {
  namespace: string
  /** Without its node and its arguments. */
  manifest: V1Pod
}

/** What a run on such a cluster depends on, and does not have to ask for. */
export interface ClusterFacts {
  /** In sentences: "Cannot … on the embedded cluster". */
  title: string
  /** What starting one does, and how long it takes; empty when nothing is started. */
  startNotice: string
  /** Somebody else runs it, and a context of the user's kubeconfig names it. */
  isNamedByContext: boolean
  /** Its nodes read the wall clock of this machine. */
  sharesOurClock: boolean
  /** Its Events carry instants of this machine's monotonic clock. */
  tellsExactEvents: boolean
  /** There may be an ingress controller. */
  hasIngress: boolean
  /** Every field of a pod has the effect that Kubernetes gives it. */
  enforcesPodFields: boolean
  /** Its nodes pull the sample images from a registry: nodrop cannot bring them. */
  pullsImages: boolean
  /** The load is sent from processors of this machine, unless `readRemoteMachine` finds another one. */
  sendsLoadFromHere: boolean
}

export interface ClusterProvider {
  readonly facts: ClusterFacts
  /** How long `nodrop up` waits for its start, and `nodrop down` for its end. */
  readonly limitsMs: { start: number; end: number }
  /** What it needs, in the order in which it makes sense to repair it. */
  check: (named?: ContextOptions) => Promise<MachineCheck[]>
  start: (options: StartOptions) => Promise<Cluster>
  /** Deletes what processes that no longer run have left; gives the names of what was deleted or undone. */
  sweep: (options: SweepOptions) => Promise<string[]>
  /** Brings the sample images, as they are now, to the nodes of a running cluster. */
  loadImages: (kubeconfig: string, options: LoadImagesOptions) => Promise<void>
  /** Where only a look can tell; `null` when that does not tell either. */
  readNodeClock?: (kubeconfig: string) => Promise<NodeClock | null>
  /**
   * What conntrack(8) writes on a node about new connections to a Service (see run/tracking/), problems included; ends when it ends.
   * Throws a Fault where connections cannot be tracked. Absent: never.
   */
  trackConnections?: (tracked: TrackedConnections) => Promise<AsyncIterable<unknown>>
  /** `null` when it is this machine after all. */
  readRemoteMachine?: () => Promise<RemoteMachine | null>
  /** What a driver goes before when it wants a core. */
  readDriverPrecedence?: () => 'all' | 'workload'
}
