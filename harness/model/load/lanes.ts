/** What tells requests of a load apart: the client behaviour that they are of, and the part of a run in which they were due. */

/** One kind of client behaviour under load of the workload. */
export type WorkloadLane = (typeof workloadLanes)[number]
export const workloadLanes = ['fresh', 'reused', 'reused-post'] as const

/**
 * Beside the workload's lanes one to a pod that nothing disrupts, from the same driver and on the same ways: what is lost in
 * `control` the network or the machine has lost, and maybe more of the others' (law 6).
 */
export type Lane = WorkloadLane | 'control'
export const lanes: readonly Lane[] = [...workloadLanes, 'control']

/** Before anything is done to the pods, until the last old pod is gone, and from then on. */
export type Phase = (typeof phases)[number]
export const phases = ['before', 'during', 'after'] as const

/** Half-open: a request belongs to the phase in which it was due, `fromUs <= dueUs < toUs`. */
export interface PhaseSpan {
  phase: Phase
  fromUs: number
  toUs: number
}
