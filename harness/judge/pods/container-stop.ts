/** How a container of a deleted pod was stopped: a KILL without an Event, and what went wrong. */
import type { StopFault } from '../../model/loss.ts'
import type { ContainerTimeline, Observation } from '../../model/result.ts'
import { getEarliestUs, getLatestUs } from './certainty.ts'

type ContainerMoments = ContainerTimeline['moments']
type ContainerMomentEntry = ContainerMoments[number]

/** The pod's end by the API. */
export interface Deletion {
  deletionUs: number | null
  graceSeconds: number | null
}

/** Maximum delay of the news of a deletion compared with the kubelet's. */
const apiLagUs = 2_000_000
/** 128 + SIGKILL. */
const sigkillExitCode = '137'
/** The kernel ends a hook's process together with its container's PID 1; both are reported a little apart. */
const coincidenceUs = 100_000

/**
 * Removes failures of hooks that only ended because their container did. A kubelet reports both as failures, and sends the stop signal once
 * the hook is over: if the container may have exited by then without that signal, it ended the hook.
 */
export function settleHooks(moments: ContainerMoments): ContainerMoments {
  return moments.flatMap((told): ContainerMoments => {
    if (told.moment !== 'hook-failed' || !hasEndedWithContainer(told, moments)) return [told]
    const isTold = moments.some(({ moment, atUs }) => moment === 'hook-ended' && atUs === told.atUs)
    return isTold ? [] : [{ ...told, moment: 'hook-ended' }]
  })
}

/**
 * Adds the KILL that ended the container where only its exit code shows it. A kubelet sends it when the grace period, counted from the
 * deletion, is over; a container that ended with 137 before was killed for another reason, such as lack of memory.
 */
export function insertImpliedKill(moments: ContainerMoments, deletion: Deletion): ContainerMoments {
  const graceEndUs = computeGraceEndUs(deletion)
  const exit = moments.findLast(({ moment }) => moment === 'exited')
  if (graceEndUs === null || exit?.detail !== sigkillExitCode || findKill(moments, deletion)) return moments
  if (exit.atUs + exit.errorUs < graceEndUs - apiLagUs) return moments
  const kill: ContainerMomentEntry = { ...exit, moment: 'signal', detail: 'SIGKILL' }
  return moments.toSpliced(moments.indexOf(exit), 0, kill)
}

/** Expects the moments with the KILL. */
export function findStopFaults(moments: ContainerMoments, deletion: Deletion): StopFault[] {
  const faults = [findHookFault(moments, deletion), findOutlivedSignal(moments, deletion)]
  // A container whose hook exceeds its grace period has 2 s for its stop signal.
  if (faults[0]?.kind === 'hook-outlasted-grace') faults.pop()
  return faults.filter((fault) => fault !== null)
}

function findHookFault(moments: ContainerMoments, deletion: Deletion): StopFault | null {
  const { graceSeconds } = deletion
  const failed = moments.find(({ moment }) => moment === 'hook-failed')
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

/** A program that is missing or cannot be run (exit codes 127 and 126) has failed, whatever came after. */
const notRun = /^12[67]$|not found|no such file/i

function hasEndedWithContainer(hook: ContainerMomentEntry, moments: ContainerMoments): boolean {
  if (notRun.test(hook.detail ?? '')) return false
  const began = moments.findLast((told) => hookBeginnings.has(told.moment) && getEarliestUs(told) <= getLatestUs(hook))
  const fromUs = began ? getEarliestUs(began) : getEarliestUs(hook) - coincidenceUs
  return moments.some((exit) => {
    if (exit.moment !== 'exited' || getEarliestUs(exit) > getLatestUs(hook) + coincidenceUs) return false
    // However late a kubelet notices, a hook ends with its container at the latest. An earlier exit belongs to an earlier start.
    if (getLatestUs(exit) < fromUs) return false
    return !moments.some((told) => isStopSignal(told) && isBetween(told, hook, exit))
  })
}

const hookBeginnings: ReadonlySet<ContainerMomentEntry['moment']> = new Set(['hook-began', 'stopping'])

/** A signal from the kubelet, or of its default kind: a server also logs signals that its hook sends. */
function isStopSignal({ moment, source, detail }: ContainerMomentEntry): boolean {
  return moment === 'signal' && (source !== 'log' || detail === 'SIGTERM')
}

/** Whether it may have come after one and before the other. */
function isBetween(told: ContainerMomentEntry, after: ContainerMomentEntry, before: ContainerMomentEntry): boolean {
  return getLatestUs(told) >= getEarliestUs(after) && getEarliestUs(told) <= getLatestUs(before)
}

function findKill(moments: ContainerMoments, { deletionUs }: Deletion): ContainerMomentEntry | undefined {
  if (deletionUs === null) return undefined
  return moments.find((told) => told.moment === 'signal' && told.detail === 'SIGKILL' && isAfter(told, deletionUs))
}

/** The first signal of the pod's termination, unless it is KILL. */
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
