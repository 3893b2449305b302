/** How a container of a deleted pod was stopped: the KILL that no Event tells of, and what went wrong. */
import type { StopFault } from '../../model/loss.ts'
import type { ContainerTimeline, Observation } from '../../model/result.ts'
import { getEarliestUs } from './certainty.ts'

type ContainerMoments = ContainerTimeline['moments']
type ContainerMomentEntry = ContainerMoments[number]

/** What the API says of the pod's end. */
export interface Deletion {
  deletionUs: number | null
  graceSeconds: number | null
}

/** The news of a deletion may come so much later than the kubelet's. */
const apiLagUs = 2_000_000
/** 128 + SIGKILL. */
const sigkillExitCode = '137'
/** The kernel ends a hook's process with its container's PID 1; both are told a little apart. */
const coincidenceUs = 100_000

/**
 * With the KILL that ended the container where only its exit code says so. A kubelet sends it when the grace period is used up, which
 * counts from the deletion; who ended with 137 before was killed by something else, as for want of memory.
 */
export function insertImpliedKill(moments: ContainerMoments, deletion: Deletion): ContainerMoments {
  const graceEndUs = computeGraceEndUs(deletion)
  const exit = moments.findLast(({ moment }) => moment === 'exited')
  if (graceEndUs === null || exit?.detail !== sigkillExitCode || findKill(moments, deletion)) return moments
  if (exit.atUs + exit.errorUs < graceEndUs - apiLagUs) return moments
  const kill: ContainerMomentEntry = { ...exit, moment: 'signal', detail: 'SIGKILL' }
  return moments.toSpliced(moments.indexOf(exit), 0, kill)
}

/** Of moments that have the KILL. */
export function findStopFaults(moments: ContainerMoments, deletion: Deletion): StopFault[] {
  const faults = [findHookFault(moments, deletion), findOutlivedSignal(moments, deletion)]
  // A container whose hook outlasts its grace period has 2 s for its stop signal.
  if (faults[0]?.kind === 'hook-outlasted-grace') faults.pop()
  return faults.filter((fault) => fault !== null)
}

function findHookFault(moments: ContainerMoments, deletion: Deletion): StopFault | null {
  const { graceSeconds } = deletion
  const failed = moments.find((told) => told.moment === 'hook-failed' && !wasKilledWithContainer(told, moments))
  if (failed) return { atUs: getEarliestUs(failed), kind: 'hook-failed', detail: failed.detail }
  const began = moments.find(({ moment }) => moment === 'hook-began')
  const signal = findStopSignal(moments, deletion)
  const graceEndUs = computeGraceEndUs(deletion)
  if (!began || !signal || graceEndUs === null || !graceSeconds) return null
  const over = moments.some(({ moment, atUs }) => moment === 'hook-ended' && atUs <= signal.atUs)
  if (over || signal.atUs < graceEndUs - coincidenceUs) return null
  return { atUs: signal.atUs, kind: 'hook-outlasted-grace', graceSeconds }
}

function findOutlivedSignal(moments: ContainerMoments, deletion: Deletion): StopFault | null {
  const kill = findKill(moments, deletion)
  if (!kill || !deletion.graceSeconds) return null
  const signal = findStopSignal(moments, deletion)?.detail ?? null
  return { atUs: getEarliestUs(kill), kind: 'outlived-signal', signal, graceSeconds: deletion.graceSeconds }
}

/** A hook that its container took along has not failed. */
function wasKilledWithContainer(hook: ContainerMomentEntry, moments: ContainerMoments): boolean {
  const isNear = ({ atUs }: ContainerMomentEntry): boolean =>
    atUs <= hook.atUs + coincidenceUs && atUs >= hook.atUs - coincidenceUs
  return hook.detail === sigkillExitCode && moments.some((told) => told.moment === 'exited' && isNear(told))
}

function findKill(moments: ContainerMoments, { deletionUs }: Deletion): ContainerMomentEntry | undefined {
  if (deletionUs === null) return undefined
  return moments.find((told) => told.moment === 'signal' && told.detail === 'SIGKILL' && isAfter(told, deletionUs))
}

/** The first signal on the way to the pod's end, if it is not KILL. */
function findStopSignal(moments: ContainerMoments, { deletionUs }: Deletion): ContainerMomentEntry | undefined {
  if (deletionUs === null) return undefined
  const first = moments.find((told) => told.moment === 'signal' && isAfter(told, deletionUs))
  return first?.detail === 'SIGKILL' ? undefined : first
}

function isAfter(told: Observation, deletionUs: number): boolean {
  return told.atUs + told.errorUs >= deletionUs - apiLagUs
}

function computeGraceEndUs({ deletionUs, graceSeconds }: Deletion): number | null {
  return deletionUs === null || graceSeconds === null ? null : deletionUs + graceSeconds * 1_000_000
}
