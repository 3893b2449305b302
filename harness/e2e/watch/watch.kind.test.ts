/** A workload on a real cluster that kubectl disrupts at times unknown to the watch. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import type { WatchSession } from '../../model/watch/watch-session.ts'
import { buildWorkload, namespace, startKindShop, writeManifest } from '../stage/kind-shop.ts'
import type { KindShop } from '../stage/kind-shop.ts'
import { NodropProcess } from '../stage/nodrop-process.ts'

/** Answers after 100 ms, and ends at once on its stop signal: its pods lose their requests in progress. */
const abruptServer = `
require('node:http').createServer((request, response) => {
  setTimeout(() => response.end('cart'), request.url === '/ready' ? 0 : 100)
}).listen(3000)
process.on('SIGTERM', () => process.exit(0))`

/** Time between two disruptions. */
const undisturbedMs = 10_000

const folder = mkdtempSync(join(tmpdir(), 'nodrop-watch-kind-'))
const stack = new AsyncDisposableStack()
const manifests = { graceful: join(folder, 'graceful.yaml'), abrupt: join(folder, 'abrupt.yaml') }
let cluster: KindShop

beforeAll(async () => {
  cluster = await startKindShop('nodrop-test-watch', folder, stack)
  writeManifest(manifests.graceful, buildWorkload('Deployment', 'shop', { replicas: 3 }))
  writeManifest(manifests.abrupt, buildWorkload('Deployment', 'shop', { replicas: 3 }).map(makeAbrupt))
  cluster.kubectl('apply', '-f', manifests.graceful)
  waitForRollout()
  await cluster.grantRoles()
})
afterAll(async () => {
  await stack.disposeAsync()
  rmSync(folder, { recursive: true, force: true })
})

function makeAbrupt(object: object): object {
  const copy = structuredClone(object) as { spec: { template?: { spec: { containers: [object] } } } }
  const [container] = copy.spec.template?.spec.containers ?? []
  if (container) Object.assign(container, { args: ['-e', abruptServer], lifecycle: null })
  return copy
}

function waitForRollout(): void {
  cluster.kubectl('rollout', 'status', 'deployment/shop', '-n', namespace, '--timeout=120s')
}

interface PodList {
  items: { metadata: { name: string; deletionTimestamp?: string } }[]
}

/** The pods of the Deployment once it has this number of them and none is leaving; until then `null`. */
function listSettled(replicas: number): string[] | null {
  const { items } = JSON.parse(cluster.kubectl('get', 'pods', '-n', namespace, '-o', 'json')) as PodList
  const isSettled = items.length === replicas && items.every(({ metadata }) => metadata.deletionTimestamp === undefined)
  return isSettled ? items.map(({ metadata }) => metadata.name) : null
}

let pods: string[] = []

/** The pods that are gone once this was done and the Deployment has that number of replicas. */
async function disrupt(replicas: number, ...args: string[]): Promise<string[]> {
  cluster.kubectl(...args, '-n', namespace)
  waitForRollout()
  await expect.poll(() => listSettled(replicas), { timeout: 60_000 }).not.toBeNull()
  const before = pods
  pods = listSettled(replicas) ?? []
  return before.filter((name) => !pods.includes(name))
}

test('three rollouts, a scale-down and a deletion: five episodes, each with its own pods', async () => {
  pods = listSettled(3) ?? []
  const place = ['deployment/shop', '-n', namespace, '--context', 'measurer', '--out', join(folder, 'out')]
  const env = cluster.user.env
  const watching = new NodropProcess(
    ['watch', ...place, '--path', '/cart', '--rate', '50', '--rollouts', '5', '--json'],
    { env },
  )
  await watching.waitForOutput(/load, undisturbed/)
  const left: string[][] = []
  for (const [replicas, ...args] of [
    [3, 'rollout', 'restart', 'deployment/shop'],
    [3, 'apply', '-f', manifests.abrupt],
    [3, 'apply', '-f', manifests.graceful],
    [2, 'scale', 'deployment/shop', '--replicas=2'],
  ] as [number, ...string[]][]) {
    await sleep(undisturbedMs)
    left.push(await disrupt(replicas, ...args))
  }
  await sleep(undisturbedMs)
  left.push(await disrupt(2, 'delete', `pod/${pods[0] ?? ''}`, '--wait=false'))
  const { code, stdout, stderr } = await watching.ended
  const { watch, directory } = JSON.parse(stdout) as { watch: WatchSession; directory: string }
  const what = ['rollout', 'rollout', 'rollout', 'scale-down', 'deletion']
  expect([watch.episodes.map((episode) => episode.what), stderr]).toEqual([what, expect.any(String)])
  expect(watch.ledger.planned).toBe(watch.ledger.background + watch.ledger.episodes)
  expect(watch.background.outcomes).toEqual({ ok: expect.any(Number) })

  const { runs } = await judgeDirectory(directory)
  const gone = runs.map(({ analysis }) => analysis.pods.filter(({ goneUs }) => goneUs !== null).map(({ pod }) => pod))
  expect(gone.map((names) => names.sort())).toEqual(left.map((names) => names.sort()))
  for (const { analysis } of runs) {
    expect(analysis.attribution).toMatchObject({ level: 'kernel', kernel: { state: 'whole' } })
  }
  const losses = runs.map(({ analysis }) => analysis.losses)
  expect(losses.map((own) => own.length > 0)).toEqual([false, false, true, false, false])
  expect(losses[2]?.filter(({ pod }) => !left[2]?.includes(pod ?? ''))).toEqual([])
  expect(code).toBe(1)
})
