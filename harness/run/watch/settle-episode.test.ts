import { expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import type { KubeApi } from '../../cluster/api.ts'
import type { PodSnapshot } from '../../model/record.ts'
import { buildSampleWorkload } from '../../model/workload.ts'
import { buildPod } from '../../testing/samples/records.ts'
import { waitUntilEpisodeOver } from './settle-episode.ts'
import type { SettleEpisodeOptions } from './settle-episode.ts'

const afterMs = 100
const conditions = [{ type: 'Ready', status: 'True' }]

/** A Deployment of one pod that is at rest; `listPods` may answer in the API server's place. */
function createOptions(changed: Partial<SettleEpisodeOptions> = {}, listPods?: () => unknown[]): SettleEpisodeOptions {
  const pod = { metadata: { name: 'a', uid: 'uid-a' }, status: { phase: 'Running', conditions } }
  const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }
  const deployment = { metadata: { generation: 1 }, spec: { replicas: 1 }, status }
  const api = {
    apps: { readNamespacedDeployment: async () => deployment },
    core: { listNamespacedPod: async () => ({ items: listPods?.() ?? [pod] }) },
  } as unknown as KubeApi
  return {
    api,
    namespace: 'n',
    workload: buildSampleWorkload({ workMs: 0 }),
    pods: new Map<string, PodSnapshot>([['a', buildPod('a')]]),
    clock: startClock(),
    limitMs: 5_000,
    afterMs,
    countChanges: () => 0,
    signal: new AbortController().signal,
    ...changed,
  }
}

const episode = { disruptUs: 0, lastLossUs: -Infinity }

test('episode: it is over when the workload has been at rest for a while', async () => {
  const options = createOptions()
  const goneUs = await waitUntilEpisodeOver(episode, options)
  expect(options.clock.now() - goneUs).toBeGreaterThanOrEqual(afterMs * 1000)
})

test('episode: a pod that comes or goes meanwhile prolongs it', async () => {
  const clock = startClock()
  const countChanges = (): number => (clock.now() < 250_000 ? Math.floor(clock.now() / 10_000) : 25)
  const goneUs = await waitUntilEpisodeOver(episode, createOptions({ clock, countChanges }))
  expect(goneUs).toBeGreaterThanOrEqual(200_000)
})

test('episode: a request that is lost meanwhile prolongs it, for so long at most', async () => {
  const options = createOptions()
  const losing = {
    disruptUs: 0,
    get lastLossUs() {
      return options.clock.now()
    },
  }
  const goneUs = await waitUntilEpisodeOver(losing, options)
  expect(options.clock.now() - goneUs).toBeGreaterThanOrEqual(3 * afterMs * 1000)
})

test('episode: a workload that does not come to rest ends it, and is told', async () => {
  const terminating = { metadata: { name: 'a', deletionTimestamp: new Date() }, status: { conditions } }
  const options = createOptions({ limitMs: 300 }, () => [terminating])
  await expect(waitUntilEpisodeOver(episode, options)).rejects.toThrow(
    'the workload had not come to rest after 0.3 s: still present: a',
  )
})

test('episode: pods that change again and again, but are at rest whenever they are looked at, end it at its limit', async () => {
  let changes = 0
  const options = createOptions({ limitMs: 150, countChanges: () => changes++ })
  await expect(waitUntilEpisodeOver(episode, options)).rejects.toThrow(
    'the workload had not come to rest after 0.15 s: its pods went on to change',
  )
})

test('episode: an API server that does not answer for a while is asked again', async () => {
  let asked = 0
  const options = createOptions({}, () => {
    if (asked++ === 0) throw new Error('connection refused')
    return [{ metadata: { name: 'a', uid: 'uid-a' }, status: { phase: 'Running', conditions } }]
  })
  await waitUntilEpisodeOver(episode, options)
  expect(asked).toBeGreaterThan(1)
})
