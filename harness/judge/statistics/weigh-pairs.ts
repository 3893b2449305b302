/** The evidence that two configurations differ, for every pair of a comparison's rows, adjusted for all pairs and looks. */
import { compareLosses } from './compare-losses.ts'
import type { LossComparison } from './compare-losses.ts'
import { compareTwins } from './compare-twins.ts'
import { adjustByHolm } from './exact-tests.ts'
import { listLooksUpTo } from './looks.ts'
import { pairRounds } from './pair-rounds.ts'
import type { RowRounds } from './pair-rounds.ts'

export interface WeighOptions {
  /** Whether rounds continued until all was decided: then findings at earlier looks count. Default: one look, at all rounds. */
  untilDecided?: boolean
}

export interface WeighedPair {
  first: RowRounds
  second: RowRounds
  /** Both are the same configuration. */
  isSame: boolean
  /** Adjusted for pairs and looks. */
  p: number
  /** At the look that found it. */
  comparison: LossComparison
}

type Pair = Pick<WeighedPair, 'first' | 'second' | 'isSame'>

/** Pairs of the same scenario and cluster, in the order of the rows; pairs of the same configuration last. */
export function weighPairs(rows: readonly RowRounds[], options: WeighOptions = {}): WeighedPair[] {
  const pairs = listPairs(rows)
  // Whether the machine differs is a separate question, and a twin is compared only with its other one.
  const others = pairs.filter(({ first, second }) => first.sameAs === undefined && second.sameAs === undefined)
  const twins = pairs.filter(({ isSame }) => isSame)
  return [others, twins].flatMap((family) => weighFamily(family, options))
}

/** The number of the last planned round. */
export function countPlannedRounds(rows: readonly RowRounds[]): number {
  return Math.max(0, ...rows.flatMap(({ rounds }) => rounds.map(({ round }) => round)))
}

function listPairs(rows: readonly RowRounds[]): Pair[] {
  return rows.flatMap((first, place) =>
    rows.slice(place + 1).flatMap((second) => {
      if (first.scenario !== second.scenario || first.cluster !== second.cluster) return []
      const isSame = first.sameAs === second.configuration || second.sameAs === first.configuration
      return [{ first, second, isSame }]
    }),
  )
}

function weighFamily(pairs: readonly Pair[], { untilDecided = false }: WeighOptions): WeighedPair[] {
  const all = pairs.map((pair) => ({ ...pair, p: 1, comparison: comparePair(pair, Infinity) }))
  if (!untilDecided) {
    const adjusted = adjustByHolm(all.map(({ comparison }) => comparison.p))
    return all.map((pair, place) => ({ ...pair, p: adjusted[place]! }))
  }
  let found: WeighedPair[] = all
  for (const look of listLooksUpTo(countPlannedRounds(pairs.flatMap(({ first, second }) => [first, second])))) {
    const comparisons = pairs.map((pair) => comparePair(pair, look.rounds))
    const adjusted = adjustByHolm(comparisons.map(({ p }) => p))
    // A later look does not revoke an earlier finding.
    found = found.map((pair, place) => {
      const p = Math.min(1, adjusted[place]! / look.share)
      return p < pair.p ? { ...pair, p, comparison: comparisons[place]! } : pair
    })
  }
  return found
}

function comparePair({ first, second, isSame }: Pair, lastRound: number): LossComparison {
  const rounds = pairRounds(first, second, lastRound)
  return isSame
    ? compareTwins(rounds)
    : compareLosses(
        rounds.map((pair) => pair.first.lost),
        rounds.map((pair) => pair.second.lost),
      )
}
