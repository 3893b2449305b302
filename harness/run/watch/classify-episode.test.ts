import { expect, test } from 'vitest'
import { classifyEpisode } from './classify-episode.ts'
import type { ReplacementSign } from './detect-replacement.ts'

function createSign(what: ReplacementSign['what'], evictedBy: string | null = null): ReplacementSign {
  return { what, evictedBy, pod: 'a', node: 'node-1', atUs: 0, noticeUs: 0, says: '' }
}

const same = { before: 3, after: 3 }
const fewer = { before: 3, after: 2 }
const [leaves, restarts, revision] = (['leaves', 'restarts', 'new-revision'] as const).map((what) =>
  createSign(what),
) as [ReplacementSign, ReplacementSign, ReplacementSign]
const evicted = createSign('leaves', 'EvictionByEvictionAPI')

test.each([
  ['rollout', [leaves, revision], same, false],
  ['rollout', [revision, evicted], fewer, true],
  ['eviction', [evicted], same, false],
  ['node-drain', [evicted, leaves], same, true],
  ['scale-down', [leaves], fewer, false],
  ['deletion', [leaves, restarts], same, false],
  ['container-restart', [restarts], same, false],
] as const)('episode: it was a %s', (what, signs, counts, isDrained) => {
  expect(classifyEpisode(signs, counts, isDrained)).toBe(what)
})
