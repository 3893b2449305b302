import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { startEmbeddedCluster } from '../../cluster/embedded/embedded-cluster.ts'
import { checkEmbeddedMachine } from '../../cluster/embedded/embedded-machine.ts'
import { playBriefEndings } from './brief-endings.ts'
import type { PlayedEnding } from './compare-run.ts'
import { minCheckedShare, minRightShare, computeRightShare, formatWrongBlames } from './table.ts'

// Only root may look into the cluster's network namespace.
const able = process.getuid?.() === 0 && (await checkEmbeddedMachine()).every(({ ok }) => ok)

describe.skipIf(!able)('servers that exit at once on the embedded cluster', { timeout: 120_000 }, () => {
  let played: PlayedEnding[] = []
  beforeAll(async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'nodrop-endings-'))
    await using cluster = await startEmbeddedCluster({ stateDir })
    played = await playBriefEndings(cluster)
    rmSync(stateDir, { recursive: true })
  }, 120_000)

  test('blame: the pod to which the kernel had sent the request', () => {
    expect(played.map(({ lost }) => lost > 0)).toEqual([true, true])
    expect(computeRightShare(played) >= minRightShare ? [] : played.flatMap(formatWrongBlames)).toEqual([])
  })

  test('truth: it agrees with who answered all other requests', () => {
    expect(played.map(({ blames }) => blames.unproven)).toEqual([0, 0])
    expect(played.flatMap(({ contradictions }) => contradictions)).toEqual([])
    expect(played.filter(({ checked, sent, lost }) => checked < minCheckedShare * (sent - lost))).toEqual([])
  })
})
