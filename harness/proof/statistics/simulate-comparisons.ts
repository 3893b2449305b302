/** Comparisons of configurations with known losses, simulated many times: how often a difference is found. */
import { createRandom } from '../../base/random.ts'
import { errorRate } from '../../judge/statistics/compare-losses.ts'
import { listLooksUpTo } from '../../judge/statistics/looks.ts'
import type { RowRounds } from '../../judge/statistics/pair-rounds.ts'
import { weighPairs } from '../../judge/statistics/weigh-pairs.ts'

/** The losses of a configuration: in bursts. */
export interface Behaviour {
  /** Share of its rounds that lose requests. */
  lossyRounds: number
  /** Mean number of requests lost in such a round; at least one. */
  burst: number
}

export interface SimulatedComparison {
  /** Configurations. */
  behaviours: readonly Behaviour[]
  rounds: number
  /** They continue until every pair is decided, up to `rounds`. */
  untilDecided?: boolean
  /** The machine varies: in a round all configurations lose with a share from none to twice their own. */
  drifts?: boolean
}

export interface ComparisonCount {
  comparisons: number
  /** Share in which a difference was found between any two. */
  different: number
  /** Median number of rounds played in those comparisons. */
  medianRounds: number
}

/** The same result for the same seed. */
export function simulateComparisons(
  comparison: SimulatedComparison,
  comparisons: number,
  seed: number,
): ComparisonCount {
  const random = createRandom(seed)
  const rounds = Array.from({ length: comparisons }, () => playComparison(comparison, random)).flatMap(
    (found) => found ?? [],
  )
  const sorted = rounds.toSorted((a, b) => a - b)
  return { comparisons, different: rounds.length, medianRounds: sorted[Math.floor(sorted.length / 2)] ?? 0 }
}

/** The number of rounds after which a difference was found; `null`: none was. */
function playComparison(
  { behaviours, rounds, untilDecided = false, drifts = false }: SimulatedComparison,
  random: () => number,
): number | null {
  const lost = Array.from({ length: rounds }, () => {
    const factor = drifts ? 2 * random() : 1
    return behaviours.map((behaviour) => drawLosses(behaviour, factor, random))
  })
  const isFound = (count: number): boolean =>
    weighPairs(buildRows(lost.slice(0, count)), { untilDecided }).some(({ p }) => p <= errorRate)
  // The last look includes all that an earlier one has found.
  if (!isFound(rounds)) return null
  return untilDecided ? (listLooksUpTo(rounds).find((look) => isFound(look.rounds))?.rounds ?? null) : rounds
}

function drawLosses({ lossyRounds, burst }: Behaviour, factor: number, random: () => number): number {
  if (random() >= lossyRounds * factor) return 0
  // Geometric, with the mean `burst`.
  return burst <= 1 ? 1 : 1 + Math.floor(Math.log1p(-random()) / Math.log1p(-1 / burst))
}

function buildRows(lost: readonly number[][]): RowRounds[] {
  return (lost[0] ?? []).map((_, place) => ({
    scenario: 'rollout',
    configuration: `c${place}`,
    cluster: 'local',
    rounds: lost.map((round, index) => ({
      round: index + 1,
      runIds: [],
      runId: '',
      sent: 0,
      lost: round[place]!,
      state: 'judged',
      verdict: round[place]! > 0 ? 'failed' : 'passed',
    })),
  }))
}
