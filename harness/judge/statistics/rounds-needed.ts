/** How many more rounds would decide. */
import { compareLosses, errorRate } from './compare-losses.ts'
import { listLooksUpTo } from './looks.ts'

/** The most rounds that are advised. */
const maxRounds = 100

export interface NeededOptions {
  /** Pairs that are undecided, this one among them: none needs a smaller p than this one divided by them. */
  undecided: number
  untilDecided: boolean
  /** Rounds that were played, maybe more than were judged. */
  planned: number
}

/**
 * The smallest number of rounds more that decides if they are like those before: what each lost in them, from the first on again.
 * `null` when no number up to a hundred rounds in all does, or there was no round.
 */
export function countMoreRounds(
  first: readonly number[],
  second: readonly number[],
  { undecided, untilDecided, planned }: NeededOptions,
): number | null {
  // Also where there was no round.
  if (first.every((lost, place) => lost === second[place])) return null
  const played = untilDecided ? planned : first.length
  const candidates = listCandidates(played, untilDecided)
  const isEnough = ({ rounds, share }: Candidate): boolean => {
    // Those that could not be judged are not made good.
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
  /** Of the error. */
  share: number
}

/** At first every number, then in steps of a tenth: it is an estimate. */
function listCandidates(played: number, untilDecided: boolean): Candidate[] {
  if (untilDecided) return listLooksUpTo(maxRounds).filter(({ rounds }) => rounds > played)
  const more: number[] = []
  for (let rounds = played + 1; rounds < maxRounds; rounds += Math.max(1, Math.floor(rounds / 10))) more.push(rounds)
  return [...more, ...(played < maxRounds ? [maxRounds] : [])].map((rounds) => ({ rounds, share: 1 }))
}

function repeatUpTo(values: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, place) => values[place % values.length]!)
}
