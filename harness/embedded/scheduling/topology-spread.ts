/**
 * Even spreading over domains of nodes (pkg/scheduler/framework/plugins/podtopologyspread).
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
import type * as k8s from '@kubernetes/client-node'
import type { Node, Pod, Stored, Wire } from '../store/objects.ts'
import { isTerminating } from '../controllers/pod-state.ts'
import { matchesNodeAffinity } from './cluster-snapshot.ts'
import type { ClusterSnapshot } from './cluster-snapshot.ts'
import { hasLabels, matchesLabelSelector } from '../store/label-selector.ts'

type Constraint = Wire<k8s.V1TopologySpreadConstraint>

/** The violated hard constraint of the pod; `undefined` when there is none. */
export function findSpreadViolation(pod: Stored<Pod>, node: Stored<Node>, scene: ClusterSnapshot): string | undefined {
  for (const constraint of getConstraints(pod, 'DoNotSchedule')) {
    const domain = node.metadata.labels?.[constraint.topologyKey]
    const reason = "node(s) didn't match pod topology spread constraints"
    if (domain === undefined) return `${reason} (missing required label)`
    const counts = countByDomain(constraint, pod, scene)
    const fewest = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values())
    const own = matchesConstraint(constraint, pod, pod) ? 1 : 0
    if ((counts.get(domain) ?? 0) + own - fewest > constraint.maxSkew) return reason
  }
  return undefined
}

/** How crowded the node's domains are by the pod's soft constraints: less is better. */
export function computeCrowding(pod: Stored<Pod>, node: Stored<Node>, scene: ClusterSnapshot): number {
  return getConstraints(pod, 'ScheduleAnyway')
    .map((constraint) => {
      const domain = node.metadata.labels?.[constraint.topologyKey] ?? ''
      return countByDomain(constraint, pod, scene).get(domain) ?? 0
    })
    .reduce((sum, count) => sum + count, 0)
}

function getConstraints({ spec }: Pod, whenUnsatisfiable: string): Constraint[] {
  return (spec?.topologySpreadConstraints ?? []).filter((each) => each.whenUnsatisfiable === whenUnsatisfiable)
}

/** Domains of the nodes that the pod may run on at all (nodeAffinityPolicy Honor, the default), including empty ones. */
function countByDomain(
  constraint: Constraint,
  pod: Stored<Pod>,
  { nodes, placed }: ClusterSnapshot,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const node of nodes) {
    const domain = node.metadata.labels?.[constraint.topologyKey]
    if (domain === undefined || !matchesNodeAffinity(pod, node)) continue
    const here = placed.filter((other) => other.spec?.nodeName === node.metadata.name)
    const count = here.filter((other) => !isTerminating(other) && matchesConstraint(constraint, pod, other)).length
    counts.set(domain, (counts.get(domain) ?? 0) + count)
  }
  return counts
}

/** `matchLabelKeys` narrows the selector to pods with the same values, of the same revision for example. */
function matchesConstraint(
  { labelSelector, matchLabelKeys = [] }: Constraint,
  pod: Stored<Pod>,
  other: Stored<Pod>,
): boolean {
  const same = matchLabelKeys.flatMap((key) => {
    const value = pod.metadata.labels?.[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  return (
    other.metadata.namespace === pod.metadata.namespace &&
    matchesLabelSelector(labelSelector, other.metadata.labels) &&
    hasLabels(other.metadata.labels, Object.fromEntries(same))
  )
}
