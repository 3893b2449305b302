/** What the scheduler's rules look at. */
import type { Node, Pod, Stored } from '../store/objects.ts'
import { hasLabels, matchesNodeSelectorTerms } from '../store/label-selector.ts'

/** The scheduler's view of the cluster while it looks for a node. */
export interface ClusterSnapshot {
  nodes: Stored<Node>[]
  /** Pods that have a node and have not finished; terminating ones still take their place. */
  placed: Stored<Pod>[]
}

/** `nodeSelector` and the required node affinity, both. */
export function matchesNodeAffinity({ spec }: Pod, node: Node): boolean {
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return hasLabels(node.metadata?.labels, spec?.nodeSelector ?? {}) && (!terms || matchesNodeSelectorTerms(terms, node))
}
