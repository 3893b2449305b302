import type { KubernetesObject, V1Ingress, V1Pod, V1Service } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import type { KubeApi } from '../../cluster/api.ts'
import type { Via } from '../../model/plan.ts'
import { buildSampleWorkload } from '../../model/workload.ts'
import { findEntryPoint, exposeServices } from './entry-point.ts'
import type { EntryPoint } from './entry-point.ts'

const buildService = (name: string): V1Service => ({
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }] },
})
const deployment: KubernetesObject = { kind: 'Deployment', metadata: { name: 'web' } }
const workload = buildSampleWorkload({ workMs: 0 })
const viaIngress = (port = 80): Via => ({ kind: 'ingress', host: 'shop.example', port })

test('entry point: a port of the nodes is only a type of the Service', () => {
  const base = [buildService('web'), deployment]
  const made = exposeServices(base, { kind: 'nodeport' }, workload)
  const spec = { ports: [{ port: 80 }], type: 'NodePort' }
  expect(made).toEqual([{ kind: 'Service', metadata: { name: 'web' }, spec }, deployment])
  expect(base).toEqual([buildService('web'), deployment])
  expect(exposeServices(base, { kind: 'service' }, workload)).toEqual(base)
})

test('entry point: an Ingress leads its host to the Service of the workload', () => {
  const base = [buildService('front-door'), deployment]
  const shop = { name: 'shop', service: { name: 'front-door', ports: [{ port: 8080 }] } }
  const [, , made] = exposeServices(base, viaIngress(), shop) as [unknown, unknown, V1Ingress]
  expect(made).toMatchObject({ kind: 'Ingress', metadata: { name: 'shop' } })
  expect(made.spec?.rules?.[0]).toEqual({
    host: 'shop.example',
    http: {
      paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'front-door', port: { number: 8080 } } } }],
    },
  })
})

interface Seen {
  service?: V1Service
  pods?: V1Pod[]
  /** The status of the Ingress, read by read. */
  addresses?: ({ ip?: string; hostname?: string } | undefined)[]
}

function resolveEntryPoint(via: Via, seen: Seen, mayBePublic = false): Promise<EntryPoint> {
  const { addresses = [] } = seen
  const api = {
    core: {
      readNamespacedService: () => Promise.resolve(seen.service),
      listNamespacedPod: () => Promise.resolve({ items: seen.pods ?? [] }),
    },
    request: () => {
      const found = addresses.length > 1 ? addresses.shift() : addresses[0]
      const body = JSON.stringify({ status: { loadBalancer: { ingress: found ? [found] : [] } } })
      return Promise.resolve({ status: 200, body })
    },
  } as unknown as KubeApi
  const { signal } = new AbortController()
  return findEntryPoint({ api, namespace: 'n', workload, via, mayBePublic, signal })
}

const buildPod = (app: string, hostIP: string): V1Pod => ({ metadata: { labels: { app } }, status: { hostIP } })

test('entry point: the load takes another node than its driver’s', async () => {
  const exposed: V1Service = { spec: { ports: [{ port: 80, nodePort: 30_123 }] } }
  const via: Via = { kind: 'nodeport' }
  const spread = [buildPod('driver', '10.0.0.1'), buildPod('web', '10.0.0.1'), buildPod('web', '10.0.0.2')]
  expect(await resolveEntryPoint(via, { service: exposed, pods: spread })).toEqual({
    target: { host: '10.0.0.2', port: 30_123 },
    authority: null,
  })
  const alone = [buildPod('driver', '10.0.0.1'), buildPod('web', '10.0.0.1')]
  expect((await resolveEntryPoint(via, { service: exposed, pods: alone })).target.host).toBe('10.0.0.1')
})

test('entry point: the load goes where the ingress controller says', async () => {
  const addresses = [undefined, { ip: '10.1.2.3' }]
  expect(await resolveEntryPoint(viaIngress(), { addresses })).toEqual({
    target: { host: '10.1.2.3', port: 80 },
    authority: 'shop.example',
  })
  expect(await resolveEntryPoint(viaIngress(8080), { addresses })).toMatchObject({ authority: 'shop.example:8080' })
})

test('entry point: a public address must be allowed', async () => {
  const seen = { addresses: [{ ip: '203.0.113.9' }] }
  await expect(resolveEntryPoint(viaIngress(), seen)).rejects.toMatchObject({
    kind: 'usage',
    message: 'Cannot send load to shop.example at 203.0.113.9: it is a public address',
  })
  expect((await resolveEntryPoint(viaIngress(), seen, true)).target.host).toBe('203.0.113.9')
})

test.each([
  ['https', 443, 'shop.example', 'shop.example'],
  ['https', 8443, 'shop.example', 'shop.example:8443'],
  ['http', 80, '::1', '[::1]'],
  ['http', 443, '127.0.0.1', '127.0.0.1:443'],
] as const)('entry point: %s, port %d of %s is reached by its address, and asked for by its name', async (...given) => {
  const [scheme, port, host, authority] = given
  const via: Via = { kind: 'url', scheme, host, port, address: '127.0.0.1' }
  expect(await resolveEntryPoint(via, {})).toEqual({ target: { host: '127.0.0.1', port }, authority })
  expect(exposeServices([deployment], via, workload)).toEqual([deployment])
})
