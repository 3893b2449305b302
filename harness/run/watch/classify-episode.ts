/** Determines the kind of an episode from its signs. */
import type { ObservedKind } from '../../model/disruptions/observed.ts'
import type { ReplacementSign } from './detect-replacement.ts'

export interface ReplicaCounts {
  /** Number of pods that were ready before the first sign. */
  before: number
  /** Number of pods at the end. */
  after: number
}

/** Returns the first kind that applies, as rollouts and drains both delete and may evict pods. `isDrained`: the nodes take no new pods. */
export function classifyEpisode(
  signs: readonly ReplacementSign[],
  { before, after }: ReplicaCounts,
  isDrained: boolean,
): ObservedKind {
  const leaving = signs.filter(({ what }) => what === 'leaves')
  if (signs.some(({ what }) => what === 'new-revision')) return 'rollout'
  if (leaving.length === 0) return 'container-restart'
  if (leaving.some(({ evictedBy }) => evictedBy !== null)) return isDrained ? 'node-drain' : 'eviction'
  return after < before ? 'scale-down' : 'deletion'
}
