/** Pods and their volumes, as in refused-values.ts. */
import type { V1PodSpec } from '@kubernetes/client-node'
import { buildPodWithContainer, buildPod } from './offer.ts'
import type { Loose, Manifest, Offer } from './offer.ts'

type Volume = NonNullable<V1PodSpec['volumes']>[number]

const podWithVolume = (source: Loose<Volume>): Manifest => buildPod({ volumes: [{ name: 'v', ...source }] })
const podWithMounts = (...mounts: object[]): Manifest =>
  buildPodWithContainer({ volumeMounts: mounts }, { volumes: [{ name: 'v', emptyDir: {} }] })
const topology = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }
const podWithAntiAffinity = (term: object): Manifest =>
  buildPod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } })

export const podOffers: readonly Offer[] = [
  ['a pod', buildPod({})],
  ['a pod without a spec', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }],
  ['a malformed name of a pod', { ...buildPod({}), metadata: { name: 'P_1' } }],
  ['a pod without a name', { ...buildPod({}), metadata: {} }],
  ['a malformed label', { ...buildPod({}), metadata: { name: 'p', labels: { c: '-' } } }],
  ['a malformed annotation', { ...buildPod({}), metadata: { name: 'p', annotations: { 'a b': 'x' } } }],
  ['an unknown restart policy', buildPod({ restartPolicy: 'Sometimes' })],
  ['an unknown DNS policy', buildPod({ dnsPolicy: 'Some' })],
  ['no DNS without name servers', buildPod({ dnsPolicy: 'None' })],
  ['a negative grace period', buildPod({ terminationGracePeriodSeconds: -5 })],
  ['a deadline of nothing', buildPod({ activeDeadlineSeconds: 0 })],
  ['a malformed node selector', buildPod({ nodeSelector: { 'a b': 'x' } })],
  ['a malformed host name', buildPod({ hostname: 'A_', subdomain: '-' })],
  ['a malformed service account', buildPod({ serviceAccountName: 'A_' })],
  ['a malformed node name', buildPod({ nodeName: 'A_' })],
  ['a malformed readiness gate', buildPod({ readinessGates: [{ conditionType: 'a b' }] })],
  [
    'tolerations of several kinds of wrong',
    buildPod({
      tolerations: [
        { operator: 'Equal' },
        { key: 'a', operator: 'Exists', value: 'x' },
        { key: 'a', operator: 'Some' },
        { key: 'a', effect: 'Some' },
        { key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 },
      ],
    }),
  ],
  ['a spread of no skew', buildPod({ topologySpreadConstraints: [{ ...topology, maxSkew: 0 }] })],
  ['a spread over nothing', buildPod({ topologySpreadConstraints: [{ ...topology, topologyKey: '' }] })],
  [
    'a spread with an unknown action',
    buildPod({ topologySpreadConstraints: [{ ...topology, whenUnsatisfiable: 'Some' }] }),
  ],
  ['the same spread twice', buildPod({ topologySpreadConstraints: [topology, topology] })],
  ['an anti-affinity over nothing', podWithAntiAffinity({ labelSelector: { matchLabels: { app: 'x' } } })],
  [
    'an anti-affinity of an unknown operator',
    podWithAntiAffinity({ topologyKey: 'zone', labelSelector: { matchExpressions: [{ key: 'a', operator: 'Some' }] } }),
  ],
  [
    'a node affinity without terms',
    buildPod({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    }),
  ],
  ['an unknown operating system', buildPod({ os: { name: 'plan9' } })],
  ['a malformed address of a host', buildPod({ hostAliases: [{ ip: '1.2.3', hostnames: ['a_b'] }] })],
  ['an unknown preemption policy', buildPod({ preemptionPolicy: 'Some' })],
  ['a priority class that there is not', buildPod({ priorityClassName: 'no-such' })],
  ['a runtime class that there is not', buildPod({ runtimeClassName: 'no-such' })],
  ['a service account that there is not', buildPod({ serviceAccountName: 'no-such' })],
]

export const volumeOffers: readonly Offer[] = [
  ['a volume without a name', buildPod({ volumes: [{ emptyDir: {} }] })],
  ['a volume with a malformed name', buildPod({ volumes: [{ name: 'V_', emptyDir: {} }] })],
  [
    'two volumes of one name',
    buildPod({
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    }),
  ],
  ['a volume of two types', podWithVolume({ emptyDir: {}, configMap: { name: 'm' } })],
  ['a ConfigMap volume without a name', podWithVolume({ configMap: {} })],
  ['a ConfigMap volume with a mode too large', podWithVolume({ configMap: { name: 'm', defaultMode: 512 } })],
  [
    'a ConfigMap volume with paths that lead out',
    podWithVolume({
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
  ['a Secret volume without a name', podWithVolume({ secret: {} })],
  ['a downward volume with nothing in an item', podWithVolume({ downwardAPI: { items: [{ path: 'x' }] } })],
  [
    'a downward volume with an unknown field',
    podWithVolume({ downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'status.podIP' } }] } }),
  ],
  [
    'a downward volume with all labels',
    podWithVolume({ downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.labels' } }] } }),
  ],
  [
    'a downward volume with a resource of no container',
    podWithVolume({ downwardAPI: { items: [{ path: 'x', resourceFieldRef: { resource: 'limits.cpu' } }] } }),
  ],
  ['a host path without a path', podWithVolume({ hostPath: {} })],
  ['a host path that leads back', podWithVolume({ hostPath: { path: '/a/../b' } })],
  ['a host path of an unknown type', podWithVolume({ hostPath: { path: '/a', type: 'Some' } })],
  ['a mount of no volume', podWithMounts({ name: 'x', mountPath: '/x' })],
  ['a mount without a path', podWithMounts({ name: 'v' })],
  ['a mount without a name', podWithMounts({ mountPath: '/x' })],
  ['two mounts at one path', podWithMounts({ name: 'v', mountPath: '/x' }, { name: 'v', mountPath: '/x' })],
  ['a mount of a part that leads out', podWithMounts({ name: 'v', mountPath: '/x', subPath: '../y' })],
  ['a mount of an absolute part', podWithMounts({ name: 'v', mountPath: '/x', subPath: '/y' })],
  ['a mount of a part in two ways', podWithMounts({ name: 'v', mountPath: '/x', subPath: 'y', subPathExpr: 'z' })],
  ['a mount with an unknown propagation', podWithMounts({ name: 'v', mountPath: '/x', mountPropagation: 'Some' })],
  ['a mount with a colon in its path', podWithMounts({ name: 'v', mountPath: '/x:y' })],
]

const podWithNodeRequirement = (requirement: object): Manifest =>
  buildPod({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [requirement] }] },
      },
    },
  })
const podWithPreference = (weight: number): Manifest =>
  buildPod({
    affinity: {
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: { topologyKey: 'zone' } }],
      },
    },
  })

export const placementOffers: readonly Offer[] = [
  ['a node affinity of two greatest values', podWithNodeRequirement({ key: 'a', operator: 'Gt', values: ['1', '2'] })],
  ['a node affinity of an unknown operator', podWithNodeRequirement({ key: 'a', operator: 'Some', values: ['1'] })],
  ['a node affinity of no values', podWithNodeRequirement({ key: 'a b', operator: 'In' })],
  ['a node affinity of a malformed value', podWithNodeRequirement({ key: 'a', operator: 'In', values: ['-'] })],
  ['an affinity of no weight', podWithPreference(0)],
  ['an affinity of too great a weight', podWithPreference(101)],
  ['a spread over fewer domains than one', buildPod({ topologySpreadConstraints: [{ ...topology, minDomains: 0 }] })],
  [
    'a spread over domains that may be missed',
    buildPod({ topologySpreadConstraints: [{ ...topology, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 }] }),
  ],
  [
    'a spread by an unknown policy of nodes',
    buildPod({ topologySpreadConstraints: [{ ...topology, nodeAffinityPolicy: 'Some' }] }),
  ],
  ['a gate before scheduling, twice', buildPod({ schedulingGates: [{ name: 'a' }, { name: 'a' }] })],
  ['a malformed gate before scheduling', buildPod({ schedulingGates: [{ name: 'a b' }] })],
  ['a pod on a node, behind a gate', buildPod({ nodeName: 'n', schedulingGates: [{ name: 'a' }] })],
  ['too long a deadline', buildPod({ activeDeadlineSeconds: 2 ** 31 })],
  ['too many name servers', buildPod({ dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] } })],
  ['a malformed name server', buildPod({ dnsConfig: { nameservers: ['x'], searches: ['A b'], options: [{}] } })],
  ['a pod’s request above its limit', buildPod({ resources: { limits: { cpu: '100m' }, requests: { cpu: '200m' } } })],
  ['a claim without a name', podWithVolume({ persistentVolumeClaim: {} })],
  ['a projected volume of a malformed mode', podWithVolume({ projected: { defaultMode: 512 } })],
]

const podWithMetadata = (metadata: object): Manifest => ({ ...buildPod({}), metadata })

export const metadataOffers: readonly Offer[] = [
  ['a name that is too long', podWithMetadata({ name: 'a'.repeat(254) })],
  ['a label that is too long', podWithMetadata({ name: 'p', labels: { a: 'x'.repeat(64) } })],
  ['a label whose key has no name', podWithMetadata({ name: 'p', labels: { 'example.com/': 'x' } })],
  ['a label whose key has a malformed prefix', podWithMetadata({ name: 'p', labels: { 'A_/a': 'x' } })],
  ['a label whose key has two slashes', podWithMetadata({ name: 'p', labels: { 'a/b/c': 'x' } })],
  ['a label that is a number', podWithMetadata({ name: 'p', labels: { a: 1 } })],
  ['an annotation that is true', podWithMetadata({ name: 'p', annotations: { a: true } })],
  ['an owner of whom nothing is known', podWithMetadata({ name: 'p', ownerReferences: [{}] })],
  ['a malformed finalizer', podWithMetadata({ name: 'p', finalizers: ['a b'] })],
  ['a finalizer without a domain', podWithMetadata({ name: 'p', finalizers: ['a'] })],
]
