/** The simulations, and their required results. */
import type { SimulatedComparison } from './simulate-comparisons.ts'

export interface Trial {
  title: string
  comparison: SimulatedComparison
  /** Share of the comparisons in which a difference is found. */
  atMost?: number
  atLeast?: number
}

/** Rounds after which a comparison that is not decided ends here. */
const longest = 64

/** The same configuration several times: every difference that is found is false. */
const identical: Trial[] = [
  { title: '30 % of rounds lose about 5', comparison: repeatBehaviour(2, 0.3, 5, 10) },
  { title: '50 % lose about 10', comparison: repeatBehaviour(2, 0.5, 10, 10) },
  { title: '20 % lose about 20', comparison: repeatBehaviour(2, 0.2, 20, 10) },
  { title: 'all lose about 60', comparison: repeatBehaviour(2, 1, 60, 10) },
  { title: '40 % lose about 10, the machine drifts', comparison: { ...repeatBehaviour(2, 0.4, 10, 10), drifts: true } },
  { title: 'six configurations, 50 % lose about 10', comparison: repeatBehaviour(6, 0.5, 10, 10) },
  { title: '--until-decided, 30 % lose about 5', comparison: repeatUntilDecided(2, 0.3, 5) },
  { title: '--until-decided, 50 % lose about 10', comparison: repeatUntilDecided(2, 0.5, 10) },
  { title: '--until-decided, all lose about 20', comparison: repeatUntilDecided(2, 1, 20) },
].map((trial) => ({ ...trial, title: `A/A: ${trial.title}`, atMost: 0.05 }))

const clean = { lossyRounds: 0, burst: 0 }
const lossy = { lossyRounds: 0.5, burst: 5 }

const differing: Trial[] = [
  {
    title: '0 against 50 % of rounds, 10 rounds',
    comparison: { behaviours: [clean, lossy], rounds: 10 },
    atLeast: 0.7,
  },
  {
    title: '0 against 50 % of rounds, --until-decided',
    comparison: { behaviours: [clean, lossy], rounds: longest, untilDecided: true },
    atLeast: 0.7,
  },
  {
    title: '0 against all of rounds, 4 rounds',
    comparison: { behaviours: [clean, { lossyRounds: 1, burst: 60 }], rounds: 4 },
    atLeast: 0.99,
  },
  {
    title: 'about 20 against about 100 in every round, 10 rounds',
    comparison: { behaviours: [20, 100].map((burst) => ({ lossyRounds: 1, burst })), rounds: 10 },
    atLeast: 0.5,
  },
]

export const trials: readonly Trial[] = [...identical, ...differing]

function repeatBehaviour(
  configurations: number,
  lossyRounds: number,
  burst: number,
  rounds: number,
): SimulatedComparison {
  return { behaviours: Array.from({ length: configurations }, () => ({ lossyRounds, burst })), rounds }
}

function repeatUntilDecided(configurations: number, lossyRounds: number, burst: number): SimulatedComparison {
  return { ...repeatBehaviour(configurations, lossyRounds, burst, longest), untilDecided: true }
}
