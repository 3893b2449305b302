/** Environment variables and quantities with one error each, and similar ones without errors. */
import type { V1Container, V1PodSpec } from '@kubernetes/client-node'
import { buildPodWithContainer, buildPod } from './offer.ts'
import type { Loose, Manifest, Offer } from './offer.ts'

type EnvVar = NonNullable<V1Container['env']>[number]
type ValueFrom = NonNullable<EnvVar['valueFrom']>
type Volume = NonNullable<V1PodSpec['volumes']>[number]

const podWithEnv = (...variables: Loose<EnvVar>[]): Manifest => buildPodWithContainer({ env: variables })
const podWithValueFrom = (source: Loose<ValueFrom>): Manifest => podWithEnv({ name: 'A', valueFrom: source })
const podWithFieldPath = (path: string): Manifest => podWithValueFrom({ fieldRef: { fieldPath: path } })
const podWithLimits = (all: object, requests?: object): Manifest =>
  buildPodWithContainer({ resources: { limits: all, ...(requests && { requests }) } })
const podWithRequests = (all: object): Manifest => buildPodWithContainer({ resources: { requests: all } })
const podWithVolume = (source: Loose<Volume>): Manifest => buildPod({ volumes: [{ name: 'v', ...source }] })

export const environmentOffers: readonly Offer[] = [
  [
    'value together with valueFrom',
    podWithEnv({ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }),
  ],
  [
    'an empty value together with valueFrom',
    podWithEnv({ name: 'A', value: '', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }),
  ],
  ['valueFrom without a source', podWithValueFrom({})],
  [
    'valueFrom with two sources',
    podWithValueFrom({ fieldRef: { fieldPath: 'metadata.name' }, configMapKeyRef: { name: 'm', key: 'k' } }),
  ],
  [
    'a value, and valueFrom with two sources',
    podWithEnv({
      name: 'A',
      value: 'x',
      valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 'm', key: 'k' } },
    }),
  ],
  ['a variable without a name', podWithEnv({ value: 'x' })],
  ['a variable with = in its name', podWithEnv({ name: 'A=B', value: 'x' })],
  ['a variable with a space in its name', podWithEnv({ name: 'A B', value: 'x' })],
  ['a variable that is named in another script', podWithEnv({ name: 'größe', value: 'x' })],
  ['an unknown field', podWithFieldPath('metadata.nothing')],
  ['a field of the status that is not offered', podWithFieldPath('status.phase')],
  ['all labels in a variable', podWithFieldPath('metadata.labels')],
  ['a label by its key', podWithFieldPath("metadata.labels['app']")],
  ['an annotation by its key, in capitals', podWithFieldPath("metadata.annotations['Example.com/Some']")],
  ['a label whose key is malformed', podWithFieldPath("metadata.labels['-x']")],
  ['a subscript where there is none', podWithFieldPath("metadata.name['x']")],
  ['a field without a path', podWithValueFrom({ fieldRef: {} })],
  ['a field of another version', podWithValueFrom({ fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } })],
  [
    'every field that is offered',
    podWithEnv(
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
  ['a key of a ConfigMap without a name', podWithValueFrom({ configMapKeyRef: { key: 'k' } })],
  ['a ConfigMap without a key', podWithValueFrom({ configMapKeyRef: { name: 'm' } })],
  ['a malformed name and key of a ConfigMap', podWithValueFrom({ configMapKeyRef: { name: 'M_', key: 'a/b' } })],
  ['a key that is two dots', podWithValueFrom({ configMapKeyRef: { name: 'm', key: '..' } })],
  ['a Secret without a key', podWithValueFrom({ secretKeyRef: { name: 's' } })],
  ['an unknown resource', podWithValueFrom({ resourceFieldRef: { resource: 'limits.gpu' } })],
  ['a resource without a name', podWithValueFrom({ resourceFieldRef: {} })],
  ['a divisor that does not fit', podWithValueFrom({ resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } })],
  [
    'a divisor of memory that does not fit',
    podWithValueFrom({ resourceFieldRef: { resource: 'requests.memory', divisor: '3' } }),
  ],
  ['envFrom without a source', buildPodWithContainer({ envFrom: [{}] })],
  [
    'envFrom with two sources',
    buildPodWithContainer({ envFrom: [{ configMapRef: { name: 'm' }, secretRef: { name: 's' } }] }),
  ],
  ['envFrom without the name of its map', buildPodWithContainer({ envFrom: [{ configMapRef: {} }] })],
  [
    'envFrom with a malformed prefix',
    buildPodWithContainer({ envFrom: [{ prefix: 'A=', configMapRef: { name: 'm' } }] }),
  ],
  ['envFrom with a malformed name', buildPodWithContainer({ envFrom: [{ secretRef: { name: 'S_' } }] })],
]

export const resourceOffers: readonly Offer[] = [
  ['a request above its limit', podWithLimits({ cpu: '100m' }, { cpu: '200m' })],
  ['memory requested above its limit', podWithLimits({ memory: '64Mi' }, { memory: '65Mi' })],
  [
    'a request that equals its limit in other words',
    podWithLimits({ cpu: '0.1', memory: '1Gi' }, { cpu: '100m', memory: '1024Mi' }),
  ],
  ['requests that follow from limits', podWithLimits({ cpu: 2, memory: '128M' })],
  ['a quantity with a suffix that there is not', podWithLimits({ cpu: '100n00' })],
  ['a quantity with a unit', podWithLimits({ memory: '100MB' })],
  ['a quantity in small letters', podWithLimits({ memory: '64mi' })],
  ['an empty quantity', podWithLimits({ memory: '' })],
  ['a quantity with a space', podWithLimits({ memory: '1 Gi' })],
  ['a quantity that is no number', podWithLimits({ cpu: 'half' })],
  ['a quantity that is a list', podWithLimits({ cpu: ['1'] })],
  ['a quantity that is true', podWithLimits({ cpu: true })],
  ['a malformed quantity of a request', podWithRequests({ memory: '1..5Gi' })],
  ['quantities in other forms', podWithLimits({ cpu: '1e3m', memory: '1.5Gi' })],
  ['quantities with exponents', podWithLimits({ cpu: '1e-1', memory: '1E3' })],
  ['quantities with signs and points', podWithLimits({ cpu: '+.5', memory: '0100.M' })],
  ['quantities finer than there is', podWithLimits({ cpu: '0.0001', memory: '0.5' })],
  ['a huge quantity', podWithLimits({ memory: '9E', 'ephemeral-storage': '100E' })],
  ['a quantity as a number', podWithLimits({ cpu: 1.5, memory: 67108864 })],
  ['small quantities', podWithLimits({ cpu: '500u', memory: '1n' })],
  [
    'quantities that come out rounder',
    podWithLimits({ cpu: '1000m', memory: '1048576Ki', 'ephemeral-storage': '1000k' }),
  ],
  ['a negative limit', podWithLimits({ cpu: '-1' })],
  ['a negative request', podWithRequests({ memory: '-1Mi' })],
  ['an unknown resource name', podWithLimits({ gpu: '1' })],
  ['a resource of a vendor', podWithLimits({ 'example.com/gpu': '1' })],
  ['half a resource of a vendor', podWithLimits({ 'example.com/gpu': '500m' })],
  ['a resource of a vendor without a limit', podWithRequests({ 'example.com/gpu': '1' })],
  [
    'a resource of a vendor, less than its limit',
    podWithLimits({ 'example.com/gpu': '2' }, { 'example.com/gpu': '1' }),
  ],
  ['a resource of the API’s own domain', podWithLimits({ 'kubernetes.io/gpu': '1' })],
  ['a resource of containers that there is not', podWithLimits({ storage: '1Gi' })],
  ['huge pages alone', podWithLimits({ 'hugepages-2Mi': '4Mi' })],
  ['huge pages with memory', podWithLimits({ 'hugepages-2Mi': '4Mi', memory: '1Gi' })],
  ['huge pages of no whole number', podWithLimits({ 'hugepages-2Mi': '3Mi', memory: '1Gi' })],
  ['fewer huge pages than the limit', podWithLimits({ 'hugepages-2Mi': '4Mi', cpu: '1' }, { 'hugepages-2Mi': '2Mi' })],
  ['a claim that there is not', buildPodWithContainer({ resources: { claims: [{ name: 'c' }] } })],
  ['a limit of an emptyDir below nothing', podWithVolume({ emptyDir: { sizeLimit: '-1' } })],
  ['a malformed limit of an emptyDir', podWithVolume({ emptyDir: { sizeLimit: '1gb' } })],
]
