import { expect, test } from 'vitest'
import type { KubeApi } from '../../cluster/api.ts'
import { findControllerPods } from './controller-pods.ts'

const endpoints = [{ addresses: ['10.244.3.9'], nodeName: 'node-2' }, { addresses: ['10.244.3.10'] }]

/** An API with two Services, and the slices of the second. */
function buildApi(status = 200, slices: object[] = [{ endpoints }, {}, { endpoints: null }]): KubeApi {
  const items = [
    { metadata: { name: 'web', namespace: 'default' }, spec: { clusterIPs: ['10.96.0.1'] } },
    {
      metadata: { name: 'traefik', namespace: 'ingress' },
      spec: { clusterIPs: ['10.96.0.80'] },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
    },
  ]
  const request = ({ path }: { path: string }): object => {
    expect(path).toContain('/namespaces/ingress/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dtraefik')
    return { status, body: JSON.stringify({ items: slices }) }
  }
  const core = { listServiceForAllNamespaces: () => Promise.resolve({ items }) }
  return { core, request: (call: { path: string }) => Promise.resolve(request(call)) } as unknown as KubeApi
}

test.each(['10.96.0.80', '192.0.2.7'])('controller: its pods and their nodes, by its address %s', async (address) => {
  expect(await findControllerPods(buildApi(), address)).toEqual({
    pods: [{ ip: '10.244.3.9', node: 'node-2' }],
    why: null,
  })
})

test('controller: an address that no Service has is told', async () => {
  expect(await findControllerPods(buildApi(), '192.0.2.8')).toEqual({
    pods: [],
    why: "no Service has the controller's address 192.0.2.8",
  })
})

test('controller: a Service without a pod is told', async () => {
  // The API's form of a slice without endpoints.
  expect(await findControllerPods(buildApi(200, [{ endpoints: null }]), '10.96.0.80')).toEqual({
    pods: [],
    why: "the controller's Service ingress/traefik has no pod",
  })
})

test('controller: what the API refuses is told', async () => {
  const { pods, why } = await findControllerPods(buildApi(403), '10.96.0.80')
  expect([pods, why]).toEqual([[], expect.stringContaining('the API answers 403')])
})
