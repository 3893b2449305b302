/** Required affinity and anti-affinity between pods (pkg/scheduler/framework/plugins/interpodaffinity/filtering.go). */
import type * as k8s from '@kubernetes/client-node'
import type { Node, Pod, Stored, Wire } from '../store/objects.ts'
import type { ClusterSnapshot } from './cluster-snapshot.ts'
import { matchesLabelSelector } from '../store/label-selector.ts'

type AffinityTerm = Wire<k8s.V1PodAffinityTerm>

/** The violated rule of the pod or of an existing pod; `undefined` when there is none. */
export function findAffinityViolation(
  pod: Stored<Pod>,
  node: Stored<Node>,
  scene: ClusterSnapshot,
): string | undefined {
  const affinity = getAffinityTerms(pod)
  if (!affinity.every((term) => satisfiesAffinity(term, pod, node, scene)))
    return "node(s) didn't match pod affinity rules"
  if (getAntiAffinityTerms(pod).some((term) => findMatchingNeighbours(term, pod, node, scene).length > 0)) {
    return "node(s) didn't match pod anti-affinity rules"
  }
  const objector = scene.placed.some((other) =>
    getAntiAffinityTerms(other).some(
      (term) => matchesTerm(term, other, pod) && isSameDomain(term, node, findNode(other, scene)),
    ),
  )
  return objector ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined
}

function getAffinityTerms({ spec }: Pod): AffinityTerm[] {
  return spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
}

function getAntiAffinityTerms({ spec }: Pod): AffinityTerm[] {
  return spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
}

/** The first pod of a group with affinity to itself may run anywhere. */
function satisfiesAffinity(term: AffinityTerm, pod: Stored<Pod>, node: Stored<Node>, scene: ClusterSnapshot): boolean {
  if (node.metadata.labels?.[term.topologyKey] === undefined) return false
  if (findMatchingNeighbours(term, pod, node, scene).length > 0) return true
  return matchesTerm(term, pod, pod) && !scene.placed.some((other) => matchesTerm(term, pod, other))
}

function findMatchingNeighbours(
  term: AffinityTerm,
  pod: Stored<Pod>,
  node: Stored<Node>,
  scene: ClusterSnapshot,
): Stored<Pod>[] {
  return scene.placed.filter(
    (other) => matchesTerm(term, pod, other) && isSameDomain(term, node, findNode(other, scene)),
  )
}

/** Namespaces: the named ones, all with an empty selector, or else that of the pod with the rule. */
function matchesTerm(term: AffinityTerm, of: Stored<Pod>, other: Stored<Pod>): boolean {
  const named = term.namespaces ?? []
  const everywhere = term.namespaceSelector !== undefined && Object.keys(term.namespaceSelector).length === 0
  const namespaces = named.length > 0 ? named : [of.metadata.namespace]
  return (
    (everywhere || namespaces.includes(other.metadata.namespace)) &&
    matchesLabelSelector(term.labelSelector, other.metadata.labels)
  )
}

function findNode(pod: Pod, { nodes }: ClusterSnapshot): Stored<Node> | undefined {
  return nodes.find((node) => node.metadata.name === pod.spec?.nodeName)
}

function isSameDomain({ topologyKey }: AffinityTerm, a: Node, b: Node | undefined): boolean {
  const domain = a.metadata?.labels?.[topologyKey]
  return domain !== undefined && domain === b?.metadata?.labels?.[topologyKey]
}
