import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { startCluster } from '../../cluster/clusters.ts'
import { paths } from '../conformance/check-cluster.ts'
import { playBriefEndings } from './brief-endings.ts'
import type { PlayedEnding } from './compare-run.ts'
import { minCheckedShare, minRightShare, computeRightShare, formatWrongBlames } from './table.ts'

let played: PlayedEnding[] = []
beforeAll(async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'nodrop-endings-'))
  const { signal } = new AbortController()
  await using cluster = await startCluster('kind', { paths, stateDir, log: () => undefined, signal })
  played = await playBriefEndings(cluster)
  rmSync(stateDir, { recursive: true })
})

test('blame: the pod to which the kernel had sent the request', () => {
  expect(played.map(({ lost }) => lost > 0)).toEqual([true, true])
  expect(computeRightShare(played) >= minRightShare ? [] : played.flatMap(formatWrongBlames)).toEqual([])
})

test('truth: it agrees with who answered all other requests', () => {
  expect(played.map(({ blames }) => blames.unproven)).toEqual([0, 0])
  expect(played.flatMap(({ contradictions }) => contradictions)).toEqual([])
  expect(played.filter(({ checked, sent, lost }) => checked < minCheckedShare * (sent - lost))).toEqual([])
})
