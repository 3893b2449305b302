/** How requests of a load are classified: by the client behaviour, and by the part of a run in which they were due. */

/** One kind of client behaviour under load of the workload. */
export type WorkloadLane = (typeof workloadLanes)[number]
export const workloadLanes = ['fresh', 'reused', 'reused-post'] as const

/**
 * The workload's lanes, and `control` to a pod that nothing disrupts, from the same driver over the same network. A loss in `control` is
 * caused by the network or the machine, which may have caused other losses too (law 6).
 */
export type Lane = WorkloadLane | 'control'
export const lanes: readonly Lane[] = [...workloadLanes, 'control']

/** Before the first disruption, until the last old pod is gone, and after that. */
export type Phase = (typeof phases)[number]
export const phases = ['before', 'during', 'after'] as const

/** Half-open: a request belongs to the phase in which it was due, `fromUs <= dueUs < toUs`. */
export interface PhaseSpan {
  phase: Phase
  fromUs: number
  toUs: number
}
