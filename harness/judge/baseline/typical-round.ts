/** One figure for the rounds of each side of a comparison, chosen so that its difference has the direction of their ranks. */
import { computeRoundFigure } from '../figures/loss-figures.ts'
import { computeMean } from '../statistics/mean.ts'

/** A mean follows one round with a long burst, ranks do not: where the two disagree, the median or the share of rounds is told. */
const summaries = {
  mean: computeMean,
  median: (values: readonly number[]): number => computeRoundFigure(values)!.median,
  /** The share of rounds that lost requests. */
  share: (values: readonly number[]): number => values.filter((value) => value > 0).length / values.length,
}
type Summary = keyof typeof summaries

export interface TypicalRounds {
  by: Summary
  before: number
  after: number
}

/** How a figure is told. */
export interface Telling {
  /** In the order in which they are preferred. */
  by: readonly [Summary, ...Summary[]]
  /** Differences below this share of the larger figure are noise of the machine, however many rounds show them. */
  least: number
}

/** Of values on either side: the first that differs as their ranks do (`superiority`), and enough; the preferred one where none does. */
export function summarizeRounds(
  first: readonly number[],
  second: readonly number[],
  { by, least, superiority }: Telling & { superiority: number },
): TypicalRounds {
  const all = by.map((one) => ({ by: one, before: summaries[one](first), after: summaries[one](second) }))
  return all.find((one) => isLarge(one, least) && pointsTo(one, superiority)) ?? all[0]!
}

/** Whether the figure after is above the one before where the rounds are, and below where they are. */
export function pointsTo({ before, after }: Pick<TypicalRounds, 'before' | 'after'>, superiority: number): boolean {
  return before !== after && Math.sign(after - before) === Math.sign(superiority - 0.5)
}

/** Whether they differ by this share of the larger one. */
export function isLarge({ before, after }: Pick<TypicalRounds, 'before' | 'after'>, least: number): boolean {
  return Math.abs(after - before) >= least * Math.max(Math.abs(before), Math.abs(after))
}
