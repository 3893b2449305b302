import { expect, onTestFinished, test } from 'vitest'
import { createApi } from '../../cluster/api.ts'
import { startApiProxy } from '../../testing/api-proxy.ts'
import type { Attachment } from './attachment.ts'
import { readTarget } from './read-target.ts'
import { parseTarget } from './target.ts'

const labels = { app: 'shop' }
const probe = { httpGet: { path: '/ready', port: 8000 } }
const containers = [{ name: 'web', ports: [{ containerPort: 8000 }], readinessProbe: probe }]
const settled = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }

function createDeployment(replicas = 2, status: object = settled, own = labels) {
  const template = { metadata: { labels: own }, spec: { containers } }
  const spec = { replicas, selector: { matchLabels: own }, template }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop', generation: 1 }, spec, status }
}

function createService(name: string, more: object = {}) {
  const ports = [{ port: 8080, targetPort: 8000 }]
  return { metadata: { name }, spec: { clusterIP: '10.96.0.9', selector: labels, ports, ...more } }
}

function createPod(name: string, ready = true, own = labels) {
  return {
    metadata: { name, labels: own },
    spec: { containers },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }
}

/** A StatefulSet or DaemonSet, otherwise like the Deployment above. */
function createController(status: object, spec: object = {}) {
  const { metadata, spec: own } = createDeployment()
  return { metadata, spec: { ...own, ...spec }, status: { observedGeneration: 1, ...status } }
}
const createStatefulSet = (status: object = {}) =>
  createController({ replicas: 2, availableReplicas: 2, currentRevision: 'a', updateRevision: 'a', ...status })
const createDaemonSet = (count = 2) =>
  createController(
    { desiredNumberScheduled: count, updatedNumberScheduled: count, numberAvailable: count },
    { replicas: undefined },
  )

interface There {
  deployments?: object[]
  statefulsets?: object[]
  daemonsets?: object[]
  services?: object[]
  pods?: object[]
  logs?: boolean
}

const shop: Required<There> = {
  deployments: [createDeployment()],
  statefulsets: [],
  daemonsets: [],
  services: [createService('shop'), createService('other', { selector: { app: 'other' } })],
  pods: [createPod('shop-a'), createPod('shop-b')],
  logs: true,
}

/** `wanted`: `app=shop` … */
function isSelected({ metadata }: { metadata: { labels?: object } }, wanted: string[]): boolean {
  const own = new Set(Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`))
  return wanted.every((one) => own.has(one))
}

/** Reads the target in a namespace with these objects. */
async function read(there: There, text = 'deployment/shop', more: Partial<Attachment> = {}) {
  const { logs, ...lists } = { ...shop, ...there }
  const front = await startApiProxy()
  const api = createApi(front.kubeconfig('x').replace('{', '{"current-context":"x",'))
  onTestFinished(async () => {
    api.close()
    await front[Symbol.asyncDispose]()
  })
  front.answer = ({ method, path }) => {
    if (path.endsWith('/selfsubjectaccessreviews')) return { status: 201, body: { status: { allowed: logs } } }
    if (method !== 'GET') return undefined
    const [, resource = '', name] = /\/namespaces\/eu\/([a-z]+)(?:\/([a-z]+))?/.exec(path) ?? []
    const items = (lists as Record<string, object[]>)[resource] ?? []
    const wanted = new URL(path, front.url).searchParams.get('labelSelector')?.split(',') ?? []
    const selected = items.filter((item) => isSelected(item as { metadata: { labels?: object } }, wanted))
    if (name === undefined) return { status: 200, body: { items: selected } }
    const one = items.find((item) => (item as { metadata: { name: string } }).metadata.name === name)
    return one && { status: 200, body: one }
  }
  const attachment = {
    target: parseTarget(text),
    url: null,
    path: null,
    podHeader: null,
    scenarios: [],
    isDryRun: false,
    ...more,
  }
  const found = await readTarget(attachment, { api, namespace: 'eu' })
  expect(front.requests.filter(({ method, path }) => method !== 'GET' && !path.endsWith('reviews'))).toEqual([])
  return found
}

test.each(['deployment/shop', 'deploy/shop', 'svc/shop'])(
  '%s: its Service, path and pods are found, and only read',
  async (text) => {
    const { workload, replicas, objects } = await read({}, text)
    expect(workload).toMatchObject({
      name: 'shop',
      namespace: 'eu',
      selector: { matchLabels: labels },
      containers: { names: ['web'], front: 'web' },
      service: { name: 'shop', ports: [{ port: 8080 }] },
      path: '/ready',
      identification: { podHeader: null, workloadHeader: null, requestIdHeader: null },
    })
    expect(workload.containers.logs).toBe(undefined)
    expect([replicas, objects.map(({ kind }) => kind)]).toEqual([2, ['Deployment', 'Service']])
  },
)

test.each<[text: string, there: There, kind: string]>([
  ['sts/shop', { statefulsets: [createStatefulSet()] }, 'StatefulSet'],
  ['daemonset/shop', { daemonsets: [createDaemonSet()] }, 'DaemonSet'],
  ['service/shop', { deployments: [], statefulsets: [createStatefulSet()] }, 'StatefulSet'],
  ['service/shop', { deployments: [], daemonsets: [createDaemonSet()] }, 'DaemonSet'],
])('%s: a controller of another kind is measured by its pods', async (text, there, kind) => {
  const { workload, replicas, objects } = await read(there, text)
  expect(workload).toMatchObject({ kind, name: 'shop', selector: { matchLabels: labels }, path: '/ready' })
  expect([replicas, objects.map((one) => one.kind)]).toEqual([2, [kind, 'Service']])
})

const web = { ...labels, tier: 'web' }

test.each<[what: string, there: There]>([
  ['no controller that is known', { deployments: [] }],
  ['two of them', { deployments: [createDeployment(), createDeployment()] }],
  [
    'one of them and others beside',
    { deployments: [createDeployment(1, {}, web)], pods: [createPod('shop-a', true, web), createPod('b')] },
  ],
])('service/shop: the pods that it selects, where they have %s', async (_, there) => {
  const { workload, replicas, objects } = await read(there, 'service/shop')
  expect(workload).toMatchObject({
    kind: 'Service',
    name: 'shop',
    selector: { matchLabels: labels },
    containers: { front: 'web' },
    path: '/ready',
  })
  expect([replicas, objects.map(({ kind }) => kind)]).toEqual([2, ['Service']])
})

test('target: no logs where a pod gets the name of the one before it', async () => {
  const ownerReferences = [{ kind: 'StatefulSet', name: 'shop' }]
  const pods = ['shop-0', 'shop-1'].map((name) => {
    const pod = createPod(name)
    return { ...pod, metadata: { ...pod.metadata, ownerReferences } }
  })
  const { workload } = await read({ statefulsets: [createStatefulSet()], pods }, 'sts/shop')
  expect(workload.containers.logs).toEqual([])
})

test('target from outside: a Service may be headless', async () => {
  const services = [createService('shop', { clusterIP: 'None' })]
  const url = { scheme: 'http', host: '127.0.0.1', port: 80, path: null, tls: null } as const
  const { workload } = await read({ services }, 'deployment/shop', { url })
  expect(workload.service.name).toBe('shop')
})

test('target: what was asked for goes before what is found', async () => {
  const { workload } = await read({ logs: false }, 'deployment/shop', { path: '/cart?a=1', podHeader: 'x-served-by' })
  expect([workload.path, workload.identification.podHeader]).toEqual(['/cart?a=1', 'x-served-by'])
  // Logs without permission to read them are not requested.
  expect(workload.containers.logs).toEqual([])
})

function createDeletedPod(name: string): object {
  const { metadata, ...pod } = createPod(name)
  return { metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }, ...pod }
}

test.each<[what: string, there: There, text: string, fault: [RegExp, kind: string]]>([
  [
    'no such Deployment',
    { deployments: [] },
    'deployment/shop',
    [/Cannot find deployment\/shop in the namespace eu/, 'usage'],
  ],
  ['no such Service', {}, 'service/shoop', [/Cannot find service\/shoop in the namespace eu/, 'usage']],
  ['no Service', { services: [] }, 'deployment/shop', [/no Service selects its pods/, 'usage']],
  [
    'two Services',
    { services: [createService('shop'), createService('shop-admin')] },
    'deployment/shop',
    [/shop, shop-admin all select its pods/, 'usage'],
  ],
  [
    'a headless Service',
    { services: [createService('shop', { clusterIP: 'None' })] },
    'deployment/shop',
    [/shop is headless/, 'usage'],
  ],
  ['no such StatefulSet', {}, 'sts/shop', [/Cannot find statefulset\/shop in the namespace eu/, 'usage']],
  [
    'a Service of something elsewhere',
    { services: [createService('shop', { type: 'ExternalName', externalName: 'x' })] },
    'service/shop',
    [/name of something elsewhere/, 'usage'],
  ],
  [
    'a Service without pods',
    { deployments: [], pods: [] },
    'service/shop',
    [/service\/shop: it has no pods/, 'environment'],
  ],
  [
    'a Service with a pod that is not ready',
    { deployments: [], pods: [createPod('shop-a'), createPod('shop-b', false)] },
    'service/shop',
    [/not at rest \(not ready: shop-b\)/, 'environment'],
  ],
  [
    'a StatefulSet that is updated',
    { statefulsets: [createStatefulSet({ updateRevision: 'b', updatedReplicas: 1 })] },
    'sts/shop',
    [/1 of 2 pods are of the new template/, 'environment'],
  ],
  [
    'a DaemonSet that no node takes',
    { daemonsets: [createDaemonSet(0)], pods: [] },
    'ds/shop',
    [/it has no pods \(no node takes one\)/, 'environment'],
  ],
  [
    'a Service without a selector',
    { services: [createService('shop', { selector: undefined })] },
    'service/shop',
    [/it has no selector/, 'usage'],
  ],
  [
    'no pods',
    { deployments: [createDeployment(0)] },
    'deployment/shop',
    [/it has no pods \(replicas: 0\)/, 'environment'],
  ],
  [
    'a pod that is not ready',
    { pods: [createPod('shop-a'), createPod('shop-b', false)] },
    'deployment/shop',
    [/not at rest \(not ready: shop-b\)/, 'environment'],
  ],
  [
    'a pod that is being deleted, though still ready',
    { pods: [createPod('shop-a'), createDeletedPod('shop-b')] },
    'deployment/shop',
    [/not at rest \(still present: shop-b\)/, 'environment'],
  ],
  [
    'a rollout under way',
    { deployments: [createDeployment(2, { ...settled, updatedReplicas: 1 })] },
    'deployment/shop',
    [/1 of 2 pods are of the new template/, 'environment'],
  ],
])('refused: %s', async (_, there, text, [message, kind]) => {
  await expect(read(there, text)).rejects.toMatchObject({ kind, message: expect.stringMatching(message) as string })
})

test('target: a pod that its kubelet evicted does not count', async () => {
  const evicted = { ...createPod('shop-c', false), status: { phase: 'Failed' } }
  const { replicas } = await read({ pods: [createPod('shop-a'), createPod('shop-b'), evicted] }, 'deployment/shop')
  expect(replicas).toBe(2)
})
