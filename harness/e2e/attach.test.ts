import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { optionalNodePermissions } from '../cluster/context/permissions.ts'
import type { KubeApi } from '../cluster/api.ts'
import {
  attachPermissions,
  listTargetPermissions,
  optionalTargetPermissions,
} from '../cluster/context/attach-permissions.ts'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { readPlan } from '../log/plan-file.ts'
import { readLog } from '../log/reader.ts'
import type { ApiProxy, RecordedRequest } from '../testing/api-proxy.ts'
import { getVerb } from './stage/api-verb.ts'
import { readRuns, runNodrop } from './stage/nodrop-process.ts'
import type { NodropResult } from './stage/nodrop-process.ts'
import { createStage, isDisturbed, listRunDirs } from './stage/stage.ts'
import type { JudgedRun } from './stage/stage.ts'
import { deployShop, shop } from './stage/shop.ts'
import { createUserHome, startTarget } from './stage/user-home.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)
const namespace = shop

/** A user's own command to restart a rollout: a program that patches the object through the API server. */
const patchScript = `
const [url, body] = process.argv.slice(1)
const headers = { 'content-type': 'application/strategic-merge-patch+json' }
const asked = require('node:https').request(url, { method: 'PATCH', headers, rejectUnauthorized: false }, (answer) => {
  console.log('patched: ' + answer.statusCode)
  answer.resume()
})
asked.end(body)`
const patch = { spec: { template: { metadata: { annotations: { 'shop.example/restarted': 'now' } } } } }
const smaller = `
name: smaller
summary: takes one of two pods away
disruption: { kind: scale, to: 1 }
replicas: 2
load:
  ratePerSecond: 20
  shares: { fresh: 0.5, reused: 0.5, reused-post: 0 }
  workMs: 0
  thinkMs: 300
  timeoutMs: 5000
phases: { beforeMs: 1000, afterMs: 1000, limitMs: 60000 }
`
const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/shop`

describe.skipIf(!able)('a workload that runs already', { timeout: 120_000 }, () => {
  const stage = createStage()
  const stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-attach-'))
  const scenarios = join(folder, 'scenarios')
  let target: ApiProxy
  let api: KubeApi
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    mkdirSync(scenarios)
    writeFileSync(join(scenarios, 'smaller.yaml'), smaller)
    target = await startTarget(join(folder, 'target'), stack)
    const user = createUserHome(join(folder, 'home'))
    user.addContext('target', target)
    env = { ...stage.env, ...user.env }
    api = await deployShop(target, stack)
  }, 60_000)
  afterAll(async () => {
    await stack.disposeAsync()
    stage[Symbol.dispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  function attach(...more: string[]): Promise<NodropResult> {
    const [, , , , , , ...out] = stage.options
    const place = ['deployment/shop', '-n', namespace, '--context', 'target']
    return runNodrop(['run', ...place, ...out, '--json', ...more], { env })
  }
  /** The objects in the target's namespace that stay when its pods are replaced. */
  async function readObjects(): Promise<object> {
    const { items: services } = await api.core.listNamespacedService({ namespace })
    const { items: maps } = await api.core.listNamespacedConfigMap({ namespace })
    const { items: budgets } = await api.policy.listNamespacedPodDisruptionBudget({ namespace })
    const { metadata, spec } = await api.apps.readNamespacedDeployment({ name: 'shop', namespace })
    const { annotations, ...template } = spec?.template.metadata ?? {}
    const { items: pods } = await api.core.listNamespacedPod({ namespace })
    return {
      services,
      maps,
      budgets,
      labels: metadata?.labels,
      spec: Object.assign({}, spec, { template: Object.assign({}, spec?.template, { metadata: template }) }) as object,
      annotations: Object.keys(annotations ?? {}),
      pods: pods.map((pod) => pod.spec?.containers),
    }
  }
  const isWriteThere = ({ method, path }: RecordedRequest): boolean =>
    method !== 'GET' && path.includes(`/namespaces/${namespace}/`)

  test('a command disrupts it: nothing but what the command changed has changed', async () => {
    const before = await readObjects()
    target.requests.length = 0
    const url = `${target.url}${deploymentPath}`
    const ended = await attach('--', process.execPath, '-e', patchScript, url, JSON.stringify(patch))
    const asked = [...target.requests]
    const [run] = readRuns<JudgedRun & { ledger: { sent: number; lost: number }; because: string[] }>(ended.stdout)
    // On a busy machine the driver may be late: no verdict then. gunicorn may cut a kept connection, which does not matter here.
    if (!isDisturbed(run)) {
      expect([run.verdict, run.because, ended.code]).toEqual(
        run.ledger.lost === 0 ? ['passed', expect.anything(), 0] : ['failed', expect.anything(), 1],
      )
    }
    expect(run.ledger.sent).toBeGreaterThan(300)
    expect(ended.stderr).toContain('patched: 200')

    expect(asked.filter(isWriteThere).map(({ method, path }) => `${method} ${path}`)).toEqual([
      `PATCH ${deploymentPath}`,
    ])
    expect(await readObjects()).toEqual({ ...before, annotations: ['shop.example/restarted'] })
    const own = [
      ...attachPermissions,
      ...listTargetPermissions('Deployment'),
      ...optionalTargetPermissions,
      ...optionalNodePermissions,
    ]
    const granted = new Set(
      own.flatMap(({ group, resource, verbs }) => verbs.map((verb) => `${verb} ${resource}.${group}`)),
    )
    const needed = new Set(
      asked
        .filter((one) => one.method !== 'PATCH')
        .map(getVerb)
        .filter((verb) => verb !== undefined),
    )
    expect([...needed.difference(granted)]).toEqual([])

    const [runDir = ''] = listRunDirs(stage.findComparison() ?? '')
    expect(readFileSync(join(runDir, 'command.log'), 'utf8')).toBe('patched: 200\n')
    const plan = readPlan(runDir)
    expect(plan.workload).toMatchObject({
      name: 'shop',
      namespace,
      path: '/healthz',
      service: { ports: [{ port: 8080 }] },
    })
    expect(plan.deployed?.objects.map(({ kind, metadata: { name } }) => `${kind} ${name}`)).toContain('Deployment shop')
    expect(JSON.stringify(plan)).not.toContain('a-secret-of-the-shop')
    const ends: (string | null)[] = []
    for await (const record of readLog(runDir)) {
      if (record.type === 'step' && record.step === 'disrupt-end') ends.push(record.detail)
    }
    expect(ends).toEqual([expect.stringMatching(/^exit code 0 after/)])
  })

  test('a dry run says what would be done, and does nothing', async () => {
    target.requests.length = 0
    const { code, stdout } = await attach('--dry-run', '--path', '/cart', '--', 'helm', 'upgrade', 'shop', './chart')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      target: { name: 'deployment/shop', namespace, replicas: 2 },
      load: { requests: ['GET /cart'], to: 'on service/shop, port 8080', ratePerSecond: 50 },
      disruptions: ['helm upgrade shop ./chart (limit 600 s)'],
    })
    expect(target.requests.filter(({ method, path }) => method !== 'GET' && !path.endsWith('reviews'))).toEqual([])
  })

  test('from outside: the load goes to the address, and nothing is made in the cluster', async () => {
    const seen: string[] = []
    const outside = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host}`)
      response.end('ok')
    })
    await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(outside.address() as AddressInfo).port}`
    target.requests.length = 0
    const body = JSON.stringify({
      spec: { template: { metadata: { annotations: { 'shop.example/restarted': 'again' } } } },
    })
    const command = ['--', process.execPath, '-e', patchScript, `${target.url}${deploymentPath}`, body]
    const { code, stdout } = await attach('--url', `http://${host}/cart`, ...command)
    outside.closeAllConnections()
    outside.close()
    const [run] = readRuns<JudgedRun & { ledger: { sent: number; lost: number } }>(stdout)
    if (!isDisturbed(run)) expect([run.verdict, code]).toEqual(['passed', 0])
    expect(run.ledger).toMatchObject({ lost: 0 })
    expect(run.ledger.sent).toBeGreaterThan(300)
    // One more request, besides the load, checked whether the workload answers.
    expect(seen).toEqual(Array.from({ length: run.ledger.sent + 1 }, () => `GET /cart ${host}`))
    const writes = target.requests.filter(({ method, path }) => method !== 'GET' && !path.endsWith('reviews'))
    expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual([`PATCH ${deploymentPath}`])
  })

  test('a command that moves nothing, or never ends, gives no verdict', async () => {
    const moved = await attach('--', process.execPath, '-e', '')
    expect(moved.code).toBe(4)
    expect(moved.stdout).toMatch(/the command replaced no pod of the workload/)
    const ended = await attach('--limit', '2', '--', process.execPath, '-e', 'setInterval(() => {}, 1000)')
    expect(ended.code).toBe(4)
    expect(ended.stdout).toMatch(/did not run to its end: .* had not ended after 2 s/)
    const { items } = await api.core.listNamespace()
    expect(items.filter(({ metadata }) => metadata?.name?.startsWith('nodrop-'))).toEqual([])
  })

  test('a scale-down is taken back', async () => {
    const { code, stdout } = await attach('--scenarios', scenarios, '--rate', '20', '--scenario', 'smaller')
    const [run] = readRuns<JudgedRun>(stdout)
    expect([0, 1, 4]).toContain(code)
    expect(run.verdict).toBeDefined()
    const { spec } = await api.apps.readNamespacedDeployment({ name: 'shop', namespace })
    expect(spec?.replicas).toBe(2)
  })

  test('a command that fails gives no verdict', async () => {
    const { code, stdout } = await attach('--', process.execPath, '-e', 'process.exit(3)')
    expect(code).toBe(4)
    expect(stdout).toMatch(/failed: exit code 3/)
  })
})
