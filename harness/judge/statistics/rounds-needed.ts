/** How many more rounds would decide. */
import { compareLosses, errorRate } from './compare-losses.ts'
import { listLooksUpTo } from './looks.ts'

/** The maximum number of rounds that is advised. */
const maxRounds = 100

export interface NeededOptions {
  /** Number of undecided pairs, including this one: a p of the error divided by this number always decides. */
  undecided: number
  untilDecided: boolean
  /** Number of rounds that were played, possibly more than were judged. */
  planned: number
}

/**
 * The smallest number of further rounds that decides if they repeat the losses of the earlier ones from the first on. `null` if no total up
 * to a hundred rounds does, or there was no round.
 */
export function countMoreRounds(
  first: readonly number[],
  second: readonly number[],
  { undecided, untilDecided, planned }: NeededOptions,
): number | null {
  // Also true without rounds.
  if (first.every((lost, place) => lost === second[place])) return null
  const played = untilDecided ? planned : first.length
  const candidates = listCandidates(played, untilDecided)
  const isEnough = ({ rounds, share }: Candidate): boolean => {
    // Rounds that could not be judged are not replaced.
    const judged = first.length + rounds - played
    const { p } = compareLosses(repeatUpTo(first, judged), repeatUpTo(second, judged))
    return (p * undecided) / share <= errorRate
  }
  const last = candidates.at(-1)
  const enough = last && isEnough(last) ? candidates.find(isEnough) : undefined
  return enough === undefined ? null : enough.rounds - played
}

interface Candidate {
  rounds: number
  /** Share of the error. */
  share: number
}

/** First every number, then in steps of a tenth, because it is an estimate. */
function listCandidates(played: number, untilDecided: boolean): Candidate[] {
  if (untilDecided) return listLooksUpTo(maxRounds).filter(({ rounds }) => rounds > played)
  const more: number[] = []
  for (let rounds = played + 1; rounds < maxRounds; rounds += Math.max(1, Math.floor(rounds / 10))) more.push(rounds)
  return [...more, ...(played < maxRounds ? [maxRounds] : [])].map((rounds) => ({ rounds, share: 1 }))
}

function repeatUpTo(values: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, place) => values[place % values.length]!)
}
