import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { connectApi } from '../cluster/api.ts'
import type { KubeApi } from '../cluster/api.ts'
import { buildImages, loadImages } from '../cluster/kind/images.ts'
import { startKindCluster } from '../cluster/kind/kind-cluster.ts'
import type { Attribution } from '../model/loss.ts'
import { startApiProxy } from '../testing/api-proxy.ts'
import type { ApiProxy } from '../testing/api-proxy.ts'
import { home, readRuns, runNodrop } from './stage/nodrop-process.ts'
import { isComplete, killDriver, runSharedLoad } from './stage/shared-load.ts'
import type { SharedLoadOptions } from './stage/shared-load.ts'
import { isDisturbed, createStage } from './stage/stage.ts'
import type { JudgedRun } from './stage/stage.ts'
import { createUserHome, readAccess } from './stage/user-home.ts'
import type { UserHome } from './stage/user-home.ts'

const image = process.env['NODROP_KIND_IMAGE'] ?? 'kindest/node:v1.34.4'
const group = 'rbac.authorization.k8s.io'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-context-'))
const stage = createStage()
const stack = new AsyncDisposableStack()
let admin: KubeApi
let decoy: ApiProxy
let user: UserHome
beforeAll(async () => {
  const lines: string[] = []
  const log = (line: string): void => void lines.push(line)
  const cluster = stack.use(
    await startKindCluster({ stateDir: folder, name: 'nodrop-test-context', image, workers: 1, log }),
  )
  const extra = { driver: { node: process.execPath } }
  await loadImages(
    cluster.kubeconfig,
    await buildImages({ folder: join(home, 'apps'), extra, stateDir: folder, log }),
    { log },
  )
  admin = connectApi(cluster.kubeconfig)
  stack.defer(() => admin.close())
  decoy = stack.use(await startApiProxy())
  const { user: own, ...real } = readAccess(cluster.kubeconfig)
  user = createUserHome(join(folder, 'home'))
  user.addContext('decoy', decoy)
  user.addContext('admin', real, own)
  user.addContext('granted', real, { token: await createToken('granted') })
  user.addContext('nobody', real, { token: await createToken('nobody') })
  await grantRole('granted')
})
afterAll(async () => {
  await stack.disposeAsync()
  stage[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function createToken(name: string): Promise<string> {
  const namespace = 'default'
  await admin.core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } })
  const body = { spec: { audiences: [], expirationSeconds: 3600 } }
  return (await admin.core.createNamespacedServiceAccountToken({ name, namespace, body })).status?.token ?? ''
}

/** As in the manifest: its role, bound to the account. */
async function grantRole(account: string): Promise<void> {
  const role = parse(readFileSync(join(home, 'manifests/rbac/nodrop.yaml'), 'utf8')) as KubernetesObject
  await admin.objects.create(role)
  const binding = {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'nodrop' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'nodrop' },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'default' }],
  }
  await admin.objects.create(binding)
}

const createLoadOptions = (): SharedLoadOptions => ({
  cluster: { kind: 'kind', kubeconfig: join(folder, 'nodrop-test-context.kubeconfig') },
  drivers: 3,
  manifests: join(home, 'manifests'),
  scenarios: join(home, 'scenarios'),
  phases: { beforeMs: 2000, afterMs: 2000 },
})
const getEnvironment = (): NodeJS.ProcessEnv => ({ ...stage.env, ...user.env })
const getOptions = (context: string, config = 'graceful'): string[] => {
  const [, , ...rest] = stage.options
  return ['run', '--cluster', 'kubeconfig', '--context', context, ...rest, '--config', config, '--json']
}

interface RunJson extends JudgedRun {
  cluster: string
  because: string[]
  attribution: Attribution
  ledger: { sent: number; lost: number }
}

test('permissions: the role of the manifest is enough for a whole run', async () => {
  const before = user.readFiles()
  const { code, stdout, stderr } = await runNodrop(getOptions('granted'), { env: getEnvironment() })
  const [run] = readRuns<RunJson>(stdout)
  // On a busy machine the driver may be late, so that there is no verdict; a missing permission is reported differently.
  expect([code, run.verdict]).toEqual(isDisturbed(run) ? [4, 'unknown'] : [0, 'passed'])
  expect(run).toMatchObject({ cluster: 'kubeconfig', ledger: { lost: 0 } })
  expect(run.ledger.sent).toBeGreaterThan(300)
  expect(stderr).not.toMatch(/forbidden|still there/)
  const { items } = await admin.core.listNamespace()
  expect(items.map(({ metadata }) => metadata?.name).filter((name) => name?.startsWith('nodrop'))).toEqual([])
  expect(decoy.requests).toEqual([])
  expect(user.readFiles()).toEqual(before)
})

/** The nodes on which connection tracking's pods were seen until the signal aborts. */
async function watchTrackingPods(signal: AbortSignal): Promise<Set<string>> {
  const nodes = new Set<string>()
  while (!signal.aborted) {
    const { items } = await admin.core.listPodForAllNamespaces({ labelSelector: 'app=connection-tracking' })
    for (const { spec } of items) nodes.add(spec?.nodeName ?? '')
    await sleep(500)
  }
  return nodes
}

test('connection tracking: a pod on the driver node reads it, and it agrees with the headers', async () => {
  const ended = new AbortController()
  const watched = watchTrackingPods(ended.signal)
  const options = [...getOptions('granted', 'naive'), '--connection-tracking']
  const { stdout, stderr } = await runNodrop(options, { env: getEnvironment() })
  ended.abort()
  expect([...(await watched)]).toEqual([expect.stringMatching(/^nodrop-test-context-/)])
  expect(stderr).not.toMatch(/forbidden|still there/)
  const [{ attribution, ledger }] = readRuns<RunJson>(stdout)
  const { kernel, lost } = attribution
  expect(kernel).toMatchObject({ state: 'whole', contradicted: 0 })
  expect(kernel.agreed).toBeGreaterThan(0.99 * (ledger.sent - ledger.lost))
  expect(ledger.lost).toBeGreaterThan(0)
  expect(lost.nobody + lost.several).toBeLessThanOrEqual(0.01 * ledger.lost)
})

test('permissions: missing ones are named before anything is made', async () => {
  const { code, stderr } = await runNodrop(getOptions('nobody'), { env: getEnvironment() })
  expect(code).toBe(3)
  expect(stderr).toMatch(/lacks permissions: create, delete, get, list namespaces; create configmaps; .*policy$/m)
  const { items } = await admin.core.listNamespace()
  expect(items.filter(({ metadata }) => metadata?.name?.startsWith('nodrop'))).toEqual([])
})

test('permissions: doctor says that less than everything is enough', async () => {
  const { code, stdout } = await runNodrop(['doctor', '--context', 'admin'], { env: getEnvironment() })
  expect(code).toBe(0)
  expect(stdout).toContain('all that is needed, and everything else')
  const less = await runNodrop(['doctor', '--context', 'granted'], { env: getEnvironment() })
  expect(less.code).toBe(0)
  expect(less.stdout).toMatch(/permissions: all that is needed\n/)
})

test('drivers: three share the load through a node port, and it balances', async () => {
  const { records, requests, analysis } = await runSharedLoad({ ...createLoadOptions(), via: { kind: 'nodeport' } })
  const ends = records.filter((record) => record.type === 'end')
  expect(ends.map(({ lost }) => lost)).toEqual([null, null, null])
  expect(isComplete(requests, 3)).toBe(true)
  const ofControl = requests.filter(({ lane }) => lane === 'control').length
  // Whether there is a verdict depends on the load of the machine; the ledger must be right in any case.
  expect(analysis.ledger).toMatchObject({ planned: requests.length - ofControl, balanced: true })
})

test("drivers: one that is killed leaves no verdict, the others' records stay", async () => {
  let killed = ''
  const { records, requests, analysis } = await runSharedLoad({
    ...createLoadOptions(),
    onLoad: async (api, namespace) => {
      await sleep(1000)
      killed = await killDriver(api, namespace, 1)
    },
  })
  expect(analysis).toMatchObject({
    verdict: 'unknown',
    because: [`load driver 2 of 3 was lost: pod ${killed} was deleted`],
    ledger: { balanced: true },
  })
  const ends = records.filter((record) => record.type === 'end')
  const countRequests = (of: number): number => requests.filter(({ driver }) => driver === of).length
  expect(
    ends.filter(({ lost }) => lost === null).map(({ driver, planned }) => planned - countRequests(driver)),
  ).toEqual([0, 0])
})
