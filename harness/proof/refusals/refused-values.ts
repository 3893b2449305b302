/** Environment variables and quantities with one thing wrong each, and their neighbours with nothing wrong. */
import type { V1Container, V1PodSpec } from '@kubernetes/client-node'
import { containerWith, podWith } from './offer.ts'
import type { Loose, Manifest, Offer } from './offer.ts'

type EnvVar = NonNullable<V1Container['env']>[number]
type ValueFrom = NonNullable<EnvVar['valueFrom']>
type Volume = NonNullable<V1PodSpec['volumes']>[number]

const env = (...variables: Loose<EnvVar>[]): Manifest => containerWith({ env: variables })
const valueFrom = (source: Loose<ValueFrom>): Manifest => env({ name: 'A', valueFrom: source })
const fieldPath = (path: string): Manifest => valueFrom({ fieldRef: { fieldPath: path } })
const limits = (all: object, requests?: object): Manifest =>
  containerWith({ resources: { limits: all, ...(requests && { requests }) } })
const requests = (all: object): Manifest => containerWith({ resources: { requests: all } })
const volume = (source: Loose<Volume>): Manifest => podWith({ volumes: [{ name: 'v', ...source }] })

export const environmentOffers: readonly Offer[] = [
  [
    'value together with valueFrom',
    env({ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }),
  ],
  [
    'an empty value together with valueFrom',
    env({ name: 'A', value: '', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }),
  ],
  ['valueFrom without a source', valueFrom({})],
  [
    'valueFrom with two sources',
    valueFrom({ fieldRef: { fieldPath: 'metadata.name' }, configMapKeyRef: { name: 'm', key: 'k' } }),
  ],
  [
    'a value, and valueFrom with two sources',
    env({
      name: 'A',
      value: 'x',
      valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 'm', key: 'k' } },
    }),
  ],
  ['a variable without a name', env({ value: 'x' })],
  ['a variable with = in its name', env({ name: 'A=B', value: 'x' })],
  ['a variable with a space in its name', env({ name: 'A B', value: 'x' })],
  ['a variable that is named in another script', env({ name: 'größe', value: 'x' })],
  ['an unknown field', fieldPath('metadata.nothing')],
  ['a field of the status that is not offered', fieldPath('status.phase')],
  ['all labels in a variable', fieldPath('metadata.labels')],
  ['a label by its key', fieldPath("metadata.labels['app']")],
  ['an annotation by its key, in capitals', fieldPath("metadata.annotations['Example.com/Some']")],
  ['a label whose key is malformed', fieldPath("metadata.labels['-x']")],
  ['a subscript where there is none', fieldPath("metadata.name['x']")],
  ['a field without a path', valueFrom({ fieldRef: {} })],
  ['a field of another version', valueFrom({ fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } })],
  [
    'every field that is offered',
    env(
      ...[
        'metadata.name',
        'metadata.namespace',
        'metadata.uid',
        'spec.nodeName',
        'spec.serviceAccountName',
        'status.hostIP',
        'status.hostIPs',
        'status.podIP',
        'status.podIPs',
      ].map((path, index) => ({ name: `A${index}`, valueFrom: { fieldRef: { fieldPath: path } } })),
    ),
  ],
  ['a key of a ConfigMap without a name', valueFrom({ configMapKeyRef: { key: 'k' } })],
  ['a ConfigMap without a key', valueFrom({ configMapKeyRef: { name: 'm' } })],
  ['a malformed name and key of a ConfigMap', valueFrom({ configMapKeyRef: { name: 'M_', key: 'a/b' } })],
  ['a key that is two dots', valueFrom({ configMapKeyRef: { name: 'm', key: '..' } })],
  ['a Secret without a key', valueFrom({ secretKeyRef: { name: 's' } })],
  ['an unknown resource', valueFrom({ resourceFieldRef: { resource: 'limits.gpu' } })],
  ['a resource without a name', valueFrom({ resourceFieldRef: {} })],
  ['a divisor that does not fit', valueFrom({ resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } })],
  [
    'a divisor of memory that does not fit',
    valueFrom({ resourceFieldRef: { resource: 'requests.memory', divisor: '3' } }),
  ],
  ['envFrom without a source', containerWith({ envFrom: [{}] })],
  ['envFrom with two sources', containerWith({ envFrom: [{ configMapRef: { name: 'm' }, secretRef: { name: 's' } }] })],
  ['envFrom without the name of its map', containerWith({ envFrom: [{ configMapRef: {} }] })],
  ['envFrom with a malformed prefix', containerWith({ envFrom: [{ prefix: 'A=', configMapRef: { name: 'm' } }] })],
  ['envFrom with a malformed name', containerWith({ envFrom: [{ secretRef: { name: 'S_' } }] })],
]

export const resourceOffers: readonly Offer[] = [
  ['a request above its limit', limits({ cpu: '100m' }, { cpu: '200m' })],
  ['memory requested above its limit', limits({ memory: '64Mi' }, { memory: '65Mi' })],
  [
    'a request that equals its limit in other words',
    limits({ cpu: '0.1', memory: '1Gi' }, { cpu: '100m', memory: '1024Mi' }),
  ],
  ['requests that follow from limits', limits({ cpu: 2, memory: '128M' })],
  ['a quantity with a suffix that there is not', limits({ cpu: '100n00' })],
  ['a quantity with a unit', limits({ memory: '100MB' })],
  ['a quantity in small letters', limits({ memory: '64mi' })],
  ['an empty quantity', limits({ memory: '' })],
  ['a quantity with a space', limits({ memory: '1 Gi' })],
  ['a quantity that is no number', limits({ cpu: 'half' })],
  ['a quantity that is a list', limits({ cpu: ['1'] })],
  ['a quantity that is true', limits({ cpu: true })],
  ['a malformed quantity of a request', requests({ memory: '1..5Gi' })],
  ['quantities in other forms', limits({ cpu: '1e3m', memory: '1.5Gi' })],
  ['quantities with exponents', limits({ cpu: '1e-1', memory: '1E3' })],
  ['quantities with signs and points', limits({ cpu: '+.5', memory: '0100.M' })],
  ['quantities finer than there is', limits({ cpu: '0.0001', memory: '0.5' })],
  ['a huge quantity', limits({ memory: '9E', 'ephemeral-storage': '100E' })],
  ['a quantity as a number', limits({ cpu: 1.5, memory: 67108864 })],
  ['small quantities', limits({ cpu: '500u', memory: '1n' })],
  ['quantities that come out rounder', limits({ cpu: '1000m', memory: '1048576Ki', 'ephemeral-storage': '1000k' })],
  ['a negative limit', limits({ cpu: '-1' })],
  ['a negative request', requests({ memory: '-1Mi' })],
  ['an unknown resource name', limits({ gpu: '1' })],
  ['a resource of a vendor', limits({ 'example.com/gpu': '1' })],
  ['half a resource of a vendor', limits({ 'example.com/gpu': '500m' })],
  ['a resource of a vendor without a limit', requests({ 'example.com/gpu': '1' })],
  ['a resource of a vendor, less than its limit', limits({ 'example.com/gpu': '2' }, { 'example.com/gpu': '1' })],
  ['a resource of the API’s own domain', limits({ 'kubernetes.io/gpu': '1' })],
  ['a resource of containers that there is not', limits({ storage: '1Gi' })],
  ['huge pages alone', limits({ 'hugepages-2Mi': '4Mi' })],
  ['huge pages with memory', limits({ 'hugepages-2Mi': '4Mi', memory: '1Gi' })],
  ['huge pages of no whole number', limits({ 'hugepages-2Mi': '3Mi', memory: '1Gi' })],
  ['fewer huge pages than the limit', limits({ 'hugepages-2Mi': '4Mi', cpu: '1' }, { 'hugepages-2Mi': '2Mi' })],
  ['a claim that there is not', containerWith({ resources: { claims: [{ name: 'c' }] } })],
  ['a limit of an emptyDir below nothing', volume({ emptyDir: { sizeLimit: '-1' } })],
  ['a malformed limit of an emptyDir', volume({ emptyDir: { sizeLimit: '1gb' } })],
]
