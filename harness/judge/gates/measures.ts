/** The value that a gate compares with its limit, and the range in which it certainly is by the evidence. */
import type { Conclusion } from '../../model/claims.ts'
import type { PodMargin } from '../../model/figures/margin.ts'
import type { LossFigures } from '../../model/figures/loss-figures.ts'
import type { GateName } from '../../model/gates/gate-kinds.ts'
import type { Gate } from '../../model/gates/gates.ts'
import type { Analysis, Loss, Quantiles } from '../../model/result.ts'
import type { RequestSelection } from '../facts/lane-results.ts'
import { listLeavingPods } from '../figures/loss-figures.ts'

/** The part of a run that gates use. */
export interface GatedRun extends Pick<
  Analysis,
  'ledger' | 'losses' | 'phases' | 'pods' | 'servers' | 'claims' | 'voided' | 'verdict' | 'because'
> {
  lossFigures: LossFigures
  margins: readonly PodMargin[]
  /** Number of steps of its scenario that disrupt pods. */
  disruptions: number
  /** Whether the disruption may have lost the request. */
  isCaused: (loss: Loss) => boolean
  computeLatency: (selection: RequestSelection) => Quantiles
  countSent: (selection: RequestSelection) => number
}

export interface Reading {
  /** In the gate's unit; `null` where nothing could be measured. */
  value: number | null
  /** The smallest and largest possible value; absent: `value`. */
  atLeast?: number
  atMost?: number
  /** Why the value is unknown or inexact. */
  because?: string
}

type Measure = (run: GatedRun, gate: Gate) => Reading

export const measures: Record<GateName, Measure> = {
  lost: (run, gate) => readLosses(run, countLosses(run, gate)),
  /** By the disruption alone; a run may have several disruptions. */
  lostPerRollout: (run, gate) => {
    const caused = countLosses(run, gate, run.isCaused)
    return readLosses(run, caused === null ? null : caused / Math.max(1, run.disruptions))
  },
  lossRate: (run, gate) => {
    const [lost, sent] = [countLosses(run, gate), countSent(run, gate)]
    return readLosses(run, lost === null || sent === 0 ? null : lost / sent)
  },
  p50Ms: (run, gate) => readLatency(run, gate, 'p50Us'),
  p99Ms: (run, gate) => readLatency(run, gate, 'p99Us'),
  worstSecondLost: (run) => readLosses(run, run.lossFigures.worstSecond?.lost ?? 0),
  secondsWithLosses: (run) => readLosses(run, run.lossFigures.secondsWithLosses),
  marginMs: readMargin,
  drainSeconds: readDrain,
  duplicates: readDuplicates,
  unattributed: (run, gate) => {
    const count = countLosses(run, gate, isUnattributed)
    // Which losses these are depends on the same evidence as which pods lost them.
    const doubt = run.ledger.lost > 0 ? findDoubt(run, 'whose') : undefined
    return doubt === undefined ? readLosses(run, count) : { ...unlimited, value: count, because: doubt }
  },
}

/** Without any known limit. */
const unlimited = { atLeast: -Infinity, atMost: Infinity }

/**
 * A figure that grows with each lost request. It depends on `some-lost`, and is a lower bound without `none-lost` or, with losses, without
 * `how-many`.
 */
function readLosses(run: GatedRun, value: number | null): Reading {
  if (value === null) return { value }
  const some = run.ledger.lost > 0
  const doubt = some ? findDoubt(run, 'some-lost') : undefined
  if (doubt !== undefined) return { value, ...unlimited, because: doubt }
  const more = findDoubt(run, ...(some ? (['none-lost', 'how-many'] as const) : (['none-lost'] as const)))
  return more === undefined ? { value } : { value, atMost: Infinity, because: more }
}

/** Depends on `how-late`. Default phase: the time in which pods were replaced. */
function readLatency(run: GatedRun, { lane, phase = 'during' }: Gate, quantile: 'p50Us' | 'p99Us'): Reading {
  const selection = selectRequests(run, { phase, ...(lane !== undefined && { lane }) })
  const us = selection === null ? null : run.computeLatency(selection)[quantile]
  if (us === null) return { value: null }
  const doubt = findDoubt(run, 'how-late')
  return doubt === undefined ? { value: us / 1000 } : { value: us / 1000, ...unlimited, because: doubt }
}

/**
 * The smallest margin of new connections over the pods that left. Depends on `whose`, and on each margin being known to within its error:
 * smaller if connections may have come after the last known one, larger if the pod may have answered for longer.
 */
function readMargin(run: GatedRun): Reading {
  const known = run.margins.flatMap(({ pod, fresh }) => (fresh === null ? [] : [{ pod, ...fresh }]))
  const [first] = known
  if (first === undefined) return { value: null, because: explainUnknownMargins(run) }
  const least = known.reduce((best, one) => (one.marginUs < best.marginUs ? one : best), first)
  // Its error is of the order of ms.
  const value = Math.round(least.marginUs / 1000)
  const doubt = findDoubt(run, 'whose')
  if (doubt !== undefined) return { value, ...unlimited, because: doubt }
  const open = known.find(({ atLeast }) => atLeast)?.pod
  const isWhole = open === undefined && known.length === run.margins.length
  const lowest = Math.min(...known.map(({ marginUs, errorUs }) => marginUs - errorUs)) / 1000
  const ends = known.map(({ marginUs, errorUs, answeringAtLeast }) =>
    answeringAtLeast ? Infinity : marginUs + errorUs,
  )
  return {
    value,
    atLeast: isWhole ? lowest : -Infinity,
    atMost: Math.min(...ends) / 1000,
    because: isWhole
      ? `the least margin, of ${least.pod}, is known to ${Math.ceil(least.errorUs / 1000)} ms`
      : open === undefined
        ? explainUnknownMargins(run)
        : `connections may have come to ${open} after the last known one`,
  }
}

function explainUnknownMargins({ margins }: GatedRun): string {
  const pod = margins.find(({ fresh }) => fresh === null)?.pod
  return pod === undefined ? 'no pod left' : `of ${pod} it is not known until when connections came, or it answered`
}

/** The longest time from a deletion until the pod was gone, of pods deleted since the disruption began; depends on the watches. */
function readDrain(run: GatedRun): Reading {
  const fromUs = run.phases.find(({ phase }) => phase === 'during')?.fromUs ?? Infinity
  const left = listLeavingPods(run.pods, fromUs)
  const times = left.map(({ deletionUs, goneUs }) => (goneUs === null ? null : (goneUs - deletionUs) / 1_000_000))
  const ended = times.filter((time) => time !== null)
  const value = ended.length === 0 ? null : Math.max(...ended)
  const staying = left.find(({ goneUs }) => goneUs === null)?.pod
  if (value === null)
    return { value, because: staying === undefined ? 'no pod was deleted' : `${staying} was not seen to go` }
  const doubt = findBrokenClaim(run, 'log-whole', 'disruption-happened', 'watches-whole')
  if (doubt !== undefined) return { value, ...unlimited, because: doubt }
  return staying === undefined ? { value } : { value, atMost: Infinity, because: `${staying} was not seen to go` }
}

/** A duplicate that was seen is certain; that there was no other depends on all logs having been read to their ends. */
function readDuplicates({ servers, ...run }: GatedRun): Reading {
  if (servers === null) return { value: null, because: 'no server’s log tells which requests it had' }
  const value = servers.repeated
  const doubt = findBrokenClaim(run, 'log-whole')
  if (doubt !== undefined) return { value, ...unlimited, because: doubt }
  const unread = servers.logs.find(({ complete }) => !complete)
  return unread === undefined
    ? { value }
    : { value, atMost: Infinity, because: `the log of ${unread.pod} was not read to its end` }
}

/** A name that was not resolved, and a failure of an ingress controller, belong to no pod. */
function isUnattributed({ attributedBy, podless, outcome, origin, candidates }: Loss): boolean {
  const hadNone = outcome === 'dns' || (origin === 'controller' && candidates.length === 0)
  return attributedBy === null && podless !== 'certain' && !hadNone
}

/** Losses that were due in the phase; `null` if it never began. */
function countLosses(run: GatedRun, gate: Gate, isCounted?: (loss: Loss) => boolean): number | null {
  const selection = selectRequests(run, gate)
  if (selection === null) return null
  const { lane, span } = selection
  if (lane === undefined && span === undefined && isCounted === undefined) return run.ledger.lost
  return run.losses.filter(
    (loss) =>
      (lane === undefined || loss.request.lane === lane) &&
      (span === undefined || (span.fromUs <= loss.request.dueUs && loss.request.dueUs < span.toUs)) &&
      (isCounted?.(loss) ?? true),
  ).length
}

function countSent(run: GatedRun, gate: Gate): number {
  const selection = selectRequests(run, gate)
  return selection === null ? 0 : run.countSent(selection)
}

function selectRequests({ phases }: GatedRun, { lane, phase }: Pick<Gate, 'lane' | 'phase'>): RequestSelection | null {
  const span = phases.find((one) => one.phase === phase)
  if (phase !== undefined && span === undefined) return null
  return { ...(lane !== undefined && { lane }), ...(span !== undefined && { span }) }
}

/** Why one of these may not be concluded; `undefined` if all may. */
function findDoubt(
  { voided, claims }: Pick<GatedRun, 'voided' | 'claims'>,
  ...needed: Conclusion[]
): string | undefined {
  const lacking = needed.find((one) => voided.includes(one))
  if (lacking === undefined) return undefined
  const claim = claims.find(({ holds, conclusions }) => !holds && conclusions.includes(lacking))
  return claim?.problems[0] ?? 'the evidence for it is missing'
}

/** The first problem of the first of these claims that does not hold. */
function findBrokenClaim({ claims }: Pick<GatedRun, 'claims'>, ...names: string[]): string | undefined {
  const claim = claims.find(({ name, holds }) => names.includes(name) && !holds)
  return claim && (claim.problems[0] ?? claim.says)
}
