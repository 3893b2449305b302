import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeApi } from '../../cluster/api.ts'
import { checkEmbeddedMachine } from '../../cluster/embedded/embedded-machine.ts'
import { judgeDirectory } from '../../judge/judge-directory.ts'
import type { WatchSession } from '../../model/watch/watch-session.ts'
import type { Verdict } from '../../model/result.ts'
import type { ApiProxy } from '../../testing/api-proxy.ts'
import { NodropProcess } from '../stage/nodrop-process.ts'
import { deployShop, shop } from '../stage/shop.ts'
import { createUserHome, startTarget } from '../stage/user-home.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)
const namespace = shop

const own: ReadonlySet<string> = new Set(['log-whole', 'ledger-balanced', 'disruption-happened', 'pods-met'])
/** Without requests before a disruption there is no verdict. */
const undisturbedMs = 2_000

type Seen = WatchSession & { verdict: Verdict; directory: string }

function readSeen(stdout: string): Seen {
  const { watch, directory } = JSON.parse(stdout) as { watch: Omit<Seen, 'directory'>; directory: string }
  return { ...watch, directory }
}

describe.skipIf(!able)('a workload that others disrupt', { timeout: 120_000 }, () => {
  const stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-watch-'))
  let target: ApiProxy
  let api: KubeApi
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    target = await startTarget(join(folder, 'target'), stack)
    const user = createUserHome(join(folder, 'home'))
    user.addContext('target', target)
    env = user.env
    api = await deployShop(target, stack)
  }, 60_000)
  afterAll(async () => {
    await stack.disposeAsync()
    rmSync(folder, { recursive: true, force: true })
  })

  function watch(...more: string[]): NodropProcess {
    const place = ['deployment/shop', '-n', namespace, '--context', 'target', '--out', join(folder, 'out')]
    return new NodropProcess(['watch', ...place, '--json', ...more], { env })
  }
  /** Like `kubectl rollout restart`. */
  async function restart(at: string): Promise<void> {
    const body = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } } }
    const strategicMerge = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch)
    await api.apps.patchNamespacedDeployment({ name: 'shop', namespace, body }, strategicMerge)
  }
  /** By the verdict in the JSON: a busy machine may delay the driver, and gunicorn may cut a kept connection; both are fine. */
  const codes: Record<Verdict, number> = { passed: 0, failed: 1, unknown: 4 }

  test('two rollouts are two episodes, and nothing of it is changed', async () => {
    target.requests.length = 0
    const watching = watch('--rollouts', '2')
    await watching.waitForOutput(/load, undisturbed/)
    await sleep(undisturbedMs)
    await restart('1')
    await watching.waitForOutput(/Episode 1 \(rollout\)/)
    await sleep(undisturbedMs)
    await restart('2')
    const { code, stdout } = await watching.ended
    const asked = target.requests.filter(({ method, path }) => method !== 'GET' && path.includes(`/${namespace}/`))
    const seen = readSeen(stdout)
    expect(seen.episodes.map(({ what, sent }) => [what, sent > 100])).toEqual([
      ['rollout', true],
      ['rollout', true],
    ])
    expect(seen.ending).toEqual({ why: 'limit', detail: null })
    expect(seen.ledger.planned).toBe(seen.ledger.background + seen.ledger.episodes)
    expect(code).toBe(codes[seen.verdict])
    // The two restarts are this test's own.
    expect(asked.map(({ method }) => method)).toEqual(['PATCH', 'PATCH'])

    const { runs } = await judgeDirectory(seen.directory)
    for (const { analysis } of runs) {
      expect(analysis.ledger.balanced).toBe(true)
      const broken = analysis.claims.filter(({ holds }) => !holds)
      // Effects of a busy machine are not tested here.
      const problems = broken.filter(({ name }) => own.has(name)).flatMap(({ problems: all }) => all)
      expect(problems).toEqual([])
      expect(analysis.pods.filter(({ old, goneUs }) => old && goneUs !== null)).toHaveLength(2)
      if (!existsSync('/usr/sbin/conntrack')) continue
      expect(analysis.attribution).toMatchObject({ level: 'kernel', kernel: { state: 'whole' } })
      expect(analysis.attribution.kernel.connections).toBeGreaterThan(50)
    }
    const counted = runs.reduce(
      (sum, { analysis: { ledger, control } }) => sum + ledger.planned + (control?.planned ?? 0),
      0,
    )
    expect(counted).toBe(seen.ledger.episodes)
  })

  test('Ctrl-C ends it, with a verdict over the episodes until then', async () => {
    const watching = watch()
    await watching.waitForOutput(/load, undisturbed/)
    await sleep(undisturbedMs)
    const { items } = await api.core.listNamespacedPod({ namespace })
    await api.core.deleteNamespacedPod({ namespace, name: items[0]?.metadata?.name ?? '' })
    await watching.waitForOutput(/Episode 1 \(deletion\)/)
    watching.signalGroup('SIGINT')
    const { code, stdout } = await watching.ended
    const seen = readSeen(stdout)
    expect(seen.episodes.map(({ what }) => what)).toEqual(['deletion'])
    expect(seen.ending?.why).toBe('interrupted')
    expect(seen.ledger.planned).toBe(seen.ledger.background + seen.ledger.episodes)
    expect(code).toBe(codes[seen.verdict])
  })
})
