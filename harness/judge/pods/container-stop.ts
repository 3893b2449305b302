/** How a container of a deleted pod was stopped: the KILL that no Event tells of, and what went wrong. */
import type { StopFault } from '../../model/loss.ts'
import type { ContainerLife, Told } from '../../model/result.ts'
import { earliestUs } from './certainty.ts'

type Moments = ContainerLife['moments']
type Moment = Moments[number]

/** What the API says of the pod's end. */
export interface Deletion {
  deletionUs: number | null
  graceSeconds: number | null
}

/** The news of a deletion may come so much later than the kubelet's. */
const newsLagUs = 2_000_000
/** 128 + SIGKILL. */
const killedCode = '137'
/** The kernel ends a hook's process with its container's PID 1; both are told a little apart. */
const togetherUs = 100_000

/**
 * With the KILL that ended the container where only its exit code says so. A kubelet sends it when the grace period is used up, which
 * counts from the deletion; who ended with 137 before was killed by something else, as for want of memory.
 */
export function withKill(moments: Moments, deletion: Deletion): Moments {
  const graceEndUs = endOfGrace(deletion)
  const exit = moments.findLast(({ moment }) => moment === 'exited')
  if (graceEndUs === null || exit?.detail !== killedCode || killOf(moments, deletion)) return moments
  if (exit.atUs + exit.errorUs < graceEndUs - newsLagUs) return moments
  const kill: Moment = { ...exit, moment: 'signal', detail: 'SIGKILL' }
  return moments.toSpliced(moments.indexOf(exit), 0, kill)
}

/** Of moments that have the KILL. */
export function faultsOf(moments: Moments, deletion: Deletion): StopFault[] {
  const faults = [hookFault(moments, deletion), outlivedSignal(moments, deletion)]
  // A container whose hook outlasts its grace period has 2 s for its stop signal.
  if (faults[0]?.kind === 'hook-outlasted-grace') faults.pop()
  return faults.filter((fault) => fault !== null)
}

function hookFault(moments: Moments, deletion: Deletion): StopFault | null {
  const { graceSeconds } = deletion
  const failed = moments.find((told) => told.moment === 'hook-failed' && !endedWith(told, moments))
  if (failed) return { atUs: earliestUs(failed), kind: 'hook-failed', detail: failed.detail }
  const began = moments.find(({ moment }) => moment === 'hook-began')
  const signal = stopSignalOf(moments, deletion)
  const graceEndUs = endOfGrace(deletion)
  if (!began || !signal || graceEndUs === null || !graceSeconds) return null
  const over = moments.some(({ moment, atUs }) => moment === 'hook-ended' && atUs <= signal.atUs)
  if (over || signal.atUs < graceEndUs - togetherUs) return null
  return { atUs: signal.atUs, kind: 'hook-outlasted-grace', graceSeconds }
}

function outlivedSignal(moments: Moments, deletion: Deletion): StopFault | null {
  const kill = killOf(moments, deletion)
  if (!kill || !deletion.graceSeconds) return null
  const signal = stopSignalOf(moments, deletion)?.detail ?? null
  return { atUs: earliestUs(kill), kind: 'outlived-signal', signal, graceSeconds: deletion.graceSeconds }
}

/** A hook that its container took along has not failed. */
function endedWith(hook: Moment, moments: Moments): boolean {
  const near = ({ atUs }: Moment): boolean => atUs <= hook.atUs + togetherUs && atUs >= hook.atUs - togetherUs
  return hook.detail === killedCode && moments.some((told) => told.moment === 'exited' && near(told))
}

function killOf(moments: Moments, { deletionUs }: Deletion): Moment | undefined {
  if (deletionUs === null) return undefined
  return moments.find((told) => told.moment === 'signal' && told.detail === 'SIGKILL' && isAfter(told, deletionUs))
}

/** The first signal on the way to the pod's end, if it is not KILL. */
function stopSignalOf(moments: Moments, { deletionUs }: Deletion): Moment | undefined {
  if (deletionUs === null) return undefined
  const first = moments.find((told) => told.moment === 'signal' && isAfter(told, deletionUs))
  return first?.detail === 'SIGKILL' ? undefined : first
}

function isAfter(told: Told, deletionUs: number): boolean {
  return told.atUs + told.errorUs >= deletionUs - newsLagUs
}

function endOfGrace({ deletionUs, graceSeconds }: Deletion): number | null {
  return deletionUs === null || graceSeconds === null ? null : deletionUs + graceSeconds * 1_000_000
}
