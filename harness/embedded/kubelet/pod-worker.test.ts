import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RuntimeError } from '../runtime/runtime.ts'
import { TestCluster } from '../testing/test-kubelet.ts'

test('Pod: the nodes are registered ready, with an address and room', async () => {
  await using cluster = await TestCluster.start()
  const nodes = cluster.store.list('nodes')
  expect(nodes.map(({ metadata }) => metadata.labels?.['kubernetes.io/hostname'])).toEqual(['node-1', 'node-2'])
  for (const { status } of nodes) {
    expect(status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True')
    expect(status?.addresses?.map(({ type }) => type)).toEqual(['InternalIP', 'Hostname'])
    expect(status?.allocatable).toHaveProperty('cpu')
  }
})

test('Pod: a pod of an unknown node and one without a node are left alone', async () => {
  await using cluster = await TestCluster.start()
  const containers = [{ name: 'app', image: 'app' }]
  cluster.store.create('pods', { metadata: { name: 'a', namespace: 'default' }, spec: { containers } })
  cluster.createPod({ nodeName: 'elsewhere', containers })
  await new Promise((resolve) => void setTimeout(resolve, 50))
  expect(cluster.runtime.sandboxes.size).toBe(0)
})

test('Pod: init containers in turn, sidecars started, then main ones', async () => {
  await using cluster = await TestCluster.start({
    migrate: [{ ends: { afterMs: 30, exitCode: 0 } }],
    warm: [{ ends: { afterMs: 30, exitCode: 0 } }],
  })
  cluster.createPod({
    initContainers: [
      { name: 'migrate', image: 'i' },
      { name: 'proxy', image: 'i', restartPolicy: 'Always', startupProbe: { exec: { command: ['true'] } } },
      { name: 'warm', image: 'i' },
    ],
    containers: [
      { name: 'nginx', image: 'i' },
      { name: 'app', image: 'i' },
    ],
  })
  await cluster.waitUntilReady()
  const order = cluster.listInOrder().filter((what) => /^(Started|ContainerExited)/.test(what))
  expect(order).toEqual([
    'Started migrate',
    'ContainerExited migrate',
    'Started proxy',
    'Started warm',
    'ContainerExited warm',
    'Started nginx',
    'Started app',
  ])
  expect(cluster.pod?.status).toMatchObject({ phase: 'Running', podIP: '127.0.0.1', hostIP: '172.18.0.2' })
  for (const type of ['PodReadyToStartContainers', 'Initialized', 'ContainersReady', 'Ready']) {
    expect(cluster.condition(type)?.status).toBe('True')
  }
})

test('Pod: with restartPolicy Never a failed init container fails it', async () => {
  await using cluster = await TestCluster.start({ init: [{ ends: { afterMs: 0, exitCode: 3 } }] })
  cluster.createPod({
    restartPolicy: 'Never',
    initContainers: [{ name: 'init', image: 'i' }],
    containers: [{ name: 'app', image: 'i' }],
  })
  await cluster.waitUntil(() => cluster.pod?.status?.phase === 'Failed', 'the pod to fail')
  expect(cluster.container('init')?.state?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' })
  expect(cluster.findEvents('Started', 'app')).toEqual([])
})

test('Pod: the first restart is immediate, the second after ten seconds', async () => {
  const crash = { ends: { afterMs: 20, exitCode: 1 } }
  await using cluster = await TestCluster.start({ app: [crash] })
  const { uid } = cluster.createPod({ containers: [{ name: 'app', image: 'app:1' }] }).metadata
  await cluster.waitUntil(() => cluster.container('app')?.state?.waiting?.reason === 'CrashLoopBackOff', 'the back-off')
  expect(cluster.container('app')).toMatchObject({
    restartCount: 1,
    ready: false,
    started: false,
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    state: { waiting: { message: `back-off 10s restarting failed container=app pod=web_default(${uid})` } },
  })
  expect(cluster.findEvents('BackOff')[0]?.message).toBe(
    `Back-off restarting failed container app in pod web_default(${uid})`,
  )
  expect(cluster.findEvents('Started')).toHaveLength(2)
  expect(cluster.recordedEvents.slice(0, 3).map(({ message }) => message)).toEqual([
    'Container image "app:1" already present on machine',
    'Created container: app',
    'Started container app',
  ])
})

test('Pod: with restartPolicy OnFailure it runs until success', async () => {
  await using cluster = await TestCluster.start({
    job: [{ ends: { afterMs: 10, exitCode: 1 } }, { ends: { afterMs: 10, exitCode: 0 } }],
  })
  cluster.createPod({ restartPolicy: 'OnFailure', containers: [{ name: 'job', image: 'job' }] })
  await cluster.waitUntil(() => cluster.pod?.status?.phase === 'Succeeded', 'the pod to succeed')
  expect(cluster.container('job')).toMatchObject({
    restartCount: 1,
    state: { terminated: { exitCode: 0, reason: 'Completed' } },
    lastState: { terminated: { exitCode: 1 } },
  })
})

test('Pod: a container that cannot be started has the reason', async () => {
  await using cluster = await TestCluster.start()
  cluster.runtime.images['x'] = new RuntimeError('ErrImagePull', 'it is not there')
  cluster.createPod({
    containers: [
      { name: 'missing', image: 'x', imagePullPolicy: 'Never' },
      { name: 'unset', image: 'y', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] },
    ],
  })
  await cluster.waitUntil(() => cluster.findEvents('Failed').length === 2, 'both to fail')
  expect(cluster.container('missing')?.state?.waiting).toEqual({
    reason: 'ErrImageNeverPull',
    message: 'Container image "x" is not present with pull policy of Never',
  })
  expect(cluster.container('unset')?.state?.waiting).toEqual({
    reason: 'CreateContainerConfigError',
    message: 'configmap "c" not found',
  })
  expect(cluster.pod?.status?.phase).toBe('Pending')
})

test('Pod: a failed pull is repeated after ImagePullBackOff', async () => {
  await using cluster = await TestCluster.start()
  cluster.runtime.images['x'] = new RuntimeError('ErrImagePull', 'it is not there')
  cluster.createPod({ containers: [{ name: 'app', image: 'x', imagePullPolicy: 'IfNotPresent' }] })
  const getWaitingState = () => cluster.container('app')?.state?.waiting
  await cluster.waitUntil(() => getWaitingState()?.reason === 'ErrImagePull', 'the pull to fail')
  expect(getWaitingState()?.message).toBe('it is not there')
  await cluster.waitUntil(() => getWaitingState()?.reason === 'ImagePullBackOff', 'the back-off')
  expect(getWaitingState()?.message).toBe('Back-off pulling image "x": ErrImagePull: it is not there')
  expect(cluster.findEvents('Failed').map(({ message }) => message)).toEqual([
    'Failed to pull image "x": it is not there',
    'Error: ErrImagePull',
    'Error: ImagePullBackOff',
  ])
  cluster.runtime.images['x'] = { user: '' }
  await cluster.waitUntil(() => cluster.container('app')?.state?.running, 'the second pull', 12_000)
  expect(cluster.findEvents('Failed')).toHaveLength(3)
})

test.each([
  ['', 'image will run as root'],
  ['0:0', 'image will run as root'],
  ['nobody', 'image has non-numeric user (nobody), cannot verify user is non-root'],
])('Pod: runAsNonRoot refuses an image whose user is "%s"', async (user, why) => {
  await using cluster = await TestCluster.start()
  cluster.runtime.images['x'] = { user }
  const { metadata } = cluster.createPod({
    containers: [{ name: 'app', image: 'x', securityContext: { runAsNonRoot: true } }],
  })
  await cluster.waitUntil(() => cluster.findEvents('Failed').length > 0, 'the start to fail')
  const message = `container has runAsNonRoot and ${why} (pod: "web_default(${metadata.uid})", container: app)`
  expect(cluster.container('app')?.state?.waiting).toEqual({ reason: 'CreateContainerConfigError', message })
  expect(cluster.findEvents('Failed')[0]?.message).toBe(`Error: ${message}`)
})

test.each([
  ['the image names another user', { user: '10001:10001' }, {}],
  ['the pod names another user', { user: 'nobody' }, { runAsUser: 1000 }],
  ['the container may be root', { user: '' }, { runAsNonRoot: false }],
])('Pod: runAsNonRoot is satisfied where %s', async (_, image, securityContext) => {
  await using cluster = await TestCluster.start()
  cluster.runtime.images['x'] = image
  cluster.createPod({
    securityContext: { runAsNonRoot: true },
    containers: [{ name: 'app', image: 'x', securityContext }],
  })
  await cluster.waitUntil(() => cluster.container('app')?.state?.running, 'the container to run')
  expect(cluster.findEvents('Failed')).toEqual([])
})

test('Pod: a container runs once its postStart hook has ended', async () => {
  await using cluster = await TestCluster.start()
  const postStart = { exec: { command: ['sleep', '0.3'] } }
  cluster.createPod({
    containers: [
      { name: 'nginx', image: 'i', lifecycle: { postStart } },
      { name: 'app', image: 'i' },
    ],
  })
  await cluster.waitUntil(() => cluster.findEvents('Started', 'nginx').length > 0, 'nginx to start')
  expect(cluster.container('nginx')?.state?.waiting?.reason).toBe('ContainerCreating')
  await cluster.waitUntilReady()
  const [nginx, app] = ['nginx', 'app'].map((name) => cluster.findEvents('Started', name)[0]?.atUs ?? 0)
  expect((app ?? 0) - (nginx ?? 0)).toBeGreaterThanOrEqual(299_000)
})

test('Pod: a failed postStart hook restarts the container', async () => {
  await using cluster = await TestCluster.start()
  const postStart = { exec: { command: ['false'] } }
  cluster.createPod({ containers: [{ name: 'app', image: 'i', lifecycle: { postStart } }] })
  await cluster.waitUntil(() => cluster.container('app')?.restartCount === 1, 'the restart')
  expect(cluster.findEvents('FailedPostStartHook')[0]?.message).toBe('PostStartHook failed')
  expect(cluster.findEvents('Killing')[0]?.message).toBe('FailedPostStartHook')
})

test('Pod: a container gets its environment, command, user and volumes', async () => {
  await using cluster = await TestCluster.start()
  cluster.store.create('configmaps', {
    metadata: { name: 'conf', namespace: 'default' },
    data: { 'app.conf': 'workers = 2', level: 'info' },
  })
  cluster.createPod(
    {
      securityContext: { runAsUser: 1000, runAsGroup: 1000, runAsNonRoot: true },
      containers: [
        {
          name: 'app',
          image: 'i',
          command: ['run', '$(POD)'],
          args: ['--ip=$(IP)', '$(NOPE)', '$$(POD)'],
          workingDir: '/srv',
          securityContext: { runAsUser: 2000 },
          envFrom: [{ configMapRef: { name: 'conf' }, prefix: 'C_' }],
          env: [
            { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
            { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'conf', key: 'level' } } },
            { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'no', key: 'k', optional: true } } },
            { name: 'BOTH', value: '$(POD)/$(C_level)' },
          ],
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'conf', mountPath: '/etc/app' },
            { name: 'info', mountPath: '/etc/info' },
          ],
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: { medium: 'Memory' } },
        { name: 'conf', configMap: { name: 'conf', items: [{ key: 'app.conf', path: 'sub/a.conf', mode: 0o600 }] } },
        { name: 'info', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      ],
    },
    { labels: { app: 'web' } },
  )
  await cluster.waitUntilReady()
  const { config } = cluster.runtime.latest('app')
  expect(config).toMatchObject({
    command: ['run', 'web'],
    args: ['--ip=127.0.0.1', '$(NOPE)', '$(POD)'],
    workingDir: '/srv',
    runAsUser: 2000,
    runAsGroup: 1000,
  })
  const env = Object.fromEntries(config.env.map(({ name, value }) => [name, value]))
  expect(env).toMatchObject({ POD: 'web', IP: '127.0.0.1', APP: 'web', LEVEL: 'info', BOTH: 'web/info' })
  expect(env).not.toHaveProperty('NONE')
  expect(config.mounts.map(({ containerPath, readOnly }) => [containerPath, readOnly])).toEqual([
    ['/tmp', false],
    ['/etc/app', true],
    ['/etc/info', true],
  ])
  const [, conf, info] = config.mounts.map(({ hostPath }) => hostPath)
  expect(await readFile(join(conf ?? '', 'sub/a.conf'), 'utf8')).toBe('workers = 2')
  expect(await readFile(join(info ?? '', 'name'), 'utf8')).toBe('web')
})

test.each([
  [{ name: 'v', hostPath: { path: '/etc' } }, 'hostPath is not supported by the embedded cluster'],
  [{ name: 'v', configMap: { name: 'gone' } }, 'configmap "gone" not found'],
  [{ name: 'v', configMap: { name: 'conf', items: [{ key: 'k', path: '../../out' }] } }, 'must not contain ".."'],
])('Pod: a volume that cannot be mounted is a FailedMount: %j', async (volume, message) => {
  await using cluster = await TestCluster.start()
  cluster.store.create('configmaps', { metadata: { name: 'conf', namespace: 'default' }, data: { k: 'v' } })
  cluster.createPod({ containers: [{ name: 'app', image: 'i' }], volumes: [volume] })
  await cluster.waitUntil(() => cluster.findEvents('FailedMount').length > 0, 'the event')
  expect(cluster.findEvents('FailedMount')[0]?.message).toContain(message)
  expect(cluster.runtime.containers).toEqual([])
  cluster.deletePod(0)
  await cluster.waitUntilGone()
})

test('Pod: a pod with a readiness gate is ready once the condition is true', async () => {
  await using cluster = await TestCluster.start()
  cluster.createPod({
    readinessGates: [{ conditionType: 'example.com/lb' }],
    containers: [{ name: 'app', image: 'i' }],
  })
  await cluster.waitUntil(() => cluster.condition('ContainersReady')?.status === 'True', 'the containers to be ready')
  expect(cluster.condition('Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' })
  cluster.store.modify('pods', 'web', 'default', ({ status }) => {
    status?.conditions?.push({ type: 'example.com/lb', status: 'True' })
  })
  expect(cluster.isReady()).toBe(true)
})
