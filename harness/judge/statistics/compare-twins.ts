/** One configuration that was played under two names: a difference is caused by the machine. */
import type { DecidedBy } from '../../model/figures/decision.ts'
import { compareLosses, subtractPairs } from './compare-losses.ts'
import type { LossComparison } from './compare-losses.ts'
import { adjustByHolm, testPairsDiffer } from './exact-tests.ts'
import type { RoundPair } from './pair-rounds.ts'

/** Latencies are compared too: for a configuration that loses nothing, nothing else could differ. */
export function compareTwins(rounds: readonly RoundPair[]): LossComparison {
  const losses = compareLosses(
    rounds.map(({ first }) => first.lost),
    rounds.map(({ second }) => second.lost),
  )
  const all = [losses, compareLatencies(rounds, 'p50'), compareLatencies(rounds, 'p99')]
  const adjusted = adjustByHolm(all.map(({ p }) => p))
  const nearest = adjusted.indexOf(Math.min(...adjusted))
  return { ...losses, ...all[nearest]!, p: adjusted[nearest]! }
}

function compareLatencies(
  rounds: readonly RoundPair[],
  by: Extract<DecidedBy, 'p50' | 'p99'>,
): Pick<LossComparison, 'p' | 'by' | 'lean'> {
  const known = rounds.flatMap(({ first, second }) =>
    first.latency && second.latency ? [{ first: first.latency, second: second.latency }] : [],
  )
  const differences = subtractPairs(
    known.map(({ first }) => first[`${by}Us`]),
    known.map(({ second }) => second[`${by}Us`]),
  )
  return { p: testPairsDiffer(differences), by, lean: differences.reduce((sum, each) => sum + each, 0) }
}
