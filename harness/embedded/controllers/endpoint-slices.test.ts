import { expect, test } from 'vitest'
import type { EndpointSlice, Stored } from '../store/objects.ts'
import { isRolledOut, TestCluster, waitUntil, createDeployment, createService } from '../testing/test-controllers.ts'

function listSlices(cluster: TestCluster, service = 'web'): Stored<EndpointSlice>[] {
  return cluster.store
    .list('endpointslices', 'default')
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service)
}

function listEndpoints(cluster: TestCluster): NonNullable<EndpointSlice['endpoints']> {
  return listSlices(cluster).flatMap((slice) => slice.endpoints ?? [])
}

function getConditions(cluster: TestCluster, pod: string): unknown {
  return listEndpoints(cluster).find(({ targetRef }) => targetRef?.name === pod)?.conditions
}

/** Marks a pod like a deletion through the API. */
function deletePod(cluster: TestCluster, pod: string): void {
  cluster.store.modify('pods', pod, 'default', ({ metadata }) => {
    metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  })
}

async function createDeployed(cluster: TestCluster, replicas = 3): Promise<void> {
  cluster.store.create('deployments', createDeployment({ replicas }))
  await waitUntil(() => isRolledOut(cluster.readDeployment()), 'the rollout')
  await cluster.settle()
}

test('Endpoint slices: one has labels, owner, ports and all pods', async () => {
  await using cluster = new TestCluster()
  const service = cluster.store.create('services', {
    ...createService(),
    metadata: { name: 'web', namespace: 'default', labels: { team: 'a' } },
  })
  await createDeployed(cluster)
  const [slice, ...others] = listSlices(cluster)
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
  for (const pod of cluster.listPods()) {
    expect(slice?.endpoints).toContainEqual({
      addresses: [pod.status?.podIP],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: pod.spec?.nodeName,
      targetRef: { kind: 'Pod', namespace: 'default', name: pod.metadata.name, uid: pod.metadata.uid },
    })
  }
})

test('Endpoint slices: conditions follow readiness and deletion', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 80 })
  cluster.store.create('services', createService())
  await createDeployed(cluster)
  const name = cluster.listPods()[0]?.metadata.name ?? ''
  const seen: unknown[] = []
  cluster.store.watch('endpointslices', () => seen.push(getConditions(cluster, name)))
  const changes: (() => void)[] = [
    () => cluster.setReady(name, false),
    () => cluster.setReady(name, true),
    () => deletePod(cluster, name),
    () => cluster.setReady(name, false),
  ]
  for (const [count, change] of changes.entries()) {
    change()
    await waitUntil(() => seen.length > count, `change ${count}`)
  }
  await waitUntil(() => getConditions(cluster, name) === undefined, 'the endpoint to leave with its pod')
  const distinct = seen.filter((each, index) => JSON.stringify(each) !== JSON.stringify(seen[index - 1]))
  expect(distinct).toEqual([
    { ready: false, serving: false, terminating: false },
    { ready: true, serving: true, terminating: false },
    { ready: false, serving: true, terminating: true },
    { ready: false, serving: false, terminating: true },
    undefined,
  ])
})

test('Endpoint slices: a change of a pod is in within one turn', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 1_000 })
  cluster.store.create('services', createService())
  await createDeployed(cluster)
  const name = cluster.listPods()[0]?.metadata.name ?? ''
  deletePod(cluster, name)
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(getConditions(cluster, name)).toMatchObject({ terminating: true })
})

test('Endpoint slices: publishNotReadyAddresses makes all ready', async () => {
  await using cluster = new TestCluster({ goneAfterMs: 300 })
  cluster.store.create('services', createService({ publishNotReadyAddresses: true }))
  await createDeployed(cluster)
  const name = cluster.listPods()[0]?.metadata.name ?? ''
  cluster.setReady(name, false)
  deletePod(cluster, name)
  await waitUntil(() => (getConditions(cluster, name) as { terminating?: boolean }).terminating === true)
  expect(getConditions(cluster, name)).toEqual({ ready: true, serving: false, terminating: true })
})

test('Endpoint slices: a finished pod leaves', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', createService())
  await createDeployed(cluster, 1)
  const name = cluster.listPods()[0]?.metadata.name ?? ''
  cluster.store.modify('pods', name, 'default', (draft) => (draft.status = { ...draft.status, phase: 'Failed' }))
  await waitUntil(() => getConditions(cluster, name) === undefined, 'the endpoint to leave')
  expect(cluster.store.get('pods', name, 'default')).toBeDefined()
})

test('Endpoint slices: endpoints beyond 100 take a second slice', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', createService())
  await createDeployed(cluster, 130)
  expect(listSlices(cluster).map((slice) => slice.endpoints?.length)).toEqual([100, 30])
  const second = listSlices(cluster)[1]
  const leaving = listSlices(cluster)[0]?.endpoints?.[0]?.targetRef?.name ?? ''
  cluster.store.modify('pods', leaving, 'default', (draft) => (draft.status = { ...draft.status, phase: 'Failed' }))
  await waitUntil(
    () => listSlices(cluster)[0]?.endpoints?.some(({ targetRef }) => targetRef?.name === leaving) === false,
  )
  await cluster.settle()
  expect(listSlices(cluster)[1]).toEqual(second)
  expect(listEndpoints(cluster)).toHaveLength(130)
})

test('Endpoint slices: a named port that differs takes another slice', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', createService())
  await createDeployed(cluster, 1)
  const other = createDeployment({ replicas: 1 })
  other.metadata = { name: 'other', namespace: 'default' }
  if (other.spec?.template.spec)
    other.spec.template.spec.containers = [{ name: 'app', ports: [{ name: 'http', containerPort: 9090 }] }]
  cluster.store.create('deployments', other)
  await waitUntil(() => isRolledOut(cluster.readDeployment('other')), 'the other rollout')
  await cluster.settle()
  expect(listSlices(cluster).map((slice) => slice.ports?.[0]?.port)).toEqual([8080, 9090])
})

test('Endpoint slices: without pods an empty one, without selector none', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', createService())
  cluster.store.create('services', {
    metadata: { name: 'manual', namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  })
  await waitUntil(() => listSlices(cluster).length === 1)
  await cluster.settle()
  expect(listSlices(cluster)[0]).toMatchObject({ endpoints: [], ports: [] })
  expect(listSlices(cluster, 'manual')).toEqual([])
  cluster.store.remove('services', 'web', 'default')
  await waitUntil(() => listSlices(cluster).length === 0, 'the slice to go')
})

test('Endpoint slices: a deleted one is made again, a foreign one left', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', createService())
  await createDeployed(cluster)
  const foreign = cluster.store.create('endpointslices', {
    metadata: { name: 'foreign', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [],
  })
  const own = listSlices(cluster)[0]?.metadata.name ?? ''
  cluster.store.remove('endpointslices', own, 'default')
  await waitUntil(() => listEndpoints(cluster).length === 3, 'the slice to come back')
  await cluster.settle()
  expect(cluster.store.get('endpointslices', 'foreign', 'default')).toEqual(foreign)
  expect(listSlices(cluster)).toHaveLength(2)
})

test('Endpoint slices: a headless Service is marked so', async () => {
  await using cluster = new TestCluster()
  cluster.store.create('services', createService({ clusterIP: 'None' }))
  await waitUntil(() => listSlices(cluster).length === 1)
  expect(listSlices(cluster)[0]?.metadata.labels).toMatchObject({ 'service.kubernetes.io/headless': '' })
})
