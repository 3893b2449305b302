import { expect, test } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { TestCluster } from '../testing/test-kubelet.ts'

const obedient = { onSignal: { SIGTERM: { afterMs: 20, exitCode: 0 } } }

test('Kubelet lag: a started container is running once the kubelet saw it', async () => {
  await using cluster = await TestCluster.start({}, { startSeenMs: [400] })
  cluster.createPod({
    containers: [
      { name: 'app', image: 'app' },
      { name: 'next', image: 'app' },
    ],
  })
  await cluster.waitUntil(() => cluster.findEvents('Started', 'next').length > 0, 'both to start')
  const [app, next] = ['app', 'next'].map((name) => cluster.findEvents('Started', name)[0]?.atUs ?? 0)
  expect(cluster.container('app')?.state).not.toHaveProperty('running')
  await cluster.waitUntilReady()
  expect((next ?? 0) - (app ?? 0)).toBeLessThan(300_000)
  expect(monotonicUs() - (app ?? 0)).toBeGreaterThanOrEqual(399_000)
})

test('Kubelet lag: a pod’s address comes with its first container’s start', async () => {
  await using cluster = await TestCluster.start({}, { startSeenMs: [200] })
  cluster.createPod({ containers: [{ name: 'app', image: 'app' }] })
  await cluster.waitUntilReady()
  const statuses = cluster.history.map(({ pod }) => pod.status)
  const told = statuses.find((status) => status?.podIP !== undefined)
  expect(told?.containerStatuses?.[0]?.state).toHaveProperty('running')
  expect(statuses[0]?.podIP).toBeUndefined()
})

test('Kubelet lag: a container that ends unseen is restarted', async () => {
  await using cluster = await TestCluster.start(
    { app: [{ ends: { afterMs: 50, exitCode: 1 } }, {}] },
    { startSeenMs: [200] },
  )
  cluster.createPod({ containers: [{ name: 'app', image: 'app' }] })
  await cluster.waitUntilReady()
  expect(cluster.container('app')?.restartCount).toBe(1)
})

test('Kubelet lag: the network outlasts the last container', async () => {
  await using cluster = await TestCluster.start({ app: [obedient] }, { networkStandsMs: [300] })
  cluster.createPod({ containers: [{ name: 'app', image: 'app' }] })
  await cluster.waitUntilReady()
  cluster.deletePod(3)
  await cluster.waitUntil(() => cluster.findEvents('ContainerExited', 'app').length > 0, 'app to exit')
  const exitedUs = cluster.findEvents('ContainerExited', 'app')[0]?.atUs ?? 0
  await cluster.waitUntil(
    () => cluster.pod === undefined || cluster.pod.status?.phase !== 'Running',
    'the end to be shown',
  )
  expect(cluster.runtime.sandboxes.size).toBe(0)
  expect(monotonicUs() - exitedUs).toBeGreaterThanOrEqual(299_000)
})

test('Kubelet lag: the end of the cluster waits for no network', async () => {
  const beganUs = monotonicUs()
  {
    await using cluster = await TestCluster.start({ app: [obedient] }, { networkStandsMs: [60_000] })
    cluster.createPod({ containers: [{ name: 'app', image: 'app' }] })
    await cluster.waitUntilReady()
    cluster.deletePod(3)
    await cluster.waitUntil(() => cluster.findEvents('ContainerExited', 'app').length > 0, 'app to exit')
  }
  expect(monotonicUs() - beganUs).toBeLessThan(10_000_000)
})
