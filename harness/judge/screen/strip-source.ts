/** All pods of a row that left, aligned at the instant of their deletion. Times are µs after it. */
import type { ComparisonRow } from '../../model/comparison.ts'
import type { FreshMargin, PodMargin } from '../../model/figures/margin.ts'
import type { Analysis } from '../../model/result.ts'
import { getOutcomeLook } from '../timeline/outcome-looks.ts'
import type { Family } from '../timeline/outcome-looks.ts'
import type { ReportedRun } from '../report/reported-run.ts'

/** The smallest and the largest value of all pods. */
export interface PodRange {
  leastUs: number
  mostUs: number
}

export interface StripSource {
  rounds: number
  /** Number of pods with a known margin, or part of one. */
  pods: number
  losses: { family: Family; atUs: number }[]
  /** Number of lost requests without a deleted pod: they have no position. */
  unplaced: number
  connecting: PodRange | null
  answering: PodRange | null
  /** For the pod with the smallest margin; `null` where no margin is known. */
  tightest: FreshMargin | null
  /** While the front server answered for an upstream that was gone. */
  upstream: PodRange | null
  /** What ended most of the front containers. */
  endedBy: string | null
}

/** From the judged rounds or, without any, from what was seen of the others. */
export function collectStripSource(row: ComparisonRow, runs: readonly ReportedRun[]): StripSource {
  const analyses = listCountedAnalyses(row, runs)
  try {
    return layOver(analyses)
  } catch {
    // An error in one run does not hide the others; its own section says why it cannot be drawn.
    return layOver([])
  }
}

function layOver(analyses: readonly Analysis[]): StripSource {
  const losses = analyses.flatMap((analysis) => analysis.losses)
  const margins = analyses.flatMap((analysis) => analysis.margins)
  const fresh = margins.flatMap((margin) => margin.fresh ?? [])
  const upstream = margins.flatMap((margin) => margin.upstream ?? [])
  const placed = losses.flatMap(({ outcome, sinceDeletionUs }) =>
    sinceDeletionUs === null ? [] : [{ family: getOutcomeLook(outcome).family, atUs: sinceDeletionUs }],
  )
  return {
    rounds: analyses.length,
    pods: margins.length,
    losses: placed,
    unplaced: losses.length - placed.length,
    connecting: findRange(fresh.map(({ connectingUs }) => connectingUs)),
    answering: findRange(fresh.map(({ answeringUs }) => answeringUs)),
    tightest: fresh.reduce<FreshMargin | null>(
      (least, one) => (least === null || one.marginUs < least.marginUs ? one : least),
      null,
    ),
    upstream: findRange(upstream.flatMap(({ fromUs, toUs }) => [fromUs, toUs])),
    endedBy: findMostFrequent(margins),
  }
}

function listCountedAnalyses({ rounds }: ComparisonRow, runs: readonly ReportedRun[]): Analysis[] {
  const judged = rounds.filter(({ state }) => state === 'judged')
  const byId = new Map(runs.map(({ analysis }) => [analysis.runId, analysis]))
  return (judged.length > 0 ? judged : rounds).flatMap(({ runId }) => byId.get(runId) ?? [])
}

function findRange(values: readonly number[]): PodRange | null {
  const [first] = values
  if (first === undefined) return null
  const [leastUs, mostUs] = [Math.min, Math.max].map((pick) => values.reduce((a, b) => pick(a, b), first))
  return { leastUs: leastUs ?? first, mostUs: mostUs ?? first }
}

function findMostFrequent(margins: readonly PodMargin[]): string | null {
  const known = margins.flatMap(({ endedBy }) => endedBy ?? [])
  const counts = [...Map.groupBy(known, (name) => name)].map(([name, { length }]) => ({ name, length }))
  return (
    counts.reduce<(typeof counts)[number] | null>(
      (most, one) => (most === null || one.length > most.length ? one : most),
      null,
    )?.name ?? null
  )
}
