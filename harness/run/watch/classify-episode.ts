/** What an episode was, from the signs of it. */
import type { ObservedKind } from '../../model/disruptions/observed.ts'
import type { ReplacementSign } from './detect-replacement.ts'

export interface ReplicaCounts {
  /** Pods that were ready before the first sign. */
  before: number
  /** Those that are in the end. */
  after: number
}

/** The first that applies: pods are evicted by a rollout's budget as well as by a drain, and deleted by both. `isDrained`: their nodes take no new pods. */
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
