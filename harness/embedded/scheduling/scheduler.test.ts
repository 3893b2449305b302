import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Node, Pod, PodSpec, Stored } from '../store/objects.ts'
import { addNode, isRolledOut, TestCluster, waitUntil, createDeployment } from '../testing/test-controllers.ts'

function createPod(cluster: TestCluster, name: string, spec: Partial<PodSpec> = {}, labels = { app: 'web' }): void {
  cluster.store.create('pods', { metadata: { name, namespace: 'default', labels }, spec: { containers: [], ...spec } })
}

function readPod(cluster: TestCluster, name: string): Stored<Pod> {
  return cluster.store.read('pods', name, 'default')
}

function changeNode(cluster: TestCluster, name: string, change: (node: Stored<Node>) => void): void {
  cluster.store.modify('nodes', name, '', change)
}

async function waitForNode(cluster: TestCluster, name: string): Promise<string> {
  await waitUntil(() => readPod(cluster, name).spec?.nodeName !== undefined, `a node for ${name}`)
  return readPod(cluster, name).spec?.nodeName ?? ''
}

async function waitForRefusal(cluster: TestCluster, name: string): Promise<string | undefined> {
  const getScheduledCondition = (): { status: string; message?: string } | undefined =>
    readPod(cluster, name).status?.conditions?.find(({ type }) => type === 'PodScheduled')
  await waitUntil(() => getScheduledCondition()?.status === 'False', `a refusal of ${name}`)
  return getScheduledCondition()?.message
}

const createNodeAntiAffinity = (...names: string[]): Partial<PodSpec> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: names }] },
        ],
      },
    },
  },
})

const apart: Partial<PodSpec> = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  },
}

test('Scheduler: a pod gets a node, its condition and its Event', async () => {
  await using cluster = new TestCluster({ nodes: 1 })
  createPod(cluster, 'web-1')
  expect(await waitForNode(cluster, 'web-1')).toBe('node-1')
  expect(readPod(cluster, 'web-1').status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'PodScheduled', status: 'True' }),
  )
  expect(cluster.listMessages('Scheduled')).toEqual(['Successfully assigned default/web-1 to node-1'])
})

test('Scheduler: pods of one ReplicaSet are spread evenly', async () => {
  await using cluster = new TestCluster({ nodes: 3 })
  for (const name of ['other-1', 'other-2', 'other-3', 'other-4']) {
    createPod(cluster, name, { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } })
  }
  cluster.store.create('deployments', createDeployment({ replicas: 6 }))
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the rollout')
  const own = cluster.listPods().filter(({ metadata }) => metadata.ownerReferences)
  const counts = Map.groupBy(own, (each) => each.spec?.nodeName)
  expect([...counts.values()].map((pods) => pods.length)).toEqual([2, 2, 2])
})

test('Scheduler: cordoned, tainted and unready nodes need a toleration', async () => {
  await using cluster = new TestCluster({ nodes: 4 })
  changeNode(cluster, 'node-1', (node) => (node.spec = { unschedulable: true }))
  changeNode(
    cluster,
    'node-2',
    (node) => (node.spec = { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }),
  )
  changeNode(cluster, 'node-3', (node) => (node.status = { conditions: [{ type: 'Ready', status: 'False' }] }))
  createPod(cluster, 'web-1')
  expect(await waitForNode(cluster, 'web-1')).toBe('node-4')
  createPod(cluster, 'gpu', { tolerations: [{ key: 'gpu', operator: 'Exists' }], ...createNodeAntiAffinity('node-4') })
  expect(await waitForNode(cluster, 'gpu')).toBe('node-2')
  createPod(cluster, 'daemon', {
    tolerations: [{ operator: 'Exists' }],
    ...createNodeAntiAffinity('node-2', 'node-3', 'node-4'),
  })
  expect(await waitForNode(cluster, 'daemon')).toBe('node-1')
})

test('Scheduler: a node kept for the load takes only a driver', async () => {
  await using cluster = new TestCluster({ nodes: 2 })
  const taints = [{ key: 'nodrop.dev/load', effect: 'NoSchedule' }]
  changeNode(cluster, 'node-1', (node) => (node.spec = { taints }))
  const manifest = readFileSync(join(import.meta.dirname, '../../../manifests/base/driver.yaml'), 'utf8')
  const { tolerations } = (parse(manifest) as { spec: { template: { spec: PodSpec } } }).spec.template.spec
  createPod(cluster, 'driver', { ...(tolerations && { tolerations }), ...createNodeAntiAffinity('node-2') })
  expect(await waitForNode(cluster, 'driver')).toBe('node-1')
  for (const name of ['web-1', 'web-2']) {
    createPod(cluster, name)
    expect(await waitForNode(cluster, name)).toBe('node-2')
  }
})

test('Scheduler: a pod that fits nowhere waits, with the reasons', async () => {
  await using cluster = new TestCluster({ nodes: 3 })
  changeNode(cluster, 'node-1', (node) => (node.spec = { unschedulable: true }))
  createPod(cluster, 'picky', { nodeSelector: { disk: 'ssd' } })
  const why = `0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.`
  expect(await waitForRefusal(cluster, 'picky')).toBe(why)
  await cluster.settle()
  expect(cluster.store.list('events').filter(({ reason }) => reason === 'FailedScheduling')).toMatchObject([
    { type: 'Warning', message: why, count: 1 },
  ])
  addNode(cluster.store, 'node-4', { disk: 'ssd' })
  expect(await waitForNode(cluster, 'picky')).toBe('node-4')
})

test('Scheduler: without nodes the reason is that there are none', async () => {
  await using cluster = new TestCluster({ nodes: 0 })
  createPod(cluster, 'web-1')
  expect(await waitForRefusal(cluster, 'web-1')).toBe('no nodes available to schedule pods')
})

test('Scheduler: anti-affinity keeps pods apart until one is gone', async () => {
  await using cluster = new TestCluster({ nodes: 2, goneAfterMs: 30 })
  for (const name of ['web-1', 'web-2', 'web-3']) createPod(cluster, name, apart)
  const why = `0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.`
  expect(await waitForRefusal(cluster, 'web-3')).toBe(why)
  const freed = await waitForNode(cluster, 'web-1')
  expect(await waitForNode(cluster, 'web-2')).not.toBe(freed)
  // A terminating pod still counts.
  cluster.store.modify(
    'pods',
    'web-1',
    'default',
    ({ metadata }) => (metadata.deletionTimestamp = '2026-01-01T00:00:00Z'),
  )
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(readPod(cluster, 'web-3').spec?.nodeName).toBeUndefined()
  expect(await waitForNode(cluster, 'web-3')).toBe(freed)
})

test('Scheduler: anti-affinity of pods that run already counts', async () => {
  await using cluster = new TestCluster({ nodes: 1 })
  createPod(cluster, 'hermit', apart, { app: 'hermit' })
  await waitForNode(cluster, 'hermit')
  createPod(cluster, 'web-1')
  expect(await waitForRefusal(cluster, 'web-1')).toContain("1 node(s) didn't satisfy existing pods anti-affinity rules")
})

test('Scheduler: affinity joins pods, the first starts anywhere', async () => {
  await using cluster = new TestCluster({ nodes: 3 })
  const term = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' }
  const together: Partial<PodSpec> = {
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  }
  for (const name of ['web-1', 'web-2', 'web-3']) createPod(cluster, name, together)
  const nodes = await Promise.all(['web-1', 'web-2', 'web-3'].map((name) => waitForNode(cluster, name)))
  expect(new Set(nodes).size).toBe(1)
  createPod(cluster, 'stranger', together, { app: 'other' })
  expect(await waitForNode(cluster, 'stranger')).toBe(nodes[0])
})

test('Scheduler: a hard spread constraint holds or is the reason', async () => {
  await using cluster = new TestCluster({ nodes: 0 })
  for (const [name, zone] of [
    ['a-1', 'a'],
    ['a-2', 'a'],
    ['b-1', 'b'],
  ] as const)
    addNode(cluster.store, name, { zone })
  const spread: Partial<PodSpec> = {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ],
  }
  for (const name of ['web-1', 'web-2', 'web-3', 'web-4']) createPod(cluster, name, spread)
  const nodes = await Promise.all(['web-1', 'web-2', 'web-3', 'web-4'].map((name) => waitForNode(cluster, name)))
  expect(nodes.filter((name) => name === 'b-1')).toHaveLength(2)
  changeNode(cluster, 'b-1', (node) => (node.spec = { unschedulable: true }))
  createPod(cluster, 'web-5', spread)
  await waitForNode(cluster, 'web-5')
  createPod(cluster, 'web-6', spread)
  const why = `0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints.`
  expect(await waitForRefusal(cluster, 'web-6')).toBe(why)
})

test('Scheduler: pods with gates or another scheduler wait', async () => {
  await using cluster = new TestCluster({ nodes: 1 })
  createPod(cluster, 'gated', { schedulingGates: [{ name: 'quota' }] })
  createPod(cluster, 'foreign', { schedulerName: 'other' })
  expect(await waitForRefusal(cluster, 'gated')).toContain('scheduling gates')
  cluster.store.modify('pods', 'gated', 'default', (draft) => {
    if (draft.spec) draft.spec.schedulingGates = []
  })
  await waitForNode(cluster, 'gated')
  await cluster.settle()
  expect(readPod(cluster, 'foreign').spec?.nodeName).toBeUndefined()
})
