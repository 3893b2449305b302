/** The cost of a disruption: how many requests were lost, of how many due while pods left, and in which seconds. */
import { formatCount, formatPercent, noFigure } from '../../base/figures.ts'
import type { LossFigures, RoundFigure, RowLossFigures } from '../../model/figures/loss-figures.ts'
import type { Loss, PodTimeline } from '../../model/result.ts'
import type { RequestTable } from '../facts/request-table.ts'

const secondUs = 1_000_000

type DueCounts = Pick<RequestTable, 'countDue'>

interface Disruption {
  /** When it began; `null` if it never did. */
  beganUs: number | null
  /** The end of the log. */
  endUs: number
}

/** Pods that left because of a disruption, in the order of deletion: those that had been ready, as others never served a request. */
export function listLeavingPods(
  pods: readonly PodTimeline[],
  beganUs: number | null,
): (PodTimeline & { deletionUs: number })[] {
  return pods
    .filter(
      (pod): pod is PodTimeline & { deletionUs: number } =>
        beganUs !== null &&
        pod.deletionUs !== null &&
        pod.deletionUs >= beganUs &&
        pod.readyUs !== null &&
        pod.readyUs <= pod.deletionUs,
    )
    .sort((a, b) => a.deletionUs - b.deletionUs || (a.pod < b.pod ? -1 : 1))
}

/** `losses`: those that the disruption may have caused. */
export function computeLossFigures(
  requests: DueCounts,
  losses: readonly Pick<Loss, 'request'>[],
  { pods, beganUs, endUs }: Disruption & { pods: readonly PodTimeline[] },
): LossFigures {
  const leaving = listLeavingPods(pods, beganUs)
  const [first] = leaving
  const span = first ? { fromUs: first.deletionUs, toUs: findLastEndUs(leaving, endUs) } : null
  const dueUs = losses.map(({ request }) => request.dueUs)
  const lostInSpan = span ? dueUs.filter((us) => span.fromUs <= us && us < span.toUs).length : 0
  return {
    lost: losses.length,
    podsReplaced: leaving.length,
    span,
    dueInSpan: span ? requests.countDue(span.fromUs, span.toUs) : 0,
    lostInSpan,
    ...countBySecond(requests, dueUs, span?.fromUs ?? beganUs ?? 0),
  }
}

function findLastEndUs(leaving: readonly PodTimeline[], endUs: number): number {
  return leaving.reduce((last, { goneUs }) => Math.max(last, goneUs ?? endUs), -Infinity)
}

/** Half-open, counted from `originUs` in both directions: a request that was due before may have been in flight. */
function countBySecond(
  requests: DueCounts,
  lostDueUs: readonly number[],
  originUs: number,
): Pick<LossFigures, 'secondsWithLosses' | 'worstSecond'> {
  const seconds = Map.groupBy(lostDueUs, (us) => Math.floor((us - originUs) / secondUs))
  const [worst] = [...seconds].sort(([a, inA], [b, inB]) => inB.length - inA.length || a - b)
  if (!worst) return { secondsWithLosses: 0, worstSecond: null }
  const fromUs = originUs + worst[0] * secondUs
  const due = requests.countDue(fromUs, fromUs + secondUs)
  return { secondsWithLosses: seconds.size, worstSecond: { fromUs, due, lost: worst[1].length } }
}

/** Median and range, with the mean of the middle two for an even number; `null` without values. */
export function computeRoundFigure(values: readonly number[]): RoundFigure | null {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  if (low === undefined || high === undefined) return null
  return { median: (low + high) / 2, min: sorted[0]!, max: sorted.at(-1)!, rounds: sorted.length }
}

/** `30`, or `30 (18–41)` where rounds differ: median and range. */
export function formatRoundFigure(figure: RoundFigure | null): string {
  if (figure === null) return noFigure
  const { median, min, max } = figure
  return min === max ? formatCount(median) : `${formatCount(median)} (${formatCount(min)}–${formatCount(max)})`
}

/** `4.2 % of those due while pods left`; empty where no pod left, as after a crash. */
export function formatShareInSpan({ lostInSpan, dueInSpan }: Pick<LossFigures, 'lostInSpan' | 'dueInSpan'>): string {
  return dueInSpan === 0 ? '' : `${formatPercent(lostInSpan, dueInSpan)} of those due while pods left`
}

/** Sums over the judged rounds of a row. */
export function sumLossFigures(rounds: readonly LossFigures[]): RowLossFigures {
  const [worst = null] = rounds
    .map(({ worstSecond }) => worstSecond)
    .filter((one) => one !== null)
    .sort((a, b) => b.lost - a.lost)
  return {
    secondsWithLosses: computeRoundFigure(rounds.map(({ secondsWithLosses }) => secondsWithLosses)),
    worstSecond: worst,
    lostInSpan: rounds.reduce((sum, { lostInSpan }) => sum + lostInSpan, 0),
    dueInSpan: rounds.reduce((sum, { dueInSpan }) => sum + dueInSpan, 0),
  }
}
