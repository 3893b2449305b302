import { expect, test } from 'vitest'
import type { EndpointSlice, Stored } from '../store/objects.ts'
import { rolledOut, TestCluster, until, web, webService } from '../testing/test-controllers.ts'

function slices(cluster: TestCluster, service = 'web'): Stored<EndpointSlice>[] {
  return cluster.store
    .list('endpointslices', 'default')
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service)
}

function endpoints(cluster: TestCluster): NonNullable<EndpointSlice['endpoints']> {
  return slices(cluster).flatMap((slice) => slice.endpoints ?? [])
}

function conditionsOf(cluster: TestCluster, pod: string): unknown {
  return endpoints(cluster).find(({ targetRef }) => targetRef?.name === pod)?.conditions
}

/** As a deletion through the API leaves it. */
function end(cluster: TestCluster, pod: string): void {
  cluster.store.modify('pods', pod, 'default', ({ metadata }) => {
    metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  })
}

async function deployed(cluster: TestCluster, replicas = 3): Promise<void> {
  cluster.store.create('deployments', web({ replicas }))
  await until(() => rolledOut(cluster.deployment()), 'the rollout')
  await cluster.settle()
}

test('a Service has one slice, with its labels, owner, ports and every pod that has an address', async () => {
  await using cluster = new TestCluster()
  const service = cluster.store.create('services', {
    ...webService(),
    metadata: { name: 'web', namespace: 'default', labels: { team: 'a' } },
  })
  await deployed(cluster)
  const [slice, ...others] = slices(cluster)
  expect(others).toEqual([])
  expect(slice?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  expect(slice?.metadata).toMatchObject({
    generateName: 'web-',
    labels: {
      team: 'a',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: service.metadata.uid, controller: true }],
  })
  expect(slice).toMatchObject({ addressType: 'IPv4', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] })
  expect(slice?.endpoints).toHaveLength(3)
  for (const pod of cluster.pods()) {
    expect(slice?.endpoints).toContainEqual({
      addresses: [pod.status?.podIP],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: pod.spec?.nodeName,
      targetRef: { kind: 'Pod', namespace: 'default', name: pod.metadata.name, uid: pod.metadata.uid },
    })
  }
})

test('conditions follow readiness and deletion; a terminating pod that serves is told from one that does not', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 80 })
  cluster.store.create('services', webService())
  await deployed(cluster)
  const name = cluster.pods()[0]?.metadata.name ?? ''
  const seen: unknown[] = []
  cluster.store.watch('endpointslices', () => seen.push(conditionsOf(cluster, name)))
  const changes: (() => void)[] = [
    () => cluster.setReady(name, false),
    () => cluster.setReady(name, true),
    () => end(cluster, name),
    () => cluster.setReady(name, false),
  ]
  for (const [count, change] of changes.entries()) {
    change()
    await until(() => seen.length > count, `change ${count}`)
  }
  await until(() => conditionsOf(cluster, name) === undefined, 'the endpoint to leave with its pod')
  const distinct = seen.filter((each, index) => JSON.stringify(each) !== JSON.stringify(seen[index - 1]))
  expect(distinct).toEqual([
    { ready: false, serving: false, terminating: false },
    { ready: true, serving: true, terminating: false },
    { ready: false, serving: true, terminating: true },
    { ready: false, serving: false, terminating: true },
    undefined,
  ])
})

test('a change of a pod is in the slice within one turn of the queues', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 1_000 })
  cluster.store.create('services', webService())
  await deployed(cluster)
  const name = cluster.pods()[0]?.metadata.name ?? ''
  end(cluster, name)
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(conditionsOf(cluster, name)).toMatchObject({ terminating: true })
})

test('publishNotReadyAddresses makes every endpoint ready, the terminating ones included', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 300 })
  cluster.store.create('services', webService({ publishNotReadyAddresses: true }))
  await deployed(cluster)
  const name = cluster.pods()[0]?.metadata.name ?? ''
  cluster.setReady(name, false)
  end(cluster, name)
  await until(() => (conditionsOf(cluster, name) as { terminating?: boolean }).terminating === true)
  expect(conditionsOf(cluster, name)).toEqual({ ready: true, serving: false, terminating: true })
})

test('a finished pod leaves', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', webService())
  await deployed(cluster, 1)
  const name = cluster.pods()[0]?.metadata.name ?? ''
  cluster.store.modify('pods', name, 'default', (draft) => (draft.status = { ...draft.status, phase: 'Failed' }))
  await until(() => conditionsOf(cluster, name) === undefined, 'the endpoint to leave')
  expect(cluster.store.get('pods', name, 'default')).toBeDefined()
})

test('more than 100 endpoints take a second slice, and stay where they are when others leave', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', webService())
  await deployed(cluster, 130)
  expect(slices(cluster).map((slice) => slice.endpoints?.length)).toEqual([100, 30])
  const second = slices(cluster)[1]
  const leaving = slices(cluster)[0]?.endpoints?.[0]?.targetRef?.name ?? ''
  cluster.store.modify('pods', leaving, 'default', (draft) => (draft.status = { ...draft.status, phase: 'Failed' }))
  await until(() => slices(cluster)[0]?.endpoints?.some(({ targetRef }) => targetRef?.name === leaving) === false)
  await cluster.settle()
  expect(slices(cluster)[1]).toEqual(second)
  expect(endpoints(cluster)).toHaveLength(130)
})

test('pods that resolve a named port differently are in slices of their own', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', webService())
  await deployed(cluster, 1)
  const other = web({ replicas: 1 })
  other.metadata = { name: 'other', namespace: 'default' }
  if (other.spec?.template.spec)
    other.spec.template.spec.containers = [{ name: 'app', ports: [{ name: 'http', containerPort: 9090 }] }]
  cluster.store.create('deployments', other)
  await until(() => rolledOut(cluster.deployment('other')), 'the other rollout')
  await cluster.settle()
  expect(slices(cluster).map((slice) => slice.ports?.[0]?.port)).toEqual([8080, 9090])
})

test('a Service without pods has an empty slice, one without a selector has none, and a deleted one loses its own', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', webService())
  cluster.store.create('services', {
    metadata: { name: 'manual', namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  })
  await until(() => slices(cluster).length === 1)
  await cluster.settle()
  expect(slices(cluster)[0]).toMatchObject({ endpoints: [], ports: [] })
  expect(slices(cluster, 'manual')).toEqual([])
  cluster.store.remove('services', 'web', 'default')
  await until(() => slices(cluster).length === 0, 'the slice to go')
})

test('a slice that somebody deletes comes back; one that somebody else manages is let alone', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', webService())
  await deployed(cluster)
  const foreign = cluster.store.create('endpointslices', {
    metadata: { name: 'foreign', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [],
  })
  const own = slices(cluster)[0]?.metadata.name ?? ''
  cluster.store.remove('endpointslices', own, 'default')
  await until(() => endpoints(cluster).length === 3, 'the slice to come back')
  await cluster.settle()
  expect(cluster.store.get('endpointslices', 'foreign', 'default')).toEqual(foreign)
  expect(slices(cluster)).toHaveLength(2)
})

test('a headless Service is marked so', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', webService({ clusterIP: 'None' }))
  await until(() => slices(cluster).length === 1)
  expect(slices(cluster)[0]?.metadata.labels).toMatchObject({ 'service.kubernetes.io/headless': '' })
})
