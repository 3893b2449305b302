/** The endings that the tests play: pods that are gone at once, one after another and all together. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Scenario } from '../../model/plan.ts'
import { disruptOnce } from '../../model/steps/order.ts'
import { paths } from '../conformance/check-cluster.ts'
import { selectPairs } from './endings.ts'
import { playEndings } from './play-endings.ts'
import type { PlayedEnding } from './compare-run.ts'

const briefScenario: Scenario = {
  name: 'brief',
  summary: 'restarts two pods',
  replicas: 2,
  load: {
    ratePerSecond: 100,
    shares: { fresh: 0.5, reused: 0.35, 'reused-post': 0.15 },
    workMs: 100,
    thinkMs: 300,
    timeoutMs: 3000,
  },
  steps: disruptOnce({ kind: 'rollout-restart' }, { beforeMs: 1500, afterMs: 1500 }),
  limitMs: 60_000,
}

export async function playBriefEndings(cluster: Cluster): Promise<PlayedEnding[]> {
  const out = mkdtempSync(join(tmpdir(), 'nodrop-endings-'))
  const doNothing = (): void => undefined
  const progress = { say: doNothing, beginRun: () => ({ see: doNothing, end: doNothing }) }
  const { signal } = new AbortController()
  try {
    const pairs = selectPairs(['exit × no-hook', 'exit × recreate'])
    return await playEndings(cluster, pairs, {
      paths,
      out,
      scenario: briefScenario,
      progress,
      signal,
      onPlayed: doNothing,
    })
  } finally {
    rmSync(out, { recursive: true })
  }
}
