/** Pods and their volumes, as in refused-values.ts. */
import type { V1PodSpec } from '@kubernetes/client-node'
import { containerWith, podWith } from './offer.ts'
import type { Loose, Manifest, Offer } from './offer.ts'

type Volume = NonNullable<V1PodSpec['volumes']>[number]

const volume = (source: Loose<Volume>): Manifest => podWith({ volumes: [{ name: 'v', ...source }] })
const mounted = (...mounts: object[]): Manifest =>
  containerWith({ volumeMounts: mounts }, { volumes: [{ name: 'v', emptyDir: {} }] })
const topology = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }
const antiAffinity = (term: object): Manifest =>
  podWith({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } })

export const podOffers: readonly Offer[] = [
  ['a pod', podWith({})],
  ['a pod without a spec', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }],
  ['a malformed name of a pod', { ...podWith({}), metadata: { name: 'P_1' } }],
  ['a pod without a name', { ...podWith({}), metadata: {} }],
  ['a malformed label', { ...podWith({}), metadata: { name: 'p', labels: { c: '-' } } }],
  ['a malformed annotation', { ...podWith({}), metadata: { name: 'p', annotations: { 'a b': 'x' } } }],
  ['an unknown restart policy', podWith({ restartPolicy: 'Sometimes' })],
  ['an unknown DNS policy', podWith({ dnsPolicy: 'Some' })],
  ['no DNS without name servers', podWith({ dnsPolicy: 'None' })],
  ['a negative grace period', podWith({ terminationGracePeriodSeconds: -5 })],
  ['a deadline of nothing', podWith({ activeDeadlineSeconds: 0 })],
  ['a malformed node selector', podWith({ nodeSelector: { 'a b': 'x' } })],
  ['a malformed host name', podWith({ hostname: 'A_', subdomain: '-' })],
  ['a malformed service account', podWith({ serviceAccountName: 'A_' })],
  ['a malformed node name', podWith({ nodeName: 'A_' })],
  ['a malformed readiness gate', podWith({ readinessGates: [{ conditionType: 'a b' }] })],
  [
    'tolerations of several kinds of wrong',
    podWith({
      tolerations: [
        { operator: 'Equal' },
        { key: 'a', operator: 'Exists', value: 'x' },
        { key: 'a', operator: 'Some' },
        { key: 'a', effect: 'Some' },
        { key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 },
      ],
    }),
  ],
  ['a spread of no skew', podWith({ topologySpreadConstraints: [{ ...topology, maxSkew: 0 }] })],
  ['a spread over nothing', podWith({ topologySpreadConstraints: [{ ...topology, topologyKey: '' }] })],
  [
    'a spread with an unknown action',
    podWith({ topologySpreadConstraints: [{ ...topology, whenUnsatisfiable: 'Some' }] }),
  ],
  ['the same spread twice', podWith({ topologySpreadConstraints: [topology, topology] })],
  ['an anti-affinity over nothing', antiAffinity({ labelSelector: { matchLabels: { app: 'x' } } })],
  [
    'an anti-affinity of an unknown operator',
    antiAffinity({ topologyKey: 'zone', labelSelector: { matchExpressions: [{ key: 'a', operator: 'Some' }] } }),
  ],
  [
    'a node affinity without terms',
    podWith({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    }),
  ],
  ['an unknown operating system', podWith({ os: { name: 'plan9' } })],
  ['a malformed address of a host', podWith({ hostAliases: [{ ip: '1.2.3', hostnames: ['a_b'] }] })],
  ['an unknown preemption policy', podWith({ preemptionPolicy: 'Some' })],
  ['a priority class that there is not', podWith({ priorityClassName: 'no-such' })],
  ['a runtime class that there is not', podWith({ runtimeClassName: 'no-such' })],
  ['a service account that there is not', podWith({ serviceAccountName: 'no-such' })],
]

export const volumeOffers: readonly Offer[] = [
  ['a volume without a name', podWith({ volumes: [{ emptyDir: {} }] })],
  ['a volume with a malformed name', podWith({ volumes: [{ name: 'V_', emptyDir: {} }] })],
  [
    'two volumes of one name',
    podWith({
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    }),
  ],
  ['a volume of two types', volume({ emptyDir: {}, configMap: { name: 'm' } })],
  ['a ConfigMap volume without a name', volume({ configMap: {} })],
  ['a ConfigMap volume with a mode too large', volume({ configMap: { name: 'm', defaultMode: 512 } })],
  [
    'a ConfigMap volume with paths that lead out',
    volume({
      configMap: {
        name: 'm',
        items: [
          { key: 'k', path: '../x' },
          { key: 'k', path: '/x' },
          { key: 'k', path: '..x' },
          { path: 'a/../b', mode: -1 },
          { key: 'k' },
        ],
      },
    }),
  ],
  ['a Secret volume without a name', volume({ secret: {} })],
  ['a downward volume with nothing in an item', volume({ downwardAPI: { items: [{ path: 'x' }] } })],
  [
    'a downward volume with an unknown field',
    volume({ downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'status.podIP' } }] } }),
  ],
  [
    'a downward volume with all labels',
    volume({ downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.labels' } }] } }),
  ],
  [
    'a downward volume with a resource of no container',
    volume({ downwardAPI: { items: [{ path: 'x', resourceFieldRef: { resource: 'limits.cpu' } }] } }),
  ],
  ['a host path without a path', volume({ hostPath: {} })],
  ['a host path that leads back', volume({ hostPath: { path: '/a/../b' } })],
  ['a host path of an unknown type', volume({ hostPath: { path: '/a', type: 'Some' } })],
  ['a mount of no volume', mounted({ name: 'x', mountPath: '/x' })],
  ['a mount without a path', mounted({ name: 'v' })],
  ['a mount without a name', mounted({ mountPath: '/x' })],
  ['two mounts at one path', mounted({ name: 'v', mountPath: '/x' }, { name: 'v', mountPath: '/x' })],
  ['a mount of a part that leads out', mounted({ name: 'v', mountPath: '/x', subPath: '../y' })],
  ['a mount of an absolute part', mounted({ name: 'v', mountPath: '/x', subPath: '/y' })],
  ['a mount of a part in two ways', mounted({ name: 'v', mountPath: '/x', subPath: 'y', subPathExpr: 'z' })],
  ['a mount with an unknown propagation', mounted({ name: 'v', mountPath: '/x', mountPropagation: 'Some' })],
  ['a mount with a colon in its path', mounted({ name: 'v', mountPath: '/x:y' })],
]

const oneNode = (requirement: object): Manifest =>
  podWith({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [requirement] }] },
      },
    },
  })
const preferred = (weight: number): Manifest =>
  podWith({
    affinity: {
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: { topologyKey: 'zone' } }],
      },
    },
  })

export const placementOffers: readonly Offer[] = [
  ['a node affinity of two greatest values', oneNode({ key: 'a', operator: 'Gt', values: ['1', '2'] })],
  ['a node affinity of an unknown operator', oneNode({ key: 'a', operator: 'Some', values: ['1'] })],
  ['a node affinity of no values', oneNode({ key: 'a b', operator: 'In' })],
  ['a node affinity of a malformed value', oneNode({ key: 'a', operator: 'In', values: ['-'] })],
  ['an affinity of no weight', preferred(0)],
  ['an affinity of too great a weight', preferred(101)],
  ['a spread over fewer domains than one', podWith({ topologySpreadConstraints: [{ ...topology, minDomains: 0 }] })],
  [
    'a spread over domains that may be missed',
    podWith({ topologySpreadConstraints: [{ ...topology, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 }] }),
  ],
  [
    'a spread by an unknown policy of nodes',
    podWith({ topologySpreadConstraints: [{ ...topology, nodeAffinityPolicy: 'Some' }] }),
  ],
  ['a gate before scheduling, twice', podWith({ schedulingGates: [{ name: 'a' }, { name: 'a' }] })],
  ['a malformed gate before scheduling', podWith({ schedulingGates: [{ name: 'a b' }] })],
  ['a pod on a node, behind a gate', podWith({ nodeName: 'n', schedulingGates: [{ name: 'a' }] })],
  ['too long a deadline', podWith({ activeDeadlineSeconds: 2 ** 31 })],
  ['too many name servers', podWith({ dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] } })],
  ['a malformed name server', podWith({ dnsConfig: { nameservers: ['x'], searches: ['A b'], options: [{}] } })],
  ['a pod’s request above its limit', podWith({ resources: { limits: { cpu: '100m' }, requests: { cpu: '200m' } } })],
  ['a claim without a name', volume({ persistentVolumeClaim: {} })],
  ['a projected volume of a malformed mode', volume({ projected: { defaultMode: 512 } })],
]

const named = (metadata: object): Manifest => ({ ...podWith({}), metadata })

export const metadataOffers: readonly Offer[] = [
  ['a name that is too long', named({ name: 'a'.repeat(254) })],
  ['a label that is too long', named({ name: 'p', labels: { a: 'x'.repeat(64) } })],
  ['a label whose key has no name', named({ name: 'p', labels: { 'example.com/': 'x' } })],
  ['a label whose key has a malformed prefix', named({ name: 'p', labels: { 'A_/a': 'x' } })],
  ['a label whose key has two slashes', named({ name: 'p', labels: { 'a/b/c': 'x' } })],
  ['a label that is a number', named({ name: 'p', labels: { a: 1 } })],
  ['an annotation that is true', named({ name: 'p', annotations: { a: true } })],
  ['an owner of whom nothing is known', named({ name: 'p', ownerReferences: [{}] })],
  ['a malformed finalizer', named({ name: 'p', finalizers: ['a b'] })],
  ['a finalizer without a domain', named({ name: 'p', finalizers: ['a'] })],
]
