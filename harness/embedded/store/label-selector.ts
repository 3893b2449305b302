/** Label and node selectors. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
import type * as k8s from '@kubernetes/client-node'
import type { Node, Wire } from './objects.ts'

export type Labels = Record<string, string>
export type LabelSelector = Wire<k8s.V1LabelSelector>
type NodeSelectorTerm = Wire<k8s.V1NodeSelectorTerm>
export interface Requirement {
  key: string
  operator: string
  values?: string[]
}

/** A Service's or a pod's plain selector: every pair must match. */
export function hasLabels(labels: Labels | undefined, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => getLabel(labels, key) === value)
}

/** No selector selects nothing, an empty one everything (LabelSelectorAsSelector). */
export function matchesLabelSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (!selector) return false
  return (
    hasLabels(labels, selector.matchLabels ?? {}) &&
    (selector.matchExpressions ?? []).every((requirement) =>
      matchesRequirement(requirement, getLabel(labels, requirement.key)),
    )
  )
}

/** Terms are alternatives, the expressions of a term are all required; a term without any selects nothing. */
export function matchesNodeSelectorTerms(terms: NodeSelectorTerm[], node: Node): boolean {
  return terms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false
    return (
      matchExpressions.every((requirement) =>
        matchesRequirement(requirement, getLabel(node.metadata?.labels, requirement.key)),
      ) && matchFields.every((field) => field.key === 'metadata.name' && matchesRequirement(field, node.metadata?.name))
    )
  })
}

/** A label may have the name of a method of every object. */
export function getLabel(labels: Labels | undefined, key: string): string | undefined {
  return labels && Object.hasOwn(labels, key) ? labels[key] : undefined
}

/** Gt and Lt are only for nodes. */
export function matchesRequirement({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}
