import { expect, test } from 'vitest'
import { RuntimeError } from '../runtime/runtime.ts'
import { TestCluster } from '../testing/test-kubelet.ts'

const obedient = { onSignal: { SIGTERM: { afterMs: 20, exitCode: 0 } } }
const deaf = {}

test('Pod end: one container’s hook delays no other’s stop signal', async () => {
  await using cluster = await TestCluster.start({ nginx: [obedient], app: [obedient] })
  const preStop = { exec: { command: ['sleep', '1'] } }
  cluster.createPod({
    containers: [
      { name: 'nginx', image: 'nginx', lifecycle: { preStop } },
      { name: 'app', image: 'app' },
    ],
  })
  await cluster.waitUntilReady()
  cluster.deletePod(3)
  await cluster.waitUntilGone()
  expect(cluster.msAfterKilling('StopSignalSent', 'app')).toBeLessThan(300)
  expect(cluster.msAfterKilling('StopSignalSent', 'nginx')).toBeGreaterThanOrEqual(1000)
})

test('Pod end: states and readiness stay until all containers ended', async () => {
  await using cluster = await TestCluster.start({ nginx: [deaf], app: [obedient] })
  cluster.createPod({
    containers: [
      { name: 'nginx', image: 'nginx' },
      { name: 'app', image: 'app' },
    ],
  })
  await cluster.waitUntilReady()
  cluster.deletePod(1)
  await cluster.waitUntil(() => cluster.findEvents('ContainerExited', 'app').length > 0, 'app to exit')
  expect(cluster.container('app')?.state).toHaveProperty('running')
  expect(cluster.isReady()).toBe(true)
  await cluster.waitUntilGone()
  const last = cluster.history.findLast(({ type }) => type === 'MODIFIED')?.pod.status
  expect(last?.containerStatuses?.map(({ state }) => state?.terminated?.exitCode)).toEqual([137, 0])
  expect(last?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False')
})

test('Pod end: a later, shorter grace period brings no SIGKILL forward', async () => {
  await using cluster = await TestCluster.start({ app: [deaf] })
  cluster.createPod({ containers: [{ name: 'app', image: 'app' }] })
  await cluster.waitUntilReady()
  cluster.deletePod(4)
  await cluster.waitUntil(() => cluster.findEvents('StopSignalSent').length > 0, 'the stop signal')
  cluster.deletePod(1)
  await cluster.waitUntilGone()
  expect(cluster.msAfterKilling('StopSignalSent', 'app', 'SIGKILL')).toBeGreaterThanOrEqual(3999)
})

test('Pod end: a later, shorter grace period cuts nothing short', async () => {
  await using cluster = await TestCluster.start({ app: [obedient] })
  const preStop = { sleep: { seconds: 3 } }
  cluster.createPod({ containers: [{ name: 'app', image: 'app', lifecycle: { preStop } }] })
  await cluster.waitUntilReady()
  cluster.deletePod(60)
  await cluster.waitUntil(() => cluster.findEvents('PreStopHookStarted').length > 0, 'the hook')
  cluster.deletePod(1)
  await cluster.waitUntilGone()
  expect(cluster.msAfterKilling('StopSignalSent', 'app')).toBeGreaterThanOrEqual(3000)
})

test('Pod end: a later, longer grace period changes nothing', async () => {
  await using cluster = await TestCluster.start({ app: [deaf] })
  cluster.createPod({ containers: [{ name: 'app', image: 'app' }] })
  await cluster.waitUntilReady()
  cluster.deletePod(2)
  await cluster.waitUntil(() => cluster.findEvents('StopSignalSent').length > 0, 'the stop signal')
  cluster.deletePod(60)
  await cluster.waitUntilGone()
  expect(cluster.msAfterKilling('StopSignalSent', 'app', 'SIGKILL')).toBeLessThan(2600)
})

test('Pod end: by force there is no hook, and two seconds', async () => {
  await using cluster = await TestCluster.start({ app: [deaf] })
  const preStop = { sleep: { seconds: 1 } }
  cluster.createPod({ containers: [{ name: 'app', image: 'app', lifecycle: { preStop } }] })
  await cluster.waitUntilReady()
  cluster.store.remove('pods', 'web', 'default')
  await cluster.waitUntilGone()
  expect(cluster.listInOrder().slice(-4)).toEqual(['Killing app', 'SIGTERM app', 'SIGKILL app', 'ContainerExited app'])
  expect(cluster.msAfterKilling('StopSignalSent', 'app', 'SIGKILL')).toBeGreaterThanOrEqual(2000)
})

test('Pod end: a sleep hook lasts its time if its container ends', async () => {
  await using cluster = await TestCluster.start({ app: [obedient] })
  cluster.createPod({ containers: [{ name: 'app', image: 'app', lifecycle: { preStop: { sleep: { seconds: 2 } } } }] })
  await cluster.waitUntilReady()
  cluster.deletePod(3)
  await cluster.waitUntil(() => cluster.findEvents('PreStopHookStarted').length > 0, 'the hook')
  cluster.runtime.latest('app').end(0)
  await cluster.waitUntilGone()
  expect(cluster.msAfterKilling('PreStopHookFinished', 'app', 'sleep')).toBeGreaterThanOrEqual(2000)
  expect(cluster.findEvents('StopSignalSent')).toEqual([])
})

test('Pod end: an exec hook is killed with its container', async () => {
  await using cluster = await TestCluster.start({ app: [obedient] })
  const preStop = { exec: { command: ['sleep', '2'] } }
  cluster.createPod({ containers: [{ name: 'app', image: 'app', lifecycle: { preStop } }] })
  await cluster.waitUntilReady()
  cluster.deletePod(3)
  await cluster.waitUntil(() => cluster.findEvents('PreStopHookStarted').length > 0, 'the hook')
  cluster.runtime.latest('app').end(0)
  await cluster.waitUntilGone()
  expect(cluster.findEvents('PreStopHookFinished')[0]?.detail).toBe('137')
  expect(cluster.findEvents('FailedPreStopHook')).toHaveLength(1)
})

test('Pod end: sidecars stop in reverse order after the main containers', async () => {
  await using cluster = await TestCluster.start({
    first: [obedient],
    second: [obedient],
    app: [{ onSignal: { SIGTERM: { afterMs: 300, exitCode: 0 } } }],
  })
  const sidecar = { restartPolicy: 'Always', image: 'sidecar' }
  cluster.createPod({
    initContainers: [
      { name: 'first', ...sidecar, lifecycle: { preStop: { exec: { command: ['true'] } } } },
      { name: 'second', ...sidecar },
    ],
    containers: [{ name: 'app', image: 'app' }],
  })
  await cluster.waitUntilReady()
  cluster.deletePod(3)
  await cluster.waitUntilGone()
  const ends = cluster.listInOrder().filter((what) => /^(SIG|ContainerExited)/.test(what))
  expect(ends).toEqual([
    'SIGTERM app',
    'ContainerExited app',
    'SIGTERM second',
    'ContainerExited second',
    'SIGTERM first',
    'ContainerExited first',
  ])
  expect(cluster.msAfterKilling('PreStopHookFinished', 'first')).toBeLessThan(250)
  expect(cluster.msAfterKilling('StopSignalSent', 'second')).toBeGreaterThanOrEqual(300)
})

test('Pod end: sidecars get two seconds when the grace period is over', async () => {
  await using cluster = await TestCluster.start({ proxy: [deaf], app: [deaf] })
  cluster.createPod({
    initContainers: [{ name: 'proxy', image: 'proxy', restartPolicy: 'Always' }],
    containers: [{ name: 'app', image: 'app', lifecycle: { preStop: { sleep: { seconds: 50 } } } }],
  })
  await cluster.waitUntilReady()
  cluster.deletePod(1)
  await cluster.waitUntilGone()
  for (const name of ['app', 'proxy']) {
    expect(cluster.msAfterKilling('StopSignalSent', name, 'SIGTERM')).toBeGreaterThanOrEqual(999)
    expect(cluster.msAfterKilling('StopSignalSent', name, 'SIGKILL')).toBeGreaterThanOrEqual(2999)
    expect(cluster.msAfterKilling('StopSignalSent', name, 'SIGKILL')).toBeLessThan(3600)
  }
})

test('Pod end: a sidecar that ends early is not restarted', async () => {
  await using cluster = await TestCluster.start({ proxy: [obedient], app: [deaf] })
  cluster.createPod({
    initContainers: [
      {
        name: 'proxy',
        image: 'proxy',
        restartPolicy: 'Always',
        lifecycle: { preStop: { exec: { command: ['true'] } } },
      },
    ],
    containers: [{ name: 'app', image: 'app' }],
  })
  await cluster.waitUntilReady()
  cluster.deletePod(1)
  await cluster.waitUntil(() => cluster.findEvents('PreStopHookFinished').length > 0, 'the hook')
  cluster.runtime.latest('proxy').end(0)
  await cluster.waitUntilGone()
  expect(cluster.findEvents('Started', 'proxy')).toHaveLength(1)
})

test('Pod end: when the main containers are done sidecars are stopped', async () => {
  await using cluster = await TestCluster.start({ proxy: [obedient], job: [{ ends: { afterMs: 50, exitCode: 0 } }] })
  cluster.createPod({
    restartPolicy: 'Never',
    initContainers: [{ name: 'proxy', image: 'proxy', restartPolicy: 'Always' }],
    containers: [{ name: 'job', image: 'job' }],
  })
  await cluster.waitUntil(
    () => cluster.pod?.status?.phase === 'Succeeded' && cluster.runtime.sandboxes.size === 0,
    'the end',
  )
  expect(cluster.listInOrder().slice(-4)).toEqual([
    'ContainerExited job',
    'Killing proxy',
    'SIGTERM proxy',
    'ContainerExited proxy',
  ])
  cluster.store.remove('pods', 'web', 'default')
  await cluster.waitUntilGone()
})

const stuck = {
  'an init container runs': { init: [obedient] },
  'a container waits for its next start': { init: [{ ends: { afterMs: 0, exitCode: 1 } }] },
  'an image cannot be had': {},
  'a container cannot be executed': { init: [{ error: new RuntimeError('StartError', 'exec format error') }] },
}
test.concurrent.each(Object.entries(stuck))('Pod end: a pod can be deleted while %s', async (_, scripts) => {
  await using cluster = await TestCluster.start(scripts)
  if (!('init' in scripts)) cluster.runtime.images['init'] = new RuntimeError('ErrImagePull', 'no such image')
  cluster.createPod({
    initContainers: [{ name: 'init', image: 'init' }],
    containers: [{ name: 'app', image: 'app' }],
  })
  await cluster.waitUntil(() => {
    const { state } = cluster.container('init') ?? {}
    return state?.running ?? /^(CrashLoopBackOff|ImagePullBackOff)$/.test(state?.waiting?.reason ?? '')
  }, 'the init container to be stuck')
  cluster.deletePod(3)
  await cluster.waitUntilGone()
  expect(cluster.findEvents('Started', 'app')).toEqual([])
})

test('Pod end: a pod can be deleted before anything of it runs', async () => {
  await using cluster = await TestCluster.start()
  cluster.createPod({ containers: [{ name: 'app', image: 'app' }] })
  cluster.deletePod(3)
  await cluster.waitUntilGone()
  expect(cluster.findEvents('Started')).toEqual([])
})

test('Pod end: a finalizer keeps the object until it is taken away', async () => {
  await using cluster = await TestCluster.start()
  cluster.createPod({ containers: [{ name: 'app', image: 'app' }] }, { finalizers: ['example.com/hold'] })
  await cluster.waitUntilReady()
  cluster.deletePod(3)
  await cluster.waitUntil(() => cluster.pod?.metadata.deletionGracePeriodSeconds === 0, 'the kubelet to be done')
  expect(cluster.runtime.sandboxes.size).toBe(0)
  cluster.store.modify('pods', 'web', 'default', ({ metadata }) => {
    metadata.finalizers = []
  })
  await cluster.waitUntilGone()
})

test('Pod end: the end of the cluster kills every container', async () => {
  const cluster = await TestCluster.start({ app: [deaf] })
  cluster.createPod({ containers: [{ name: 'app', image: 'app' }] })
  await cluster.waitUntilReady()
  const { revision } = cluster.store
  await cluster[Symbol.asyncDispose]()
  expect(cluster.runtime.sandboxes.size).toBe(0)
  expect((await cluster.runtime.latest('app').exited).exitCode).toBe(137)
  expect(cluster.store.revision).toBe(revision)
})
