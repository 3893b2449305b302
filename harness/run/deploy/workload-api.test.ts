import { expect, test } from 'vitest'
import { createApi } from '../../cluster/api.ts'
import { startApiProxy } from '../../testing/api-proxy.ts'
import type { ApiProxy } from '../../testing/api-proxy.ts'
import { patchWorkload, readWorkload, scaleWorkload } from './workload-api.ts'
import type { WorkloadKind } from '../../model/workload.ts'
import type { WorkloadReference } from './workload-api.ts'

/** A workload with another name than the sample's, on an API server that accepts everything. */
async function withShop(
  use: (shop: WorkloadReference, server: ApiProxy) => Promise<void>,
  kind: WorkloadKind = 'Deployment',
): Promise<void> {
  await using server = await startApiProxy()
  server.answer = ({ path }) => ({ status: 200, body: { kind: 'Deployment', metadata: { name: path } } })
  const api = createApi(JSON.stringify({ ...JSON.parse(server.kubeconfig('x')), 'current-context': 'x' }))
  await use({ api, namespace: 'n', workload: { kind, name: 'shop' } }, server)
  api.close()
}

const path = '/apis/apps/v1/namespaces/n/deployments/shop'

test('a workload: read, patched and scaled by its own name', async () => {
  await withShop(async (shop, server) => {
    expect((await readWorkload(shop)).metadata?.name).toBe(path)
    await patchWorkload(shop, { spec: { paused: true } })
    await scaleWorkload(shop, 3)
    expect(server.requests.map(({ method, path: asked, body }) => [method, asked, body])).toEqual([
      ['GET', path, ''],
      ['PATCH', path, '{"spec":{"paused":true}}'],
      ['PATCH', `${path}/scale`, '{"spec":{"replicas":3}}'],
    ])
  })
})

test('a workload: a dry run is strict and changes nothing', async () => {
  await withShop(async (shop, server) => {
    await patchWorkload(shop, {}, { dryRun: 'All', fieldValidation: 'Strict' })
    const [asked] = server.requests
    expect(new URL(asked?.path ?? '', server.url).searchParams.toString()).toBe('dryRun=All&fieldValidation=Strict')
  })
})

test.each<[WorkloadKind, string]>([
  ['StatefulSet', '/apis/apps/v1/namespaces/n/statefulsets/shop'],
  ['DaemonSet', '/apis/apps/v1/namespaces/n/daemonsets/shop'],
])('a %s: read and patched as a Deployment is', async (kind, at) => {
  await withShop(async (shop, server) => {
    expect((await readWorkload(shop)).metadata?.name).toBe(at)
    await patchWorkload(shop, { spec: {} })
    expect(server.requests.map(({ method, path: asked }) => `${method} ${asked}`)).toEqual([`GET ${at}`, `PATCH ${at}`])
  }, kind)
})

test('a scale: of a StatefulSet, and not of a DaemonSet', async () => {
  await withShop(async (shop, server) => {
    await scaleWorkload(shop, 3)
    expect(server.requests.map(({ path: asked }) => asked)).toEqual([
      '/apis/apps/v1/namespaces/n/statefulsets/shop/scale',
    ])
  }, 'StatefulSet')
  await withShop(async (shop) => {
    await expect(scaleWorkload(shop, 3)).rejects.toThrow('it has a pod on each node')
  }, 'DaemonSet')
})

test('pods of a Service: there is no controller to ask for', async () => {
  await withShop(async (shop, server) => {
    await expect(readWorkload(shop)).rejects.toThrow('Service shop: it has no controller')
    expect(server.requests).toEqual([])
  }, 'Service')
})
