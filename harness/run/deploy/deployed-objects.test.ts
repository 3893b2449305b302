import { createHash } from 'node:crypto'
import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { listImages, toDeployedObject } from './deployed-objects.ts'

const none: ReadonlySet<string> = new Set()
const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

const answered: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'nodrop-1',
    uid: 'u',
    resourceVersion: '7',
    generation: 3,
    creationTimestamp: new Date(0),
    managedFields: [{ manager: 'nodrop' }],
    labels: { app: 'web' },
    annotations: {
      'deployment.kubernetes.io/revision': '2',
      'kubectl.kubernetes.io/last-applied-configuration': '{"env":"s3cret"}',
      team: 'shop',
    },
  },
  spec: {
    replicas: 3,
    template: {
      spec: {
        initContainers: [{ name: 'migrate', env: [{ name: 'DB', value: 's3cret' }] }],
        containers: [
          {
            name: 'app',
            args: ['--upstream=http://user:s3cret@host/path?key=s3cret'],
            env: [
              { name: 'TOKEN', value: 's3cret' },
              { name: 'RUN', value: 'run-1' },
              { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            ],
            readinessProbe: { httpGet: { path: '/', httpHeaders: [{ name: 'authorization', value: 's3cret' }] } },
          },
        ],
      },
    },
  },
  status: { readyReplicas: 3 },
} as KubernetesObject

test('a deployed object: what the server keeps for itself is left out', () => {
  const { metadata, spec, ...rest } = toDeployedObject(answered, none)
  expect(rest).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment' })
  expect(metadata).toEqual({ name: 'web', labels: { app: 'web' }, annotations: { team: 'shop' } })
  expect(spec).toMatchObject({ replicas: 3 })
})

test('a deployed object: values of environments and header fields are their digests', () => {
  const object = toDeployedObject(answered, new Set(['run-1']))
  expect(JSON.stringify(object)).not.toContain('s3cret')
  const { containers, initContainers } = (object['spec'] as { template: { spec: Record<string, unknown> } }).template
    .spec
  expect(initContainers).toMatchObject([{ env: [{ name: 'DB', value: sha256('s3cret') }] }])
  expect(containers).toMatchObject([
    {
      args: ['--upstream=http://host/path?…'],
      env: [
        { name: 'TOKEN', value: sha256('s3cret') },
        { name: 'RUN', value: '<run>' },
        { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      readinessProbe: { httpGet: { httpHeaders: [{ name: 'authorization', value: sha256('s3cret') }] } },
    },
  ])
})

test('a workload that ran already: the words of its commands are digests, wherever they stand', () => {
  const words = ['server', '--password=s3cret', '--port', '8080']
  const spec = {
    initContainers: [{ name: 'migrate', command: ['migrate', 's3cret'] }],
    containers: [
      {
        name: 'app',
        command: words.slice(0, 1),
        args: words.slice(1),
        livenessProbe: { exec: { command: ['check', 's3cret'] } },
        lifecycle: { preStop: { exec: { command: ['leave', 's3cret'] } } },
      },
    ],
  }
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop' }, spec: { template: { spec } } }
  const deployed = toDeployedObject(object, none, { digestsCommands: true })
  expect(JSON.stringify(deployed)).not.toContain('s3cret')
  expect(deployed['spec']).toMatchObject({
    template: { spec: { containers: [{ command: [sha256('server')], args: words.slice(1).map(sha256) }] } },
  })
  expect(toDeployedObject(object, none)['spec']).toEqual(object.spec)
})

test('a deployed Secret or ConfigMap: digests of the bytes that a pod gets', () => {
  const base64 = Buffer.from('s3cret').toString('base64')
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type: 'Opaque', data: { token: base64 } }
  expect(toDeployedObject(secret, none)).toEqual({ ...secret, data: { token: sha256('s3cret') } })
  const map = { ...secret, kind: 'ConfigMap', data: { file: 's3cret' }, binaryData: { blob: base64 } }
  expect(toDeployedObject(map, none)).toEqual({
    ...map,
    data: { file: sha256('s3cret') },
    binaryData: { blob: sha256('s3cret') },
  })
})

test('a deployed Service: without the addresses that were free, and headless where it is', () => {
  const ports = [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30_123 }]
  const service = (spec: object): KubernetesObject =>
    ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports, ...spec } }) as KubernetesObject
  const spec = { ports: [{ name: 'http', port: 80, targetPort: 'http' }] }
  expect(toDeployedObject(service({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] }), none)['spec']).toEqual(spec)
  const headless = toDeployedObject(service({ clusterIP: 'None', clusterIPs: ['None'] }), none)
  expect(headless['spec']).toEqual({ ...spec, clusterIP: 'None' })
})

test('a deployed Job: without the label that its controller makes of its UID', () => {
  const labels = { app: 'driver', 'batch.kubernetes.io/controller-uid': 'u' }
  const job = { kind: 'Job', metadata: { name: 'driver' }, spec: { selector: { matchLabels: labels } } }
  expect(JSON.stringify(toDeployedObject(job as KubernetesObject, none))).not.toContain('controller-uid')
})

test('images: each once, with the digest that the node tells of', () => {
  const hex = 'ab'.repeat(32)
  const podWith = (imageID: string): V1Pod => ({
    spec: { containers: [{ name: 'app', image: 'shop:1' }] },
    status: {
      containerStatuses: [{ name: 'app', image: 'docker.io/library/shop:1', imageID, ready: true, restartCount: 0 }],
    },
  })
  expect(listImages([podWith(`docker.io/library/shop@sha256:${hex}`), podWith(`sha256:${hex}`)])).toEqual([
    { name: 'shop:1', digest: `sha256:${hex}` },
  ])
  expect(listImages([podWith('shop:1')])).toEqual([{ name: 'shop:1', digest: null }])
})
