import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createApi } from '../../cluster/api.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import { buildSampleWorkload } from '../../model/workload.ts'
import { startApiProxy } from '../../testing/api-proxy.ts'
import type { ApiProxy, RecordedRequest } from '../../testing/api-proxy.ts'
import { performDisruption, prepareDisruption } from './disrupt.ts'
import type { ActiveDisruption, DisruptionContext } from './disrupt.ts'

type Answer = { status: number; body: unknown }

const pods = '/api/v1/namespaces/n/pods'
const deployment = '/apis/apps/v1/namespaces/n/deployments/web'
const budgets = '/apis/policy/v1/namespaces/n/poddisruptionbudgets'
const ok: Answer = { status: 200, body: {} }
const forbidden: Answer = { status: 403, body: { kind: 'Status', message: 'web is forbidden', code: 403 } }
/** A real API server's answer to an eviction that a budget does not allow. */
const refused: Answer = {
  status: 429,
  body: {
    kind: 'Status',
    status: 'Failure',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    reason: 'TooManyRequests',
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget strict needs 1 healthy pods and has 1 currently',
        },
      ],
    },
    code: 429,
  },
}

let server: ApiProxy
beforeAll(async () => {
  server = await startApiProxy()
})
afterAll(() => server[Symbol.asyncDispose]())

/** A namespace `n` with the pods web-1, web-2 … of a workload, on an API server whose answers a test gives. */
function openNamespace(
  answer: (request: RecordedRequest) => Answer,
  {
    limitMs = 60_000,
    replicas = 2,
    at = server,
    ...more
  }: { limitMs?: number; replicas?: number; at?: Pick<ApiProxy, 'kubeconfig'> } & Partial<ActiveDisruption> = {},
) {
  server.answer = answer
  server.requests.length = 0
  const api = createApi(JSON.stringify({ ...JSON.parse(at.kubeconfig('x')), 'current-context': 'x' }))
  onTestFinished(() => api.close())
  const evictions: [pod: string, status: number][] = []
  const undone: (() => Promise<void>)[] = []
  const stop = new AbortController()
  const context = {
    api,
    namespace: 'n',
    workload: buildSampleWorkload({ workMs: 0 }),
    limitMs,
    signal: stop.signal,
    onEviction: ({ pod, status }: { pod: string; status: number }) => void evictions.push([pod, status]),
    replicas,
    old: Array.from({ length: replicas }, (_, index) => ({ name: `web-${index + 1}`, node: 'node-1' })),
    defer: (undo: () => Promise<void>) => void undone.push(undo),
    ...more,
  }
  return {
    evictions,
    undone,
    stop,
    prepare: (disruption: Disruption) => prepareDisruption(disruption, context),
    perform: (disruption: Disruption, also: Partial<ActiveDisruption> = {}) =>
      performDisruption(disruption, { ...context, ...also }),
  }
}

/** The bodies of the writes, by method and path. */
function listWrites(): [request: string, body: unknown][] {
  return server.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path, body }) => [`${method} ${path}`, JSON.parse(body)])
}

/** The pod that an eviction is for, `null` for any other request. */
function findEvicted({ method, path }: RecordedRequest): string | null {
  return method === 'POST' ? (/\/pods\/([^/]+)\/eviction$/.exec(path)?.[1] ?? null) : null
}

const evict: Disruption = { kind: 'evict' }
/** The evictions of pods are requested at once, in any order. */
const byFirst = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

describe('rollout-restart', () => {
  test('performed: adds kubectl’s annotation to the template, and no more', async () => {
    const { perform } = openNamespace(() => ok)
    const before = Date.now()
    await perform({ kind: 'rollout-restart' })
    const [[request, body], ...others] = listWrites() as [[string, RestartPatch]]
    expect([request, others]).toEqual([`PATCH ${deployment}`, []])
    const { annotations } = body.spec.template.metadata
    expect(Object.keys(annotations)).toEqual(['kubectl.kubernetes.io/restartedAt'])
    expect(Date.parse(annotations['kubectl.kubernetes.io/restartedAt'] ?? '')).toBeGreaterThanOrEqual(before)
  })

  test('refused: says what was attempted and what the API server answered', async () => {
    const { perform } = openNamespace(() => forbidden)
    await expect(perform({ kind: 'rollout-restart' })).rejects.toMatchObject({
      kind: 'unknown',
      message: 'Cannot restart the rollout: web is forbidden',
    })
  })
})

interface RestartPatch {
  spec: { template: { metadata: { annotations: Record<string, string> } } }
}

describe('scale', () => {
  test('performed: changes the replicas through the scale subresource', async () => {
    const { perform } = openNamespace(() => ok)
    await perform({ kind: 'scale', to: 1 })
    expect(listWrites()).toEqual([[`PATCH ${deployment}/scale`, { spec: { replicas: 1 } }]])
  })

  test('refused: says to how many', async () => {
    const { perform } = openNamespace(() => forbidden)
    await expect(perform({ kind: 'scale', to: 1 })).rejects.toThrow('Cannot scale to 1: web is forbidden')
  })
})

describe('a workload that ran before', () => {
  const workload = { ...buildSampleWorkload({ workMs: 0 }), namespace: 'n' }
  const scaleBack = [
    { op: 'test', path: '/spec/replicas', value: 3 },
    { op: 'add', path: '/spec/replicas', value: 2 },
  ]

  /** The recorded scaling; `null` where it was removed. */
  function openTarget(answer: (request: RecordedRequest) => Answer) {
    const notes: (object | null)[] = []
    const recordScaled: DisruptionContext['recordScaled'] = (scaled) => {
      // Before the effect.
      expect(listWrites().filter(([, body]) => JSON.stringify(body).includes(`"replicas":${scaled.to}}`))).toEqual([])
      notes.push(scaled)
      return () => void notes.push(null)
    }
    return { notes, ...openNamespace(answer, { workload, recordScaled }) }
  }

  const ready: Answer = { status: 200, body: { status: { readyReplicas: 3 } } }
  test.each<Disruption>([
    { kind: 'scale', to: 3 },
    { kind: 'autoscale', to: 3, holdMs: 0 },
  ])('undone: $kind is taken back unless another client has scaled it since', async (disruption) => {
    const { notes, perform, undone } = openTarget(({ method }) => (method === 'GET' ? ready : ok))
    await perform(disruption)
    expect(notes).toEqual([{ namespace: 'n', kind: 'Deployment', name: 'web', from: 2, to: 3 }])
    server.requests.length = 0
    for (const undo of undone) await undo()
    expect(listWrites()).toEqual([[`PATCH ${deployment}/scale`, scaleBack]])
    expect(notes.at(-1)).toBe(null)
  })

  test('undone: a failed test of the value, and a workload that is gone, are no errors', async () => {
    for (const status of [422, 404]) {
      const { notes, perform, undone } = openTarget(({ body }) => (body.startsWith('[') ? { status, body: {} } : ok))
      await perform({ kind: 'scale', to: 3 })
      for (const undo of undone) await undo()
      expect(notes.at(-1)).toBe(null)
    }
  })

  /** The API server's answer for a Deployment with these replicas. */
  const has = (replicas: number, resourceVersion = '7'): Answer => ({
    status: 200,
    body: { metadata: { resourceVersion }, spec: { replicas } },
  })

  test('undone: a workload that another client has scaled since is left alone, and that is reported', async () => {
    for (const to of [3, 0]) {
      const told: string[] = []
      const { notes, perform, undone } = openTarget(({ method, body }) =>
        method === 'GET' ? has(5) : body.startsWith('[') ? { status: 422, body: {} } : ok,
      )
      const output = { path: '/dev/null', show: (line: string) => void told.push(line) }
      await perform({ kind: 'scale', to }, { output })
      server.requests.length = 0
      for (const undo of undone) await undo()
      const asked = to === 0 ? [] : [[`PATCH ${deployment}/scale`, scaleBack]]
      expect(listWrites()).toEqual(asked)
      expect(told).toEqual([
        'deployment/web in n is not scaled back to 2: it has 5 replicas, set by another client since',
      ])
      expect(notes.at(-1)).toBe(null)
    }
  })

  test('undone: one that has as many pods as before needs no word', async () => {
    const told: string[] = []
    const { perform, undone } = openTarget(({ method, body }) =>
      method === 'GET' ? has(2) : body.startsWith('[') ? { status: 422, body: {} } : ok,
    )
    const output = { path: '/dev/null', show: (line: string) => void told.push(line) }
    for (const to of [3, 0]) await perform({ kind: 'scale', to }, { output })
    for (const undo of undone.toReversed()) await undo()
    expect(told).toEqual([])
  })

  test('undone: a scale to none is taken back unless another client writes, whatever a controller writes meanwhile', async () => {
    let version = 7
    const { notes, perform, undone } = openTarget(({ method, body }) => {
      if (method === 'GET') return has(0, String(version))
      if (!body.startsWith('[')) return ok
      const [test] = JSON.parse(body) as [{ value: string }]
      // Its status was written between reading and writing.
      return test.value === '7' && version === 7 ? (version++, { status: 422, body: {} }) : ok
    })
    await perform({ kind: 'scale', to: 0 })
    server.requests.length = 0
    for (const undo of undone) await undo()
    const writes = ['7', '8'].map((value) => [
      `PATCH ${deployment}/scale`,
      [
        { op: 'test', path: '/metadata/resourceVersion', value },
        { op: 'add', path: '/spec/replicas', value: 2 },
      ],
    ])
    expect(listWrites()).toEqual(writes)
    expect(notes.at(-1)).toBe(null)
  })

  test('not undone: it is told with what to do, and stays written down', async () => {
    const { notes, perform, undone } = openTarget(({ body }) => (body.startsWith('[') ? forbidden : ok))
    await perform({ kind: 'scale', to: 3 })
    await expect(undone[0]?.()).rejects.toMatchObject({
      message: 'Cannot scale deployment/web in n back: the API answered 403',
      advice: 'kubectl scale deployment/web -n n --replicas=2 does it.',
    })
    expect(notes).toHaveLength(1)
  })

  test('a drain: the node is marked for the run’s own namespace, which goes with the run', async () => {
    const { perform } = openNamespace(() => ok, { workload, ownNamespace: 'nodrop-r' })
    await perform({ kind: 'drain' })
    expect(listWrites()[0]?.[1]).toMatchObject({ metadata: { labels: { 'nodrop.dev/drained-for': 'nodrop-r' } } })
  })

  test('pods: asked for by the names that the API server knows', async () => {
    const old = [{ name: 'web-0~2', node: 'node-1' }]
    const { evictions, perform } = openNamespace(() => ({ status: 201, body: {} }), { workload, old })
    await perform(evict)
    await perform({ kind: 'delete' })
    expect(listWrites().map(([request]) => request)).toEqual([`POST ${pods}/web-0/eviction`, `DELETE ${pods}/web-0`])
    expect(evictions).toEqual([['web-0~2', 201]])
  })
})

describe('evict', () => {
  test('performed: asks for each pod once, and tells the answers', async () => {
    const { evictions, perform } = openNamespace(() => ({ status: 201, body: {} }))
    await perform(evict)
    expect(listWrites().sort(byFirst)).toEqual([
      [`POST ${pods}/web-1/eviction`, { metadata: { name: 'web-1', namespace: 'n' } }],
      [`POST ${pods}/web-2/eviction`, { metadata: { name: 'web-2', namespace: 'n' } }],
    ])
    expect(evictions.sort(byFirst)).toEqual([
      ['web-1', 201],
      ['web-2', 201],
    ])
  })

  test('performed: of some pods the first by name', async () => {
    const { perform } = openNamespace(() => ({ status: 201, body: {} }), { replicas: 3 })
    await perform({ kind: 'evict', pods: 1 })
    expect(listWrites().map(([request]) => request)).toEqual([`POST ${pods}/web-1/eviction`])
  })

  test('gone already: such a pod is no failure, and no eviction either', async () => {
    const gone = { status: 404, body: { kind: 'Status', message: 'pods "web-1" not found', code: 404 } }
    const { evictions, perform } = openNamespace((request) =>
      findEvicted(request) === 'web-1' ? gone : { status: 201, body: {} },
    )
    await perform(evict)
    expect(evictions).toEqual([['web-2', 201]])
  })

  test('budget: asks again while it refuses, and tells each refusal', async () => {
    let refusals = 0
    const { evictions, perform } = openNamespace((request) =>
      findEvicted(request) === 'web-2' && refusals++ === 0 ? refused : { status: 201, body: {} },
    )
    await perform(evict)
    expect(evictions.filter(([pod]) => pod === 'web-2')).toEqual([
      ['web-2', 429],
      ['web-2', 201],
    ])
  })

  test('budget: one that never allows it ends at the limit, in its own words', async () => {
    const { evictions, perform } = openNamespace(() => refused, { limitMs: 700, replicas: 1 })
    await expect(perform(evict)).rejects.toMatchObject({
      kind: 'unknown',
      message:
        "Cannot evict web-1 within 0.7 s: Cannot evict pod as it would violate the pod's disruption budget. " +
        'The disruption budget strict needs 1 healthy pods and has 1 currently',
    })
    expect(new Set(evictions.map(([, status]) => status))).toEqual(new Set([429]))
    expect(evictions.length).toBeGreaterThan(1)
  })

  test('forbidden: the other pods are given up, and nothing more is asked', async () => {
    const { perform } = openNamespace((request) => (findEvicted(request) === 'web-1' ? forbidden : refused))
    await expect(perform(evict)).rejects.toThrow('Cannot evict web-1: web is forbidden')
    const asked = server.requests.length
    await sleep(700)
    expect(server.requests.length).toBe(asked)
  })

  test('interruption: it ends the wait for a budget', async () => {
    const { stop, perform } = openNamespace(() => refused)
    const evicting = perform(evict)
    stop.abort(new Error('interrupted'))
    await expect(evicting).rejects.toSatisfy(
      (error) => error === stop.signal.reason || (error as Error).cause === stop.signal.reason,
    )
  })
})

describe('delete', () => {
  test('performed: asks for each pod once, with the grace period of the scenario', async () => {
    const { evictions, perform } = openNamespace(() => ok)
    await perform({ kind: 'delete', gracePeriodSeconds: 3 })
    expect(listWrites().sort(byFirst)).toEqual([
      [`DELETE ${pods}/web-1`, { gracePeriodSeconds: 3 }],
      [`DELETE ${pods}/web-2`, { gracePeriodSeconds: 3 }],
    ])
    expect(evictions).toEqual([])
  })

  test('performed: without a grace period, so that each pod has its own', async () => {
    const { perform } = openNamespace(() => ok, { replicas: 3 })
    await perform({ kind: 'delete', count: 1 })
    expect(listWrites()).toEqual([[`DELETE ${pods}/web-1`, {}]])
  })

  test('gone already: such a pod is no failure', async () => {
    const gone = { status: 404, body: { kind: 'Status', message: 'pods "web-1" not found', code: 404 } }
    const { perform } = openNamespace(({ path }) => (path.endsWith('/web-1') ? gone : ok))
    await perform({ kind: 'delete' })
    expect(listWrites()).toHaveLength(2)
  })

  test('refused: says which pod', async () => {
    const { perform } = openNamespace(() => forbidden, { replicas: 1 })
    await expect(perform({ kind: 'delete' })).rejects.toThrow('Cannot delete web-1: web is forbidden')
  })
})

describe('update', () => {
  const update: Disruption = { kind: 'update', container: 'app', env: { RELEASE: '2' }, image: 'shop:2' }
  const generation = (number: number): Answer => ({ status: 200, body: { metadata: { generation: number } } })
  const newTemplate = ({ method }: RecordedRequest): Answer => generation(method === 'PATCH' ? 2 : 1)
  const patchOf = (container: object): unknown => [
    `PATCH ${deployment}`,
    { spec: { template: { spec: { containers: [container] } } } },
  ]

  test('performed: changes the container’s environment and image, and no more', async () => {
    const { prepare, perform } = openNamespace(newTemplate)
    await prepare(update)
    await perform(update)
    const env = [{ name: 'RELEASE', value: '2' }]
    expect(listWrites()).toEqual([patchOf({ name: 'app', env, image: 'shop:2' })])
  })

  test('performed: without a container it is the one in front', async () => {
    const { perform } = openNamespace(newTemplate)
    await perform({ kind: 'update', image: 'shop:2' })
    expect(listWrites()).toEqual([patchOf({ name: 'nginx', image: 'shop:2' })])
  })

  test('performed: a patch of the whole object goes as it is', async () => {
    const { prepare, perform } = openNamespace(newTemplate)
    const patch = { spec: { template: { spec: { terminationGracePeriodSeconds: 5 } } } }
    await prepare({ kind: 'update', patch })
    await perform({ kind: 'update', patch })
    expect(listWrites()).toEqual([[`PATCH ${deployment}`, patch]])
  })

  test('no such container: refused before any load, and nothing is asked of the cluster', async () => {
    const { prepare } = openNamespace(newTemplate)
    await expect(prepare({ ...update, container: 'web' })).rejects.toMatchObject({
      kind: 'usage',
      message: 'Cannot update the container web: Deployment web has nginx, app',
    })
    expect(server.requests).toEqual([])
  })

  test('like that already: said at once, for no pod would ever be replaced', async () => {
    const { perform } = openNamespace(() => generation(1))
    await expect(perform(update)).rejects.toMatchObject({
      kind: 'unknown',
      message: 'Cannot update Deployment web: its container app is like that already',
    })
  })

  test('refused: says what was attempted and what the API server answered', async () => {
    const { perform } = openNamespace((request) => (request.method === 'PATCH' ? forbidden : newTemplate(request)))
    await expect(perform(update)).rejects.toThrow('Cannot update Deployment web: web is forbidden')
  })
})

describe('apply', () => {
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: 'b' } }
  const applying = (...objects: object[]): Disruption => ({ kind: 'apply', file: 'v2.yaml', read: () => objects })
  const resources = {
    kind: 'APIResourceList',
    resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }],
  }
  const missing = { status: 404, body: { kind: 'Status', message: 'configmaps "settings" not found', code: 404 } }
  const placed = { ...settings, metadata: { name: 'settings', namespace: 'n' } }
  const path = '/api/v1/namespaces/n/configmaps'

  test('performed: what there is becomes what the file says', async () => {
    const { perform } = openNamespace(({ path: asked }) =>
      asked === '/api/v1' ? { status: 200, body: resources } : ok,
    )
    await perform(applying(settings))
    expect(listWrites()).toEqual([[`PATCH ${path}/settings`, placed]])
  })

  test('performed: what there is not is created', async () => {
    const { perform } = openNamespace(({ method, path: asked }) => {
      if (asked === '/api/v1') return { status: 200, body: resources }
      return method === 'PATCH' ? missing : { status: 201, body: placed }
    })
    await perform(applying(settings))
    expect(listWrites()[1]).toEqual([`POST ${path}`, placed])
  })

  test('an object of another namespace: refused, and nothing of the file is applied', async () => {
    const { perform } = openNamespace(() => ok)
    const foreign = { ...settings, metadata: { name: 'settings', namespace: 'other' } }
    await expect(perform(applying(settings, foreign))).rejects.toMatchObject({
      kind: 'usage',
      message: 'Cannot apply v2.yaml: its ConfigMap settings is in the namespace other',
    })
    expect(server.requests).toEqual([])
  })
})

describe('drain', () => {
  const drain: Disruption = { kind: 'drain' }
  const node = '/api/v1/nodes/node-1'
  const label = 'nodrop.dev/drained-for'
  const cordoned = { metadata: { labels: { [label]: 'n' } }, spec: { unschedulable: true } }
  const uncordoned = { metadata: { labels: { [label]: null } }, spec: { unschedulable: null } }
  const listNodes =
    (...specs: object[]) =>
    (): Answer => ({ status: 200, body: { items: specs.map((spec) => ({ spec })) } })

  test('performed: cordons the node first, then evicts the pods on it', async () => {
    const { evictions, perform } = openNamespace(() => ok)
    await perform(drain)
    const [first, ...others] = listWrites()
    expect(first).toEqual([`PATCH ${node}`, cordoned])
    expect(others.map(([request]) => request).sort()).toEqual([
      `POST ${pods}/web-1/eviction`,
      `POST ${pods}/web-2/eviction`,
    ])
    expect(evictions).toHaveLength(2)
  })

  test('undone: the node is uncordoned, also when a refused eviction ends the drain', async () => {
    const { undone, perform } = openNamespace((request) => (findEvicted(request) === null ? ok : forbidden))
    await expect(perform(drain)).rejects.toThrow('Cannot evict web-')
    server.requests.length = 0
    for (const undo of undone) await undo()
    expect(listWrites()).toEqual([[`PATCH ${node}`, uncordoned]])
  })

  test('undone: also when it is unknown whether it was cordoned', async () => {
    const { undone, perform } = openNamespace(({ method }) => (method === 'PATCH' ? forbidden : ok))
    await expect(perform(drain)).rejects.toThrow('Cannot cordon node-1: web is forbidden')
    expect(undone).toHaveLength(1)
  })

  test('undone after an interruption, and tried again where the API server fails', async () => {
    const { stop, undone, perform } = openNamespace((request) => (findEvicted(request) === null ? ok : refused))
    const draining = perform(drain)
    setTimeout(() => stop.abort(new Error('interrupted')), 50)
    await expect(draining).rejects.toThrow()
    server.requests.length = 0
    server.answer = () => (server.requests.length === 1 ? { status: 500, body: { message: 'not now' } } : ok)
    for (const undo of undone) await undo()
    expect(listWrites()).toEqual([
      [`PATCH ${node}`, uncordoned],
      [`PATCH ${node}`, uncordoned],
    ])
  })

  test('undone: a node that is gone needs nothing', async () => {
    const { undone, perform } = openNamespace(() => ok)
    await perform(drain)
    server.answer = () => ({ status: 404, body: { message: 'nodes "node-1" not found' } })
    for (const undo of undone) await expect(undo()).resolves.toBeUndefined()
  })

  test('cordoned before: it stays so', async () => {
    const { undone, perform } = openNamespace(() => ({ status: 200, body: { spec: { unschedulable: true } } }))
    await perform(drain)
    expect(undone).toEqual([])
    expect(listWrites().filter(([request]) => request === `PATCH ${node}`)).toEqual([])
  })

  test.each<[string, object[]]>([
    ['another that is cordoned', [{}, { unschedulable: true }]],
    [
      'another that is tainted',
      [{}, { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }],
    ],
  ])('one node and %s: refused before any load', async (_, specs) => {
    const { prepare } = openNamespace(listNodes(...specs))
    await expect(prepare(drain)).rejects.toMatchObject({
      kind: 'environment',
      message: 'Cannot drain a node: 1 of 2 take pods, so those of the workload would have nowhere to go',
    })
    expect(listWrites()).toEqual([])
  })

  test('two nodes that take pods: prepared, and nothing written', async () => {
    const { prepare } = openNamespace(listNodes({}, { taints: [{ key: 'old', effect: 'PreferNoSchedule' }] }))
    await prepare(drain)
    expect(listWrites()).toEqual([])
  })
})

describe('autoscale', () => {
  const autoscale: Disruption = { kind: 'autoscale', to: 4, holdMs: 50 }
  const ready = (readyReplicas: number): Answer => ({ status: 200, body: { status: { readyReplicas } } })

  test('performed: up, and down again when all have been ready for a while', async () => {
    let reads = 0
    const at: number[] = []
    const { perform } = openNamespace(({ method }) => {
      at.push(performance.now())
      return method === 'GET' ? ready(2 + reads++) : ok
    })
    await perform(autoscale)
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `PATCH ${deployment}/scale`,
      `GET ${deployment}`,
      `GET ${deployment}`,
      `GET ${deployment}`,
      `PATCH ${deployment}/scale`,
    ])
    expect(listWrites().map(([, body]) => body)).toEqual([{ spec: { replicas: 4 } }, { spec: { replicas: 2 } }])
    const [ended = 0, last = 0] = at.toReversed()
    expect(ended - last).toBeGreaterThanOrEqual(45)
  })

  test('pods that do not get ready: it ends at the limit, and is not scaled down', async () => {
    const { perform } = openNamespace(({ method }) => (method === 'GET' ? ready(3) : ok), { limitMs: 100 })
    await expect(perform(autoscale)).rejects.toMatchObject({
      kind: 'unknown',
      message: 'Timed out after 0.1 s waiting for 4 pods of Deployment web to get ready; last seen: 3 are ready',
    })
    expect(listWrites()).toHaveLength(1)
  })

  test('interruption: it ends the time at the peak', async () => {
    const { stop, perform } = openNamespace(({ method }) => (method === 'GET' ? ready(4) : ok))
    const scaling = perform({ ...autoscale, holdMs: 60_000 })
    setTimeout(() => stop.abort(new Error('interrupted')), 100)
    await expect(scaling).rejects.toSatisfy(
      (error) => error === stop.signal.reason || (error as Error).cause === stop.signal.reason,
    )
  })
})

describe('evict under a budget', () => {
  const underBudget: Disruption = { kind: 'evict', budget: { maxUnavailable: 1 } }
  const allowing = (disruptionsAllowed: number): Answer => ({
    status: 200,
    body: { status: { disruptionsAllowed, currentHealthy: 2, desiredHealthy: 3 } },
  })

  test('created: covers the workload’s pods, and allows a disruption', async () => {
    let reads = 0
    const { prepare } = openNamespace(({ method }) => (method === 'GET' ? allowing(reads++) : ok))
    await prepare(underBudget)
    expect(listWrites()).toEqual([
      [
        `POST ${budgets}`,
        { metadata: { name: 'web' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } } },
      ],
    ])
    expect(reads).toBe(2)
  })

  test('none asked for: nothing is prepared', async () => {
    const { prepare } = openNamespace(() => ok)
    await prepare(evict)
    expect(server.requests).toEqual([])
  })

  test('refused: says that it cannot be created', async () => {
    const { prepare } = openNamespace(() => forbidden)
    await expect(prepare(underBudget)).rejects.toThrow('Cannot create the disruption budget: web is forbidden')
  })

  test('API failing: says that it cannot be read any more', async () => {
    const { prepare } = openNamespace(({ method }) => (method === 'GET' ? forbidden : ok))
    await expect(prepare(underBudget)).rejects.toThrow('Cannot read the disruption budget: web is forbidden')
  })

  test('interruption: it ends the wait for it', async () => {
    const { stop, prepare } = openNamespace(({ method }) => (method === 'GET' ? allowing(0) : ok))
    const preparing = prepare(underBudget)
    setTimeout(() => stop.abort(new Error('interrupted')), 50)
    await expect(preparing).rejects.toSatisfy(
      (error) => error === stop.signal.reason || (error as Error).cause === stop.signal.reason,
    )
  })
})

test.each<Disruption>([{ kind: 'rollout-restart' }, { kind: 'scale', to: 1 }, { kind: 'evict' }, { kind: 'delete' }])(
  'undone: $kind leaves nothing behind that would have to be',
  async (disruption) => {
    const { undone, perform } = openNamespace(() => ({ status: 201, body: {} }))
    await perform(disruption)
    expect(undone).toEqual([])
  },
)

test.each<[Disruption, string]>([
  [{ kind: 'rollout-restart' }, 'Cannot restart the rollout: '],
  [{ kind: 'scale', to: 1 }, 'Cannot scale to 1: '],
  [{ kind: 'evict' }, 'Cannot evict web-'],
  [{ kind: 'delete' }, 'Cannot delete web-'],
  [{ kind: 'autoscale', to: 4, holdMs: 0 }, 'Cannot scale to 4: '],
  [{ kind: 'drain' }, 'Cannot read the node node-1: '],
  [{ kind: 'update', image: 'shop:2' }, 'Cannot read Deployment web: '],
])('no API server: $kind says what was attempted', async (disruption, message) => {
  const kubeconfig = (name: string): string => server.kubeconfig(name).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')
  const { perform } = openNamespace(() => ok, { at: { kubeconfig } })
  await expect(perform(disruption)).rejects.toThrow(message)
})
