import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NamedContext } from '../../plan/kubeconfig.ts'
import { startTestApi } from '@nodrop/embedded-kubernetes/testing'
import type { TestApi } from '@nodrop/embedded-kubernetes/testing'
import { startControllers } from '@nodrop/embedded-kubernetes/testing'
import type { ScaledWorkload } from '../scaled-workloads.ts'
import { openSession } from './session.ts'
import { sweepContext } from './sweep.ts'
import { startContextCluster } from './context-cluster.ts'
import { buildNamespaceLabels, buildSessionLabels } from './namespace-labels.ts'

let stateDir: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'nodrop-sweep-'))
})
afterEach(() => rmSync(stateDir, { recursive: true }))

interface Scene {
  server: TestApi
  context: NamedContext
  uid: string
  said: string[]
  log: (line: string) => void
  make: (name: string, labels: Record<string, string>) => void
  names: () => string[]
}

/** The embedded cluster's API, with the controller that deletes namespaces. */
async function setUp(stack: AsyncDisposableStack): Promise<Scene> {
  const server = stack.use(await startTestApi())
  stack.use(startControllers(server.store))
  const fields = { server: server.url, 'certificate-authority-data': Buffer.from(server.cert).toString('base64') }
  const said: string[] = []
  return {
    server,
    context: {
      name: 'staging',
      cluster: { name: 'c', fields },
      user: { name: 'u', fields: { token: server.token } },
    },
    uid: server.store.get('namespaces', 'kube-system')?.metadata.uid ?? '',
    said,
    log: (line) => void said.push(line),
    make: (name, labels) => void server.store.create('namespaces', { metadata: { name, labels } }),
    names: () =>
      server.store
        .list('namespaces')
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata.name)
        .filter((name) => name !== 'default' && name !== 'kube-system')
        .sort(),
  }
}

const past = new Date(Date.now() - 1000)
const future = new Date(Date.now() + 3_600_000)

/** The session of a killed process; the recorded `namespaces` may or may not be in the cluster. */
function writeKilledSession(
  about: { context: string; uid: string; comparison?: string },
  namespaces: string[],
  scaled: ScaledWorkload[] = [],
): string {
  const session = openSession(stateDir, about, 'credentials')
  for (const namespace of namespaces) session.recordNamespace(namespace)
  for (const one of scaled) session.recordScaled(one)
  const path = join(dirname(session.kubeconfig), 'session.json')
  const file = JSON.parse(readFileSync(path, 'utf8')) as object
  writeFileSync(path, JSON.stringify({ ...file, startTime: '1' }))
  return session.session
}

test('sweep: what has expired is deleted, not what only looks like it', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, log, make, names } = await setUp(stack)
  make('nodrop-old', buildNamespaceLabels('nodrop-old', past))
  make('nodrop-new', buildNamespaceLabels('nodrop-new', future))
  make('shop', buildNamespaceLabels('nodrop-shop', past))
  make('nodrop-theirs', { 'nodrop.dev/expires-at': '20200101T000000Z' })
  make('nodrop-other', buildNamespaceLabels('nodrop-old', past))
  expect(await sweepContext({ context, stateDir, log })).toEqual(['nodrop-old'])
  expect(names()).toEqual(['nodrop-new', 'nodrop-other', 'nodrop-theirs', 'shop'])
})

test('sweep: what a killed run recorded is deleted before it expires', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, uid, log, make, names, said } = await setUp(stack)
  const session = writeKilledSession({ context: 'staging', uid }, ['nodrop-made', 'nodrop-never-made'])
  make('nodrop-made', { ...buildNamespaceLabels('nodrop-made', future), ...buildSessionLabels(session) })
  expect(await sweepContext({ context, stateDir, log })).toEqual(['nodrop-made'])
  expect(names()).toEqual([])
  expect(readdirSync(stateDir)).toEqual([])
  expect(said).toEqual(['deleting the namespace nodrop-made, which a run that was killed left'])
})

test('sweep: what does not go is told to who asks', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, uid, log, server, make } = await setUp(stack)
  const session = writeKilledSession({ context: 'staging', uid }, ['nodrop-made'])
  make('nodrop-made', { ...buildNamespaceLabels('nodrop-made', future), ...buildSessionLabels(session) })
  server.store.create('configmaps', {
    metadata: { name: 'stays', namespace: 'nodrop-made', finalizers: ['example.com/stays'] },
  })
  const left: string[] = []
  await sweepContext({ context, stateDir, log, goneLimitMs: 1_500, onLeft: (what) => left.push(what) })
  expect(left).toEqual(['nodrop-made'])
})

test('sweep: another session’s namespace of the same name is left alone', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, uid, log, make, names } = await setUp(stack)
  writeKilledSession({ context: 'staging', uid }, ['nodrop-same'])
  make('nodrop-same', { ...buildNamespaceLabels('nodrop-same', future), ...buildSessionLabels('another') })
  expect(await sweepContext({ context, stateDir, log })).toEqual([])
  expect(names()).toEqual(['nodrop-same'])
  expect(readdirSync(stateDir)).toEqual([])
})

test('sweep: what was recorded of another cluster is not looked for', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, log, make, names } = await setUp(stack)
  const session = writeKilledSession({ context: 'staging', uid: 'another' }, ['nodrop-made'])
  make('nodrop-made', { ...buildNamespaceLabels('nodrop-made', future), ...buildSessionLabels(session) })
  expect(await sweepContext({ context, stateDir, log })).toEqual([])
  expect(names()).toEqual(['nodrop-made'])
  expect(readdirSync(stateDir)).toHaveLength(1)
})

test('context cluster: disposing deletes what its run could not', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, log, make, names } = await setUp(stack)
  const cluster = await startContextCluster({ context, stateDir, log })
  const labels = cluster.recordNamespace?.('nodrop-mine') ?? {}
  make('nodrop-mine', { ...buildNamespaceLabels('nodrop-mine', future), ...labels })
  expect(readdirSync(stateDir)).toHaveLength(1)
  await cluster[Symbol.asyncDispose]()
  expect(names()).toEqual([])
  expect(readdirSync(stateDir)).toEqual([])
})

test('context cluster: what the comparison itself left when it was killed is undone before it goes on', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, uid, log, server, make, names, said } = await setUp(stack)
  const shop: ScaledWorkload = { namespace: 'eu', kind: 'Deployment', name: 'shop', from: 3, to: 1 }
  const own = writeKilledSession({ context: 'staging', uid, comparison: 'c1' }, ['nodrop-c1-r1'], [shop])
  const other = writeKilledSession({ context: 'staging', uid, comparison: 'c2' }, ['nodrop-c2-r1'])
  make('nodrop-c1-r1', { ...buildNamespaceLabels('nodrop-c1-r1', future), ...buildSessionLabels(own) })
  make('nodrop-c2-r1', { ...buildNamespaceLabels('nodrop-c2-r1', future), ...buildSessionLabels(other) })
  createShop(server, 1)
  await using _ = await startContextCluster({ context, stateDir, log, comparison: 'c1' })
  expect(names()).toEqual(['eu', 'nodrop-c2-r1'])
  expect(server.store.get('namespaces', 'nodrop-c1-r1')).toBeUndefined()
  expect(readReplicas(server)).toBe(3)
  expect(said).toEqual([
    'undoing what this comparison left when it was killed: nodrop-c1-r1, deployment/shop in eu, scaled to 1',
    'scaling deployment/shop in eu back to 3, which a run that was killed left at 1',
    expect.stringMatching(
      /^an earlier run .* may have left nodrop-c2-r1; nodrop sweep --context staging deletes that$/,
    ),
  ])
})

test('context cluster: where what it left does not go it does not begin, and says what to do', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, uid, log, server, make } = await setUp(stack)
  const own = writeKilledSession({ context: 'staging', uid, comparison: 'c1' }, ['nodrop-c1-r1'])
  make('nodrop-c1-r1', { ...buildNamespaceLabels('nodrop-c1-r1', future), ...buildSessionLabels(own) })
  server.store.create('configmaps', {
    metadata: { name: 'stays', namespace: 'nodrop-c1-r1', finalizers: ['example.com/stays'] },
  })
  const started = startContextCluster({ context, stateDir, log, comparison: 'c1', goneLimitMs: 1_500 })
  await expect(started).rejects.toMatchObject({
    kind: 'environment',
    message:
      'Cannot go on in the context staging: nodrop-c1-r1, which this comparison left when it was killed, is still there',
    advice: 'nodrop sweep --context staging deletes it.',
  })
  expect(readdirSync(stateDir)).toHaveLength(1)
})

test('context cluster: what cannot be deleted stays recorded', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, server, log, make, said } = await setUp(stack)
  const cluster = await startContextCluster({ context, stateDir, log })
  const labels = cluster.recordNamespace?.('nodrop-mine') ?? {}
  make('nodrop-mine', { ...buildNamespaceLabels('nodrop-mine', future), ...labels })
  await server[Symbol.asyncDispose]()
  await cluster[Symbol.asyncDispose]()
  const files = readdirSync(stateDir, { recursive: true, encoding: 'utf8' }).map((path) => path.split('/')[1])
  expect(files).toEqual([undefined, 'session.json'])
  expect(said.at(-1)).toMatch(
    /^still there: nodrop-mine \(.*ECONNREFUSED.*\); nodrop sweep --context staging looks again$/,
  )
})

test('sweep: a workload that a killed run scaled to none, and twice, is scaled back once unless another client scaled it', async () => {
  for (const [replicas, wanted] of [
    [0, 3],
    [2, 2],
    [3, 3],
  ] as const) {
    await using stack = new AsyncDisposableStack()
    const { server, context, uid, log, said } = await setUp(stack)
    createShop(server, replicas)
    const scaled = { namespace: 'eu', kind: 'Deployment', name: 'shop', from: 3 } as const
    writeKilledSession(
      { context: 'staging', uid },
      [],
      [
        { ...scaled, to: 1 },
        { ...scaled, to: 0 },
      ],
    )
    await sweepContext({ context, stateDir, log })
    expect(readReplicas(server)).toBe(wanted)
    const isLeft = 'deployment/shop in eu is not scaled back to 3: it has 2 replicas, set by another client since'
    const isScaled = 'scaling deployment/shop in eu back to 3, which a run that was killed left at 0'
    expect(said).toEqual(replicas === 0 ? [isScaled] : replicas === 2 ? [isLeft] : [])
    expect(readdirSync(stateDir)).toEqual([])
  }
})

test('context cluster: a start reports what an earlier run left', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, log, said } = await setUp(stack)
  writeKilledSession({ context: 'testing', uid: 'another' }, ['nodrop-a'])
  await (await startContextCluster({ context, stateDir, log }))[Symbol.asyncDispose]()
  expect(said).toEqual([
    'an earlier run that was killed may have left nodrop-a; nodrop sweep --context testing deletes that',
  ])
})

test('sweep: a node that a killed drain left cordoned takes pods again', async () => {
  await using stack = new AsyncDisposableStack()
  const { server, context, log, make, said } = await setUp(stack)
  make('nodrop-running', buildNamespaceLabels('nodrop-running', future))
  const cordon = (name: string, labels: Record<string, string>): void =>
    void server.store.create('nodes', { metadata: { name, labels }, spec: { unschedulable: true } })
  cordon('left', { 'nodrop.dev/drained-for': 'nodrop-gone' })
  cordon('in-use', { 'nodrop.dev/drained-for': 'nodrop-running' })
  cordon('theirs', {})
  expect(await sweepContext({ context, stateDir, log })).toEqual(['node/left'])
  const cordoned = server.store.list('nodes').filter(({ spec }) => spec?.unschedulable === true)
  expect(cordoned.map(({ metadata }) => metadata.name).sort()).toEqual(['in-use', 'theirs'])
  expect(server.store.get('nodes', 'left')?.metadata.labels).toEqual({})
  expect(said).toContain('uncordoning the node left, which a drain left')
})

function createShop(server: TestApi, replicas: number): void {
  const selector = { matchLabels: { app: 'shop' } }
  const template = { metadata: { labels: { app: 'shop' } }, spec: { containers: [{ name: 'a', image: 'a' }] } }
  server.store.create('namespaces', { metadata: { name: 'eu' } })
  server.store.create('deployments', {
    metadata: { name: 'shop', namespace: 'eu' },
    spec: { replicas, selector, template },
  })
}

const readReplicas = ({ store }: TestApi): number | undefined => store.get('deployments', 'shop', 'eu')?.spec?.replicas

/** A killed run had scaled the Deployment from 3 to 1; `replicas` is its present number. */
async function sweepScaled(scene: Scene, replicas: number): Promise<number | undefined> {
  const { server, context, uid, log } = scene
  createShop(server, replicas)
  const scaled = { namespace: 'eu', kind: 'Deployment', name: 'shop', from: 3, to: 1 } as const
  writeKilledSession({ context: 'staging', uid }, [], [scaled])
  const swept = await sweepContext({ context, stateDir, log })
  expect(swept).toEqual(replicas === 1 ? ['deployment/shop in eu'] : [])
  return readReplicas(server)
}

test('sweep: a workload that a killed run has scaled is scaled back', async () => {
  await using stack = new AsyncDisposableStack()
  const scene = await setUp(stack)
  expect(await sweepScaled(scene, 1)).toBe(3)
  expect(scene.said).toEqual(['scaling deployment/shop in eu back to 3, which a run that was killed left at 1'])
  expect(readdirSync(stateDir)).toEqual([])
})

test('sweep: a workload that another client has scaled since is left alone', async () => {
  await using stack = new AsyncDisposableStack()
  const scene = await setUp(stack)
  expect(await sweepScaled(scene, 5)).toBe(5)
  expect(scene.said).toEqual([
    'deployment/shop in eu is not scaled back to 3: it has 5 replicas, set by another client since',
  ])
  expect(readdirSync(stateDir)).toEqual([])
})

test('context cluster: a start reports what a killed run has left scaled', async () => {
  await using stack = new AsyncDisposableStack()
  const { context, log, said } = await setUp(stack)
  const scaled = { namespace: 'eu', kind: 'StatefulSet', name: 'shop', from: 3, to: 1 } as const
  writeKilledSession({ context: 'testing', uid: 'another' }, [], [scaled])
  await (await startContextCluster({ context, stateDir, log }))[Symbol.asyncDispose]()
  expect(said).toEqual([
    'an earlier run that was killed may have left statefulset/shop in eu, scaled to 1; nodrop sweep --context testing undoes that',
  ])
})
