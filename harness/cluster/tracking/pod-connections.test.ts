/** Connection tracking by a pod with scripted states. */
import type { V1Pod } from '@kubernetes/client-node'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { KubeApi } from '../api.ts'
import { trackByPod } from './pod-connections.ts'

const manifest = { spec: { containers: [{ name: 'conntrack', image: 'registry.example/kube-proxy' }] } } as V1Pod

/** `statuses`: the status of the pod at each read; an Error: the read fails. The last one stays. */
async function track(...statuses: (NonNullable<V1Pod['status']> | Error)[]): Promise<unknown> {
  const log = Object.assign(new PassThrough().end('a line\n'), { statusCode: 200 })
  const api = {
    version: { getCode: async () => ({ gitVersion: 'v1.36.1+k3s1' }) },
    open: async () => log,
    core: {
      createNamespacedPod: async () => ({ metadata: { name: 'tracking-1' } }),
      async readNamespacedPod() {
        const status = statuses.length > 1 ? statuses.shift() : statuses[0]
        if (status instanceof Error) throw status
        return { status }
      },
    },
  } as unknown as KubeApi
  const signal = AbortSignal.timeout(5_000)
  const filter = { address: '10.96.0.10', port: 80 }
  const pod = { namespace: 'n', manifest }
  const output = await trackByPod({ api, node: 'node-1', filter, pod, signal }, pod)
  return Array.fromAsync(output, String)
}

test('tracking by a pod: its log is read once it runs', async () => {
  expect(await track({ phase: 'Pending' }, { phase: 'Running' })).toEqual(['a line\n'])
})

test('tracking by a pod: one that the node does not take is told at once, with the reason', async () => {
  const message = 'Pod was rejected: Node didn’t have enough resource: cpu'
  await expect(track({ phase: 'Failed', reason: 'OutOfcpu', message })).rejects.toThrow(message)
})

test('tracking by a pod: one whose program ends is told at once', async () => {
  const terminated = { exitCode: 1, reason: 'Error' }
  const containerStatuses = [{ name: 'conntrack', state: { terminated } }] as NonNullable<
    NonNullable<V1Pod['status']>['containerStatuses']
  >
  await expect(track({ phase: 'Failed', containerStatuses })).rejects.toThrow('ended with exit code 1')
})

test('tracking by a pod: an API server that does not answer once is asked again', async () => {
  expect(await track({ phase: 'Pending' }, new Error('connection refused'), { phase: 'Running' })).toEqual(['a line\n'])
})
