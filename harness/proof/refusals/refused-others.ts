/** Objects of the other kinds, as in refused-values.ts. */
import { podWith } from './offer.ts'
import type { Manifest, Offer } from './offer.ts'

const labels = { app: 'web' }
const template = (spec: object = {}, metadata: object = { labels }): object => ({
  metadata,
  spec: { containers: [{ name: 'main', image: 'web:1' }], ...spec },
})

function deployment(spec: object, metadata: object = { name: 'web' }): Manifest {
  const whole = { selector: { matchLabels: labels }, template: template(), ...spec }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: whole }
}

function replicaSet(spec: object): Manifest {
  const whole = { selector: { matchLabels: labels }, template: template(), ...spec }
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web' }, spec: whole }
}

function job(spec: object): Manifest {
  const whole = {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'web:1' }] } },
    ...spec,
  }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: whole }
}

function service(spec: object, metadata: object = { name: 'web' }): Manifest {
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port: 80 }], ...spec } }
}

function budget(spec: object): Manifest {
  const whole = { selector: { matchLabels: labels }, ...spec }
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: whole }
}

const configMap = (rest: object): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'm' },
  ...rest,
})
const rolling = (rollingUpdate: object): Manifest => deployment({ strategy: { rollingUpdate } })
const container = (more: object): object => template({ containers: [{ name: 'main', image: 'web:1', ...more }] })

export const workloadOffers: readonly Offer[] = [
  ['a Deployment', deployment({})],
  ['a Deployment without a spec', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }],
  ['a Deployment without a selector', deployment({ selector: undefined })],
  ['a Deployment with an empty selector', deployment({ selector: {} })],
  ['a Deployment that selects other pods', deployment({ selector: { matchLabels: { app: 'other' } } })],
  ['a Deployment whose template has no labels', deployment({ template: template({}, {}) })],
  ['a Deployment without a template', deployment({ template: undefined })],
  [
    'a Deployment with a malformed selector',
    deployment({
      selector: {
        matchLabels: { 'a b': 'x' },
        matchExpressions: [
          { key: 'a', operator: 'In' },
          { key: 'a', operator: 'Exists', values: ['x'] },
        ],
      },
    }),
  ],
  [
    'a Deployment of less than no pods',
    deployment({ replicas: -1, minReadySeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: -1 }),
  ],
  ['a Deployment with a deadline before its pods are available', deployment({ minReadySeconds: 600 })],
  ['a Deployment whose pods end', deployment({ template: template({ restartPolicy: 'Never' }) })],
  ['a Deployment whose pods have a deadline', deployment({ template: template({ activeDeadlineSeconds: 5 }) })],
  ['a Deployment by an unknown strategy', deployment({ strategy: { type: 'BlueGreen' } })],
  ['a rolling update that recreates', deployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } })],
  ['a rolling update that cannot move', rolling({ maxSurge: 0, maxUnavailable: 0 })],
  ['a rolling update that cannot move, in percents', rolling({ maxSurge: '0%', maxUnavailable: '0%' })],
  ['a rolling update of more than all', rolling({ maxUnavailable: '101%' })],
  ['a rolling update of a text', rolling({ maxSurge: 'many', maxUnavailable: '1.5%' })],
  ['a rolling update of less than nothing', rolling({ maxSurge: -1, maxUnavailable: -1 })],
  ['a rolling update of twice as many', rolling({ maxSurge: '200%' })],
  ['a rolling update of half a pod', rolling({ maxSurge: 0.5 })],
  ['a Deployment of pods that are null', deployment({ replicas: null })],
  ['a Deployment of a long name', deployment({}, { name: 'a'.repeat(64) })],
  ['a Deployment of half a pod', deployment({ replicas: 1.5 })],
  ['a Deployment of pods in a text', deployment({ replicas: '3' })],
  [
    'a template with a request above its limit',
    deployment({ template: container({ resources: { limits: { cpu: '100m' }, requests: { cpu: '200m' } } }) }),
  ],
  [
    'a template with a malformed quantity',
    deployment({ template: container({ resources: { limits: { memory: '64MB' } } }) }),
  ],
  [
    'a template with value and valueFrom',
    deployment({
      template: container({
        env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      }),
    }),
  ],
  [
    'a template with an unknown field',
    deployment({
      template: container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nothing' } } }] }),
    }),
  ],
  [
    'a template with a malformed annotation',
    deployment({ template: template({}, { labels, annotations: { 'a b': 'x' } }) }),
  ],
  ['a template with a malformed label', deployment({ template: template({}, { labels: { ...labels, 'a b': 'x' } }) })],
  ['a malformed name of a Deployment', deployment({}, { name: 'Web_1' })],
  ['a ReplicaSet', replicaSet({})],
  ['a ReplicaSet that selects other pods', replicaSet({ selector: { matchLabels: { app: 'other' } } })],
  ['a ReplicaSet with an empty selector', replicaSet({ selector: {} })],
  ['a ReplicaSet whose pods end', replicaSet({ replicas: -1, template: template({ restartPolicy: 'OnFailure' }) })],
  ['a Job whose pods never end', job({ template: { spec: { containers: [{ name: 'main', image: 'web:1' }] } } })],
  ['a Job of less than nothing', job({ parallelism: -1, completions: -1, backoffLimit: -1 })],
  ['a Job by an unknown mode', job({ completionMode: 'Some' })],
  ['an indexed Job without completions', job({ completionMode: 'Indexed', parallelism: 1 })],
]

export const serviceOffers: readonly Offer[] = [
  ['a Service without ports', service({ ports: [] })],
  ['a headless Service without ports', service({ ports: [], clusterIP: 'None' })],
  ['a Service of port 0', service({ ports: [{ port: 0 }] })],
  ['a Service of a port too high, to port 0', service({ ports: [{ port: 65536, targetPort: 0 }] })],
  ['a Service of a malformed target', service({ ports: [{ port: 80, targetPort: '--' }] })],
  ['a Service of two ports without names', service({ ports: [{ port: 80 }, { port: 81 }] })],
  [
    'a Service of one port twice',
    service({
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ],
    }),
  ],
  [
    'a Service of one name twice',
    service({
      ports: [
        { name: 'a', port: 80 },
        { name: 'a', port: 81 },
      ],
    }),
  ],
  ['a Service of a malformed port name', service({ ports: [{ name: 'A_', port: 80 }] })],
  ['a Service by an unknown protocol', service({ ports: [{ port: 80, protocol: 'HTTP' }] })],
  ['a Service of an unknown type', service({ type: 'Some' })],
  ['a Service of an unknown affinity', service({ sessionAffinity: 'Some' })],
  [
    'a Service of an affinity without end',
    service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } }),
  ],
  ['a Service of an unknown traffic policy', service({ internalTrafficPolicy: 'Some' })],
  ['a Service with a policy for the outside', service({ externalTrafficPolicy: 'Cluster' })],
  ['a Service within, with a node port', service({ ports: [{ port: 80, nodePort: 30080 }] })],
  ['a Service with an address of others', service({ clusterIP: '192.0.2.1' })],
  ['a Service with a malformed address', service({ clusterIP: 'here' })],
  ['a Service with a malformed selector', service({ selector: { 'a b': 'x' } })],
  ['a malformed name of a Service', service({}, { name: '1web' })],
  ['a Service with external addresses', service({ externalIPs: ['127.0.0.1', 'x'] })],
  ['a Service with a malformed application protocol', service({ ports: [{ port: 80, appProtocol: 'a b' }] })],
  ['a headless Service with node ports', service({ type: 'NodePort', clusterIP: 'None' })],
  ['a headless load balancer', service({ type: 'LoadBalancer', clusterIP: 'None' })],
  ['a Service within, of a class of load balancers', service({ loadBalancerClass: 'example.com/a' })],
  ['a Service within, for a load balancer’s node ports', service({ allocateLoadBalancerNodePorts: true })],
  ['a Service within, for a load balancer’s sources', service({ loadBalancerSourceRanges: ['10.0.0.0/8'] })],
  ['a Service of an unknown distribution', service({ trafficDistribution: 'Some' })],
  [
    'a Service of one node port twice',
    service({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80, nodePort: 30080 },
        { name: 'b', port: 81, nodePort: 30080 },
      ],
    }),
  ],
  ['a Service of an unknown outer policy', service({ type: 'NodePort', externalTrafficPolicy: 'Some' })],
  ['a Service of two addresses', service({ clusterIP: '10.96.0.50', clusterIPs: ['10.96.0.51'] })],
  ['a Service that selects a number', service({ selector: { a: 1 } })],
  ['a Service with an external name, and none', service({ type: 'ExternalName', ports: undefined })],
]

export const otherOffers: readonly Offer[] = [
  ['a budget', budget({ maxUnavailable: 1 })],
  ['a budget of both bounds', budget({ minAvailable: 1, maxUnavailable: 1 })],
  ['a budget of less than nothing', budget({ maxUnavailable: -1 })],
  ['a budget of more than all', budget({ minAvailable: '101%' })],
  ['a budget of a text', budget({ maxUnavailable: 'one' })],
  ['a budget of an unknown policy', budget({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'Some' })],
  [
    'a budget with a malformed selector',
    budget({
      maxUnavailable: 1,
      selector: { matchLabels: { a: '-' }, matchExpressions: [{ key: 'a', operator: 'Some' }] },
    }),
  ],
  ['a ConfigMap with a malformed key', configMap({ data: { 'a/b': 'x' } })],
  ['a ConfigMap with a key of dots', configMap({ data: { '..': 'x' } })],
  ['a ConfigMap with one key twice', configMap({ data: { a: 'x' }, binaryData: { a: 'eA==' } })],
  ['a ConfigMap of a number', configMap({ data: { a: 1 } })],
  ['a budget of half a pod', budget({ maxUnavailable: 0.5 })],
  ['a budget without a selector', budget({ maxUnavailable: 1, selector: undefined })],
  ['a budget without bounds', budget({})],
  ['a ConfigMap of malformed bytes', configMap({ binaryData: { a: '%' } })],
  ['a ConfigMap that is too large', configMap({ data: { a: 'x'.repeat(2 ** 20 + 1) } })],
  ['a name of a namespace with a dot', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a.b' } }],
  ['a malformed name of a namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'A_' } }],
  ['a pod of another namespace', { ...podWith({}), metadata: { name: 'p', namespace: 'elsewhere' } }],
  ['a pod with an unknown field', { ...podWith({}), unknownField: 1 }],
]
