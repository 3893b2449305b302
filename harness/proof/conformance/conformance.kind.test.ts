import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../cluster/cluster.ts'
import { startCluster } from '../../cluster/clusters.ts'
import { deletion } from '../cases/deletion.ts'
import { preStop } from '../cases/pre-stop.ts'
import { sidecars } from '../cases/sidecars.ts'
import { stopSignal } from '../cases/stop-signal.ts'
import { together } from '../cases/parallel-stop.ts'
import { diffSessions, normalizeSession, readGolden } from '../refusals/golden.ts'
import { concurrency, paths } from './check-cluster.ts'
import { playKubectl } from '../refusals/kubectl-session.ts'
import { playCases } from '../stage/play-cases.ts'
import type { CaseResult } from '../stage/play-cases.ts'
import { diffAnswers, readRecording } from '../refusals/recording.ts'
import { playOffers } from '../refusals/refusals.ts'
import { playStuckPods } from '../refusals/stuck-pods.ts'
import { topics } from './suite.ts'

/**
 * How pods end matters most for lost requests; the rest takes two more minutes: `NODROP_CONFORMANCE=all`, or `npm run conformance --
 * --cluster kind`.
 */
const chosen =
  process.env['NODROP_CONFORMANCE'] === 'all' ? topics : [stopSignal, preStop, deletion, together, sidecars]

let stateDir: string
let cluster: Cluster
let results: Map<string, CaseResult>
beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'nodrop-conformance-'))
  const { signal } = new AbortController()
  cluster = await startCluster('kind', { paths, stateDir, log: () => undefined, signal })
  const cases = chosen.flatMap((topic) => topic.cases)
  const all = await playCases(cases, cluster.kubeconfig, {
    concurrency: concurrency.kind,
    onResult: () => undefined,
    signal,
  })
  results = new Map(all.map((result) => [result.name, result]))
})
afterAll(async () => {
  await cluster[Symbol.asyncDispose]()
  rmSync(stateDir, { recursive: true })
})

describe.each(chosen)('$topic on kind', ({ cases }) => {
  test.each(cases)('$name: $claim', ({ name }) => {
    const { error, differences } = results.get(name) ?? {}
    expect({ error, differences }).toEqual({ error: null, differences: [] })
  })
})

test('kubectl: it prints what was recorded', async () => {
  expect(diffSessions(readGolden(), normalizeSession(await playKubectl(cluster.kubeconfig)))).toEqual([])
})

test('refusals: API server and kubelet say what was recorded', async () => {
  expect(diffAnswers(readRecording('refusals'), await playOffers(cluster.kubeconfig))).toEqual([])
  expect(diffAnswers(readRecording('stuck-pods'), await playStuckPods(cluster.kubeconfig))).toEqual([])
})
