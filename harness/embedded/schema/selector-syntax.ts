/** Label and field selectors: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
import { getLabel, matchesRequirement } from '../store/label-selector.ts'
import type { LabelSelector, Labels, Requirement } from '../store/label-selector.ts'
import type { KubeObject, Plural } from '../store/objects.ts'
import { getAtPath } from './schema.ts'
import { newBadRequest } from './status.ts'

/** One requirement: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a` or `!a`. */
const requirementPattern = /^\s*(?:(!)\s*)?([^\s=!,()]+)\s*(?:(==|=|!=)\s*([^\s=!,()]*)|(in|notin)\s*\(([^()]*)\))?\s*$/

export function parseLabelSelector(text: string): (labels: Labels | undefined) => boolean {
  // Commas within parentheses belong to a set.
  const parts = text.split(/,(?![^()]*\))/).filter((part) => part.trim() !== '')
  const requirements = parts.map((part): Requirement => {
    const [all, not, key = '', equality, value, set, values] = requirementPattern.exec(part) ?? []
    if (all === undefined || (not !== undefined && (equality ?? set) !== undefined)) {
      throw newBadRequest(`unable to parse requirement: found '${part.trim()}', expected: a label selector requirement`)
    }
    if (equality !== undefined) return { key, operator: equality === '!=' ? 'NotIn' : 'In', values: [value ?? ''] }
    if (set === undefined) return { key, operator: not === undefined ? 'Exists' : 'DoesNotExist', values: [] }
    const list = (values ?? '').split(',').map((one) => one.trim())
    return { key, operator: set === 'in' ? 'In' : 'NotIn', values: list }
  })
  return (labels) =>
    requirements.every((requirement) => matchesRequirement(requirement, getLabel(labels, requirement.key)))
}

export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0
}

const everywhere = new Set(['metadata.name', 'metadata.namespace'])
const involved = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']
const podFields =
  'spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName spec.hostNetwork ' +
  'status.phase status.podIP status.podIPs status.nominatedNodeName'
/** The fields by which each kind can be selected, besides name and namespace. */
const selectable: { [P in Plural]?: string[] } = {
  pods: podFields.split(' '),
  events: ['reason', 'reportingComponent', 'source', 'type', ...involved.map((field) => `involvedObject.${field}`)],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  replicasets: ['status.replicas'],
}

export function parseFieldSelector(plural: Plural, text: string): (object: KubeObject) => boolean {
  const terms = text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, field, operator, value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? []
      if (field === undefined) throw newBadRequest(`invalid selector: '${text}'; can't understand '${part}'`)
      if (!everywhere.has(field) && !selectable[plural]?.includes(field)) {
        throw newBadRequest(`field label not supported: ${field}`)
      }
      return { path: field === 'source' ? 'source.component' : field, equal: operator !== '!=', value }
    })
  return (object) =>
    terms.every(({ path, equal, value }) => {
      const found =
        getAtPath(object, path) ?? (path === 'spec.unschedulable' || path === 'spec.hostNetwork' ? false : '')
      return ((typeof found === 'string' ? found : JSON.stringify(found)) === value) === equal
    })
}

/** In the form of labels.Selector: sorted by key, `a=b` for labels, `a in (b,c)` for sets. */
export function formatSelector(selector: LabelSelector): string {
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }))
  const sets = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return { key, text: key }
    if (operator === 'DoesNotExist') return { key, text: `!${key}` }
    return { key, text: `${key} ${operator.toLowerCase()} (${[...values].sort().join(',')})` }
  })
  const all = [...equal, ...sets].sort((a, b) => (a.key < b.key ? -1 : 1))
  return all.map(({ text }) => text).join(',')
}
