/** The container stop that a loss belongs to, and its signal. */
import type { LossStop } from '../../model/loss.ts'
import type { RequestRecord } from '../../model/record.ts'
import type { ContainerTimeline, PodTimeline } from '../../model/result.ts'
import { listSignalsUs } from './pod-moments.ts'
import { getEarliestUs, isClaim, getLatestUs } from './certainty.ts'

type ContainerMomentEntry = ContainerTimeline['moments'][number]

/**
 * Containers are signalled at different times, and it is unknown which of them had the request: the last one stopped before the loss is the
 * likelier cause. If the pod answered with an error, the answering container was alive, so one that had exited is preferred.
 */
export function findStop(
  life: PodTimeline,
  { outcome }: Pick<RequestRecord, 'outcome'>,
  lostUs: number,
): LossStop | null {
  const stops = life.containers
    .map((container) => ({ container, marks: listStopMoments(container, lostUs) }))
    .filter(({ marks }) => marks.length > 0)
  const exited = stops.filter(({ marks }) => marks.some(({ moment }) => moment === 'exited'))
  const [last] = (outcome === 'http-5xx' && exited.length > 0 ? exited : stops).sort(
    (a, b) => getEarliestUs(b.marks.at(-1)!) - getEarliestUs(a.marks.at(-1)!),
  )
  if (last === undefined) return null
  const { container, marks } = last
  const signal = marks.findLast(({ moment }) => moment === 'signal')
  const exit = marks.findLast((told) => told.moment === 'exited' && getLatestUs(told) <= lostUs)
  return {
    container: container.name,
    signal: signal?.detail ?? null,
    signalUs: signal === undefined || isClaim(signal) ? null : signal.atUs,
    exitedUs: exit === undefined ? null : getLatestUs(exit),
    faults: container.faults.filter(({ atUs }) => atUs <= lostUs),
  }
}

/** When the signal for the loss was sent; if none was sent by then, the next one. */
export function findSignalUs(life: PodTimeline, stop: LossStop | null, lostUs: number): number | null {
  if (stop !== null && (stop.signalUs !== null || stop.signal !== null)) return stop.signalUs
  const signals = listSignalsUs(life)
  return signals.findLast((atUs) => atUs <= lostUs) ?? signals[0] ?? null
}

/** Signals and exits that may have happened by then, of a container that has not been restarted since; in order. */
function listStopMoments({ moments }: ContainerTimeline, lostUs: number): ContainerMomentEntry[] {
  const known = moments.filter((told) => getEarliestUs(told) <= lostUs)
  const started = known.findLastIndex(({ moment }) => moment === 'started')
  return known.slice(started + 1).filter(({ moment }) => moment === 'signal' || moment === 'exited')
}
