import { Readable } from 'node:stream'
import type { KubernetesObject, V1Job, V1Pod } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import type { KubeApi } from '../../cluster/api.ts'
import type { RawRequest } from '../../cluster/typed-calls.ts'
import { Fault } from '../../base/fault.ts'
import { createDrivers, waitUntilDriversReady, createDriverTransport } from './drivers.ts'
import type { DriversOptions } from './drivers.ts'

const credential = { headers: { 'x-nodrop-token': 'token' }, sha256: 'digest' }

interface Fake {
  /** The answer of the pod proxy, or the error of reaching it. */
  proxy?: { status: number; body: string } | Error
  /** The pod as the API shows it; `null`: there is none of that name. An error: the API does not answer. */
  pod?: V1Pod | null | Error
  pods?: V1Pod[]
  created?: KubernetesObject[]
}

/** An answer's head, followed by its body. */
function createResponse({ status = 0, body = '' }: { status?: number; body?: string } = {}): Readable {
  return Object.assign(Readable.from([Buffer.from(body)]), { statusCode: status })
}

function createFakeApi({ proxy, pod, pods = [], created = [] }: Fake): KubeApi {
  const toPromise = <T>(value: T | Error | undefined): Promise<T | undefined> =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value)
  const notFound = Object.assign(new Error('not found'), { code: 404 })
  return {
    open: async () => createResponse(await toPromise(proxy)),
    core: {
      readNamespacedPod: () => toPromise(pod === null ? notFound : pod),
      listNamespacedPod: () => Promise.resolve({ items: pods }),
      createNamespacedConfigMap: () => Promise.resolve({}),
    },
    objects: { create: (object: KubernetesObject) => Promise.resolve(created.push(object)) },
  } as unknown as KubeApi
}

const metadata = { name: 'driver-1-abcde', uid: 'u1' }
const living: V1Pod = { metadata, status: { phase: 'Running' } }
const sendToDriver = (fake: Fake): Promise<{ status: number; body: Buffer }> =>
  createDriverTransport(
    createFakeApi(fake),
    'n',
    { name: 'driver-1-abcde', uid: 'u1' },
    credential,
  )({ method: 'GET', path: '/clock' })

test('driver transport: one that breaks may be tried again', async () => {
  const cut = new Error('socket hang up')
  await expect(sendToDriver({ proxy: cut, pod: living })).rejects.toBe(cut)
  expect(await sendToDriver({ proxy: { status: 503, body: '' }, pod: living })).toEqual({
    status: 503,
    body: Buffer.from(''),
  })
})

test('driver transport: an API without an answer proves no driver gone', async () => {
  const cut = new Error('connect ECONNREFUSED')
  await expect(sendToDriver({ proxy: cut, pod: new Error('connect ECONNREFUSED') })).rejects.toBe(cut)
})

test('driver transport: the end of the cluster is passed on', async () => {
  const ended = new Fault('unknown', 'The embedded cluster ended by itself: it said nothing')
  await expect(sendToDriver({ proxy: ended, pod: living })).rejects.toBe(ended)
})

test.each<[what: string, pod: V1Pod | null, why: string]>([
  ['is not there', null, 'pod driver-1-abcde was deleted'],
  ['is another one', { metadata: { uid: 'u2' } }, 'pod driver-1-abcde was deleted'],
  ['is being deleted', { metadata: { ...metadata, deletionTimestamp: new Date() } }, 'pod driver-1-abcde was deleted'],
  [
    'has a container that was killed',
    {
      metadata,
      status: {
        containerStatuses: [
          {
            name: 'driver',
            image: '',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
          },
        ],
      },
    },
    'the container of pod driver-1-abcde ended with exit code 137 (OOMKilled)',
  ],
  [
    'was evicted by its node',
    { metadata, status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' } },
    'pod driver-1-abcde ended: The node was low on resource: memory.',
  ],
])('a driver whose pod %s is lost, and why is said', async (_, pod, why) => {
  for (const proxy of [new Error('cut'), { status: 404, body: '' }, { status: 502, body: '' }]) {
    await expect(sendToDriver({ proxy, pod })).rejects.toMatchObject({ kind: 'unknown', message: why })
  }
})

const buildOptions = (fake: Fake, drivers: number): DriversOptions => ({
  api: createFakeApi(fake),
  namespace: 'n',
  manifest: {
    kind: 'Job',
    metadata: { name: 'driver' },
    spec: { template: { spec: { containers: [{ name: 'driver' }] } } },
  } as KubernetesObject,
  drivers,
  code: '',
  credential,
  signal: new AbortController().signal,
})

test('drivers: the Job has a pod for each, and none is tried again', async () => {
  const created: KubernetesObject[] = []
  await createDrivers(buildOptions({ created }, 3))
  const [job] = created as V1Job[]
  expect(job?.metadata?.namespace).toBe('n')
  const spec = { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 0 }
  expect(job?.spec).toMatchObject(spec)
})

test('drivers: one gets the digest of the token, never the token', async () => {
  const created: KubernetesObject[] = []
  await createDrivers(buildOptions({ created }, 1))
  const [job] = created as V1Job[]
  expect(job?.spec?.template.spec?.containers[0]?.env).toEqual([
    { name: 'NODROP_DRIVER_HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'NODROP_DRIVER_TOKEN_SHA256', value: 'digest' },
  ])
  expect(JSON.stringify(created)).not.toContain(credential.headers['x-nodrop-token'])
})

test('drivers: each call to one has the token', async () => {
  const requests: RawRequest[] = []
  const api = {
    open: (request: RawRequest) => (requests.push(request), Promise.resolve(createResponse({ status: 200 }))),
  }
  const way = createDriverTransport(api as unknown as KubeApi, 'n', { name: 'driver-0', uid: 'u' }, credential)
  await way({ method: 'POST', path: '/stop' })
  expect(requests).toEqual([
    { method: 'POST', path: '/api/v1/namespaces/n/pods/driver-0:8089/proxy/stop', headers: credential.headers },
  ])
})

const buildReadyPod = (index: number): V1Pod => ({
  metadata: {
    name: `driver-${index}`,
    uid: `u${index}`,
    annotations: { 'batch.kubernetes.io/job-completion-index': String(index) },
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
})

test('drivers: they are in the order of their indexes', async () => {
  const indexes = [10, 2, 0, 1, 9, 8, 7, 6, 5, 4, 3]
  const pods = await waitUntilDriversReady(buildOptions({ pods: indexes.map(buildReadyPod) }, 11))
  expect(pods.map(({ name }) => name)).toEqual(indexes.toSorted((a, b) => a - b).map((index) => `driver-${index}`))
})

test('drivers: one that ends before it is ready is not waited for', async () => {
  const pods: V1Pod[] = [
    buildReadyPod(0),
    { metadata: { name: 'driver-1' }, status: { phase: 'Failed', reason: 'Evicted' } },
  ]
  await expect(waitUntilDriversReady(buildOptions({ pods }, 2))).rejects.toMatchObject({
    message: 'A load driver ended before it was ready: pod driver-1 ended: Evicted',
  })
})
