import type { ClusterKind } from '../model/cluster-kind.ts'
import type { ScaledWorkload } from './scaled-workloads.ts'

/** A running cluster. Everything that deploys, disrupts and observes gets no more than this and cannot tell one kind from another. */
export interface Cluster extends AsyncDisposable {
  readonly kind: ClusterKind
  /** Path of a private kubeconfig that names this cluster and no other. */
  readonly kubeconfig: string
  /** One line for people: what it is and where. */
  readonly description: string
  /** Aborts with the reason when the cluster ends by itself. */
  readonly lost: AbortSignal
  /**
   * Writes down that a namespace will be made, before it is, and gives labels by which it can be known again. Absent where the
   * cluster itself goes, and everything with it.
   */
  readonly recordNamespace?: (namespace: string) => Record<string, string>
  /** Writes down that a workload which stays will be scaled, before it is; what it gives crosses that out. */
  readonly recordScaled?: (scaled: ScaledWorkload) => () => void
}
