/** Required affinity and anti-affinity between pods (pkg/scheduler/framework/plugins/interpodaffinity/filtering.go). */
import type * as k8s from '@kubernetes/client-node'
import type { Node, Pod, Stored, Wire } from '../store/objects.ts'
import type { Scene } from './cluster-snapshot.ts'
import { selects } from '../store/label-selector.ts'

type Term = Wire<k8s.V1PodAffinityTerm>

/** What is broken by the pod's own rules or by those of a pod that is there already; `undefined` when nothing is. */
export function brokenAffinity(pod: Stored<Pod>, node: Stored<Node>, scene: Scene): string | undefined {
  const affinity = affinityTerms(pod)
  if (!affinity.every((term) => isNear(term, pod, node, scene))) return "node(s) didn't match pod affinity rules"
  if (antiAffinityTerms(pod).some((term) => neighbours(term, pod, node, scene).length > 0)) {
    return "node(s) didn't match pod anti-affinity rules"
  }
  const objector = scene.placed.some((other) =>
    antiAffinityTerms(other).some(
      (term) => isMeant(term, other, pod) && sharesDomain(term, node, nodeOf(other, scene)),
    ),
  )
  return objector ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined
}

function affinityTerms({ spec }: Pod): Term[] {
  return spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
}

function antiAffinityTerms({ spec }: Pod): Term[] {
  return spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
}

/** The first pod of a group that wants to be together has nobody to join, and may start the group. */
function isNear(term: Term, pod: Stored<Pod>, node: Stored<Node>, scene: Scene): boolean {
  if (node.metadata.labels?.[term.topologyKey] === undefined) return false
  if (neighbours(term, pod, node, scene).length > 0) return true
  return isMeant(term, pod, pod) && !scene.placed.some((other) => isMeant(term, pod, other))
}

function neighbours(term: Term, pod: Stored<Pod>, node: Stored<Node>, scene: Scene): Stored<Pod>[] {
  return scene.placed.filter((other) => isMeant(term, pod, other) && sharesDomain(term, node, nodeOf(other, scene)))
}

/** Namespaces: those named, or with an empty selector all of them, or else that of the pod whose rule it is. */
function isMeant(term: Term, of: Stored<Pod>, other: Stored<Pod>): boolean {
  const named = term.namespaces ?? []
  const everywhere = term.namespaceSelector !== undefined && Object.keys(term.namespaceSelector).length === 0
  const namespaces = named.length > 0 ? named : [of.metadata.namespace]
  return (
    (everywhere || namespaces.includes(other.metadata.namespace)) && selects(term.labelSelector, other.metadata.labels)
  )
}

function nodeOf(pod: Pod, { nodes }: Scene): Stored<Node> | undefined {
  return nodes.find((node) => node.metadata.name === pod.spec?.nodeName)
}

function sharesDomain({ topologyKey }: Term, a: Node, b: Node | undefined): boolean {
  const domain = a.metadata?.labels?.[topologyKey]
  return domain !== undefined && domain === b?.metadata?.labels?.[topologyKey]
}
