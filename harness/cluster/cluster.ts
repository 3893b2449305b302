import type { ClusterKind } from '../model/cluster-kind.ts'
import type { ScaledWorkload } from './scaled-workloads.ts'

/** A running cluster. Code that deploys, disrupts and observes uses only this and cannot tell one kind from another. */
export interface Cluster extends AsyncDisposable {
  readonly kind: ClusterKind
  /** Path of a private kubeconfig that names this cluster and no other. */
  readonly kubeconfig: string
  /** One line for people: what it is and where. */
  readonly description: string
  /** Aborts with the reason when the cluster ends by itself. */
  readonly lost: AbortSignal
  /**
   * Records that a namespace is about to be made, and returns the labels that identify it. Absent if the cluster itself is deleted, with
   * everything in it.
   */
  readonly recordNamespace?: (namespace: string) => Record<string, string>
  /** Records that a workload which remains is about to be scaled; returns a function that deletes the record. */
  readonly recordScaled?: (scaled: ScaledWorkload) => () => void
}
