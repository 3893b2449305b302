/** The input of the scheduler's rules. */
import type { Node, Pod, Stored } from '../store/objects.ts'
import { hasLabels, matchesNodeSelectorTerms } from '../store/label-selector.ts'

/** The cluster as the scheduler sees it while it chooses a node. */
export interface ClusterSnapshot {
  nodes: Stored<Node>[]
  /** Pods that have a node and have not finished; terminating ones still count. */
  placed: Stored<Pod>[]
}

/** `nodeSelector` and the required node affinity, both. */
export function matchesNodeAffinity({ spec }: Pod, node: Node): boolean {
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return hasLabels(node.metadata?.labels, spec?.nodeSelector ?? {}) && (!terms || matchesNodeSelectorTerms(terms, node))
}
