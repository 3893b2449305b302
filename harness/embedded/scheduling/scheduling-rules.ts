/** Why a pod cannot run on a node, with the texts of the scheduler's plugins (pkg/scheduler/framework/plugins). */
import type * as k8s from '@kubernetes/client-node'
import type { Node, Pod, Stored, Wire } from '../store/objects.ts'
import { findAffinityViolation } from './pod-affinity.ts'
import { matchesNodeAffinity } from './cluster-snapshot.ts'
import type { ClusterSnapshot } from './cluster-snapshot.ts'
import { findSpreadViolation } from './topology-spread.ts'

type Taint = Wire<k8s.V1Taint>
type Toleration = Wire<k8s.V1Toleration>

/** The reason of the first plugin that rejects the node, in their default order; `undefined` when the pod fits. */
export function findUnschedulableReason(
  pod: Stored<Pod>,
  node: Stored<Node>,
  scene: ClusterSnapshot,
): string | undefined {
  const taint = listTaints(node).find(({ key, value = '', effect }) => !hasTolerationFor(pod, { key, value, effect }))
  if (taint?.key === unschedulableTaint) return 'node(s) were unschedulable'
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  if (!matchesNodeAffinity(pod, node)) return "node(s) didn't match Pod's node affinity/selector"
  return findSpreadViolation(pod, node, scene) ?? findAffinityViolation(pod, node, scene)
}

const unschedulableTaint = 'node.kubernetes.io/unschedulable'

/**
 * A cordoned or unready node counts as tainted, as the node controllers taint it.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
function listTaints({ spec, status }: Node): Taint[] {
  const ready = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  const taints: Taint[] = [
    ...(spec?.unschedulable === true ? [{ key: unschedulableTaint, effect: 'NoSchedule' }] : []),
    ...(ready === true ? [] : [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]),
    ...(spec?.taints ?? []),
  ]
  return taints.filter((taint) => taint.effect !== 'PreferNoSchedule')
}

function hasTolerationFor(pod: Pod, taint: Taint): boolean {
  return (pod.spec?.tolerations ?? []).some((toleration) => toleratesTaint(toleration, taint))
}

/** An empty key with `Exists` tolerates everything; an empty effect means every effect. */
export function toleratesTaint(
  { key = '', operator = 'Equal', value = '', effect = '' }: Toleration,
  taint: Taint,
): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  return operator === 'Exists' || (key !== '' && value === (taint.value ?? ''))
}
