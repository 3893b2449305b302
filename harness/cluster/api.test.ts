import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { describe, expect, test, vi } from 'vitest'
import { Fault, getErrorMessage } from '../base/fault.ts'
import { subscribeToTraces } from '../base/tracing.ts'
import type { Trace } from '../base/tracing.ts'
import { startTestApi } from '@nodrop/embedded-kubernetes/testing'
import type { TestApi } from '@nodrop/embedded-kubernetes/testing'
import { startApiProxy } from '../testing/api-proxy.ts'
import type { ApiProxy } from '../testing/api-proxy.ts'
import { startScriptedApi } from '../testing/scripted-api.ts'
import { createApi, connectApi, getErrorStatus } from './api.ts'
import type { KubeApi } from './api.ts'
import { createIdentityExtension } from './identity.ts'

/** The embedded cluster's API through a proxy, with a kubeconfig that was made for it. */
async function setUp(stack: AsyncDisposableStack): Promise<{ api: KubeApi; front: ApiProxy; server: TestApi }> {
  const server = stack.use(await startTestApi())
  const { url, cert, token } = server
  const front = stack.use(await startApiProxy({ behind: { url, ca: cert, token } }))
  const uid = server.store.get('namespaces', 'kube-system')?.metadata.uid ?? ''
  const extensions = [createIdentityExtension({ context: 'staging', uid })]
  const api = createApi(
    JSON.stringify({ ...JSON.parse(front.kubeconfig('staging')), 'current-context': 'staging', extensions }),
  )
  stack.defer(() => api.close())
  return { api, front, server }
}

/** One call of each kind that writes. */
const namespace = 'default'
const body = { metadata: { name: 'x' } }
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
const writes: Record<string, (api: KubeApi) => Promise<unknown>> = {
  create: ({ core }) => core.createNamespace({ body }),
  replace: ({ core }) => core.replaceNamespace({ name: 'x', body }),
  patch: ({ apps }) => apps.patchNamespacedDeployment({ name: 'x', namespace, body: {} }, merge),
  'patch of a subresource': ({ apps }) =>
    apps.patchNamespacedDeploymentScale({ name: 'x', namespace, body: {} }, merge),
  delete: ({ core }) => core.deleteNamespace({ name: 'x' }),
  'delete of a collection': ({ core }) => core.deleteCollectionNamespacedPod({ namespace }),
  evict: ({ core }) => core.createNamespacedPodEviction({ name: 'x', namespace, body }),
  budget: ({ policy }) => policy.createNamespacedPodDisruptionBudget({ namespace, body }),
  'create of any kind': ({ objects }) =>
    objects.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace } }),
  'delete of any kind': ({ objects }) =>
    objects.delete({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace } }),
  'raw POST': (api) => api.request({ method: 'POST', path: '/api/v1/namespaces', body: JSON.stringify(body) }),
}

test('API: before every write the cluster is asked whether it is the same', async () => {
  await using stack = new AsyncDisposableStack()
  const { api, front } = await setUp(stack)
  for (const write of Object.values(writes)) {
    front.requests.length = 0
    await write(api).catch((error: unknown) => expect(getErrorStatus(error)).toBeGreaterThan(0))
    const sent = front.requests.filter(({ method }) => method !== 'GET')
    expect(sent).toHaveLength(1)
    const before = front.requests[front.requests.indexOf(sent[0] as (typeof sent)[number]) - 1]
    expect(before).toMatchObject({ method: 'GET', path: '/api/v1/namespaces/kube-system' })
  }
})

test.each(Object.entries(writes))('no %s reaches another cluster that has taken the place', async (_, write) => {
  await using stack = new AsyncDisposableStack()
  const { api, front, server } = await setUp(stack)
  front.answer = ({ path }) =>
    path.endsWith('/kube-system') ? { status: 200, body: { metadata: { uid: 'another' } } } : undefined
  const before = server.store.list('namespaces').length
  const thrown: unknown = await write(api).catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(Fault)
  expect(thrown).toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('now leads to another cluster') as string,
  })
  expect(front.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  expect(server.store.list('namespaces')).toHaveLength(before)
  expect(getErrorMessage(api.identityChanged.reason)).toContain('the context staging')
})

test('API: a cluster that was another one once is never written to again', async () => {
  await using stack = new AsyncDisposableStack()
  const { api, front } = await setUp(stack)
  front.answer = ({ path }) =>
    path.endsWith('/kube-system') ? { status: 200, body: { metadata: { uid: 'another' } } } : undefined
  await expect(api.core.createNamespace({ body })).rejects.toThrow('another cluster')
  front.answer = () => undefined
  await expect(api.core.createNamespace({ body })).rejects.toThrow('another cluster')
  expect(front.requests.filter(({ method }) => method !== 'GET')).toEqual([])
})

test('API: nothing is read from a cluster that has taken the place', async () => {
  await using stack = new AsyncDisposableStack()
  const { api, front } = await setUp(stack)
  front.answer = ({ path }) =>
    path.endsWith('/kube-system') ? { status: 200, body: { metadata: { uid: 'another' } } } : undefined
  await expect(api.assertSameCluster()).rejects.toThrow('another cluster')
  front.requests.length = 0
  await expect(api.core.listNamespace()).rejects.toThrow('another cluster')
  await expect(api.request({ path: '/api/v1/namespaces' })).rejects.toThrow('another cluster')
  expect(front.requests).toEqual([])
})

test('API: nothing is written while the cluster does not say which it is', async () => {
  await using stack = new AsyncDisposableStack()
  const { api, front } = await setUp(stack)
  front.answer = ({ path }) => (path.endsWith('/kube-system') ? { status: 403, body: {} } : undefined)
  await expect(api.core.createNamespace({ body })).rejects.toThrow('Cannot identify the cluster')
  expect(front.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  front.answer = () => undefined
  await api.core.createNamespace({ body })
  expect(api.identityChanged.aborted).toBe(false)
})

test('API: a kubeconfig without an identity asks nothing more', async () => {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startTestApi())
  const api = createApi(server.kubeconfig)
  stack.defer(() => api.close())
  await expect(api.core.createNamespace({ body })).resolves.toMatchObject({ metadata: { name: 'x' } })
})

describe('API connections', () => {
  const rounds = 4

  test('are shared by typed calls, raw calls and watches', async () => {
    await using server = await startScriptedApi()
    const api = connectApi(server.kubeconfig)
    const made: number[] = []
    for (let round = 0; round < rounds; round++) {
      await api.core.listNamespacedPod({ namespace })
      await api.objects.list('v1', 'Pod', namespace).catch(() => undefined)
      await api.apps.listNamespacedDeployment({ namespace })
      await api.request({ path: '/api/v1/namespaces/x/pods' })
      const watching = new AbortController()
      const opened = api.open({ path: '/api/v1/pods?watch=true', signal: watching.signal })
      const call = await server.nextWatch()
      const stream = await opened
      call.end()
      await stream.toArray()
      made.push(server.connections.made)
    }
    expect(made).toEqual(Array.from({ length: rounds }, () => 1))
    api.close()
    await vi.waitFor(() => expect(server.connections.open).toBe(0))
  })

  test('are no more than were needed at once', async () => {
    await using server = await startScriptedApi()
    const api = connectApi(server.kubeconfig)
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: 5 }, () => api.core.listNamespacedPod({ namespace })))
    }
    expect(server.connections.made).toBe(5)
    api.close()
  })
})

test('API: a call that is not answered ends with a sentence', async () => {
  await using server = await startScriptedApi()
  const api = connectApi(server.kubeconfig, { answerLimitMs: 100 })
  server.silent = true
  await expect(api.core.listNamespacedPod({ namespace })).rejects.toThrow('no whole answer came within 0.1 s')
  await expect(api.request({ path: '/api/v1/pods' })).rejects.toThrow('no whole answer came within 0.1 s')
  api.close()
})

test('API: the path of a server’s address stands before that of every call', async () => {
  await using server = await startScriptedApi()
  const below = readFileSync(server.kubeconfig, 'utf8').replace(/(https:[^"]+)/, '$1/k8s/clusters/c-1/')
  const api = createApi(below)
  const paths: string[] = []
  server.list.items = []
  server.onList = (path) => void paths.push(path)
  await api.core.listNamespacedPod({ namespace })
  await api.request({ path: '/api/v1/pods' })
  expect(paths).toEqual(['/k8s/clusters/c-1/api/v1/namespaces/default/pods', '/k8s/clusters/c-1/api/v1/pods'])
  api.close()
})

test('API: when the cluster has ended calls fail with that reason', async () => {
  await using server = await startScriptedApi()
  const lost = new AbortController()
  const api = connectApi(server.kubeconfig, { lost: lost.signal })
  const opened = api.open({ path: '/api/v1/pods?watch=true' })
  const call = await server.nextWatch()
  await opened
  server.silent = true
  const asking = api.core.listNamespacedPod({ namespace })
  await vi.waitFor(() => expect(server.lists).toBe(1))
  server.cut()
  call.cut()
  lost.abort(new Fault('unknown', 'the cluster has ended'))
  await expect(asking).rejects.toThrow('the cluster has ended')
  const made = server.connections.made
  await expect(api.request({ path: '/api/v1/pods' })).rejects.toThrow('the cluster has ended')
  await expect(api.open({ path: '/api/v1/pods' })).rejects.toThrow('the cluster has ended')
  expect(server.connections.made).toBe(made)
  api.close()
})

test('API: no other file of the product makes clients', () => {
  const harness = join(import.meta.dirname, '..')
  const files = readdirSync(harness, { recursive: true, encoding: 'utf8' })
  const makers = files.filter(
    (file) =>
      file.endsWith('.ts') &&
      !/\.test\.ts$|^(embedded\/)?testing\//.test(file) &&
      /makeApiClient|createConfiguration\(|applyTo(HTTPS|Fetch)Options|new (Watch|Exec|Attach|PortForward|Cp)\(/.test(
        readFileSync(join(harness, file), 'utf8'),
      ),
  )
  expect(makers.sort()).toEqual(['cluster/api.ts', 'cluster/typed-calls.ts'])
})

test('Tracing: every call is published with its status, or with the reason for none', async () => {
  await using stack = new AsyncDisposableStack()
  const front = stack.use(await startApiProxy())
  const api = createApi(JSON.stringify({ ...JSON.parse(front.kubeconfig('staging')), 'current-context': 'staging' }))
  stack.defer(() => api.close())
  const traces: Trace[] = []
  stack.use(subscribeToTraces((trace) => traces.push(trace)))
  front.answer = () => ({ status: 200, body: { gitVersion: 'v1' } })
  await api.version.getCode()
  await api.request({ path: '/a?b=c', signal: AbortSignal.abort() }).catch(() => undefined)
  await front[Symbol.asyncDispose]()
  await api.request({ path: '/gone' }).catch(() => undefined)
  expect(traces).toEqual([
    { kind: 'api', method: 'GET', path: '/version', result: 200, durationMs: expect.any(Number) },
    {
      kind: 'api',
      method: 'GET',
      path: '/gone',
      result: expect.stringMatching(/ECONNREFUSED|ECONNRESET|socket hang up/),
      durationMs: expect.any(Number),
    },
  ])
})
