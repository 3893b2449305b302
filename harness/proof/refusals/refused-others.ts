/** Objects of the other kinds, as in refused-values.ts. */
import { buildPod } from './offer.ts'
import type { Manifest, Offer } from './offer.ts'

const labels = { app: 'web' }
const buildTemplate = (spec: object = {}, metadata: object = { labels }): object => ({
  metadata,
  spec: { containers: [{ name: 'main', image: 'web:1' }], ...spec },
})

function buildDeployment(spec: object, metadata: object = { name: 'web' }): Manifest {
  const whole = { selector: { matchLabels: labels }, template: buildTemplate(), ...spec }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: whole }
}

function buildReplicaSet(spec: object): Manifest {
  const whole = { selector: { matchLabels: labels }, template: buildTemplate(), ...spec }
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web' }, spec: whole }
}

function buildJob(spec: object): Manifest {
  const whole = {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'web:1' }] } },
    ...spec,
  }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: whole }
}

function buildService(spec: object, metadata: object = { name: 'web' }): Manifest {
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port: 80 }], ...spec } }
}

function buildBudget(spec: object): Manifest {
  const whole = { selector: { matchLabels: labels }, ...spec }
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: whole }
}

const buildConfigMap = (rest: object): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'm' },
  ...rest,
})
const buildRollingDeployment = (rollingUpdate: object): Manifest => buildDeployment({ strategy: { rollingUpdate } })
const buildContainerTemplate = (more: object): object =>
  buildTemplate({ containers: [{ name: 'main', image: 'web:1', ...more }] })

export const workloadOffers: readonly Offer[] = [
  ['a Deployment', buildDeployment({})],
  ['a Deployment without a spec', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }],
  ['a Deployment without a selector', buildDeployment({ selector: undefined })],
  ['a Deployment with an empty selector', buildDeployment({ selector: {} })],
  ['a Deployment that selects other pods', buildDeployment({ selector: { matchLabels: { app: 'other' } } })],
  ['a Deployment whose template has no labels', buildDeployment({ template: buildTemplate({}, {}) })],
  ['a Deployment without a template', buildDeployment({ template: undefined })],
  [
    'a Deployment with a malformed selector',
    buildDeployment({
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
    buildDeployment({ replicas: -1, minReadySeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: -1 }),
  ],
  ['a Deployment with a deadline before its pods are available', buildDeployment({ minReadySeconds: 600 })],
  ['a Deployment whose pods end', buildDeployment({ template: buildTemplate({ restartPolicy: 'Never' }) })],
  [
    'a Deployment whose pods have a deadline',
    buildDeployment({ template: buildTemplate({ activeDeadlineSeconds: 5 }) }),
  ],
  ['a Deployment by an unknown strategy', buildDeployment({ strategy: { type: 'BlueGreen' } })],
  [
    'a rolling update that recreates',
    buildDeployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
  ],
  ['a rolling update that cannot move', buildRollingDeployment({ maxSurge: 0, maxUnavailable: 0 })],
  ['a rolling update that cannot move, in percents', buildRollingDeployment({ maxSurge: '0%', maxUnavailable: '0%' })],
  ['a rolling update of more than all', buildRollingDeployment({ maxUnavailable: '101%' })],
  ['a rolling update of a text', buildRollingDeployment({ maxSurge: 'many', maxUnavailable: '1.5%' })],
  ['a rolling update of less than nothing', buildRollingDeployment({ maxSurge: -1, maxUnavailable: -1 })],
  ['a rolling update of twice as many', buildRollingDeployment({ maxSurge: '200%' })],
  ['a rolling update of half a pod', buildRollingDeployment({ maxSurge: 0.5 })],
  ['a Deployment of pods that are null', buildDeployment({ replicas: null })],
  ['a Deployment of a long name', buildDeployment({}, { name: 'a'.repeat(64) })],
  ['a Deployment of half a pod', buildDeployment({ replicas: 1.5 })],
  ['a Deployment of pods in a text', buildDeployment({ replicas: '3' })],
  [
    'a template with a request above its limit',
    buildDeployment({
      template: buildContainerTemplate({ resources: { limits: { cpu: '100m' }, requests: { cpu: '200m' } } }),
    }),
  ],
  [
    'a template with a malformed quantity',
    buildDeployment({ template: buildContainerTemplate({ resources: { limits: { memory: '64MB' } } }) }),
  ],
  [
    'a template with value and valueFrom',
    buildDeployment({
      template: buildContainerTemplate({
        env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      }),
    }),
  ],
  [
    'a template with an unknown field',
    buildDeployment({
      template: buildContainerTemplate({
        env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nothing' } } }],
      }),
    }),
  ],
  [
    'a template with a malformed annotation',
    buildDeployment({ template: buildTemplate({}, { labels, annotations: { 'a b': 'x' } }) }),
  ],
  [
    'a template with a malformed label',
    buildDeployment({ template: buildTemplate({}, { labels: { ...labels, 'a b': 'x' } }) }),
  ],
  ['a malformed name of a Deployment', buildDeployment({}, { name: 'Web_1' })],
  ['a ReplicaSet', buildReplicaSet({})],
  ['a ReplicaSet that selects other pods', buildReplicaSet({ selector: { matchLabels: { app: 'other' } } })],
  ['a ReplicaSet with an empty selector', buildReplicaSet({ selector: {} })],
  [
    'a ReplicaSet whose pods end',
    buildReplicaSet({ replicas: -1, template: buildTemplate({ restartPolicy: 'OnFailure' }) }),
  ],
  ['a Job whose pods never end', buildJob({ template: { spec: { containers: [{ name: 'main', image: 'web:1' }] } } })],
  ['a Job of less than nothing', buildJob({ parallelism: -1, completions: -1, backoffLimit: -1 })],
  ['a Job by an unknown mode', buildJob({ completionMode: 'Some' })],
  ['an indexed Job without completions', buildJob({ completionMode: 'Indexed', parallelism: 1 })],
]

export const serviceOffers: readonly Offer[] = [
  ['a Service without ports', buildService({ ports: [] })],
  ['a headless Service without ports', buildService({ ports: [], clusterIP: 'None' })],
  ['a Service of port 0', buildService({ ports: [{ port: 0 }] })],
  ['a Service of a port too high, to port 0', buildService({ ports: [{ port: 65536, targetPort: 0 }] })],
  ['a Service of a malformed target', buildService({ ports: [{ port: 80, targetPort: '--' }] })],
  ['a Service of two ports without names', buildService({ ports: [{ port: 80 }, { port: 81 }] })],
  [
    'a Service of one port twice',
    buildService({
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ],
    }),
  ],
  [
    'a Service of one name twice',
    buildService({
      ports: [
        { name: 'a', port: 80 },
        { name: 'a', port: 81 },
      ],
    }),
  ],
  ['a Service of a malformed port name', buildService({ ports: [{ name: 'A_', port: 80 }] })],
  ['a Service by an unknown protocol', buildService({ ports: [{ port: 80, protocol: 'HTTP' }] })],
  ['a Service of an unknown type', buildService({ type: 'Some' })],
  ['a Service of an unknown affinity', buildService({ sessionAffinity: 'Some' })],
  [
    'a Service of an affinity without end',
    buildService({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } }),
  ],
  ['a Service of an unknown traffic policy', buildService({ internalTrafficPolicy: 'Some' })],
  ['a Service with a policy for the outside', buildService({ externalTrafficPolicy: 'Cluster' })],
  ['a Service within, with a node port', buildService({ ports: [{ port: 80, nodePort: 30080 }] })],
  ['a Service with an address of others', buildService({ clusterIP: '192.0.2.1' })],
  ['a Service with a malformed address', buildService({ clusterIP: 'here' })],
  ['a Service with a malformed selector', buildService({ selector: { 'a b': 'x' } })],
  ['a malformed name of a Service', buildService({}, { name: '1web' })],
  ['a Service with external addresses', buildService({ externalIPs: ['127.0.0.1', 'x'] })],
  ['a Service with a malformed application protocol', buildService({ ports: [{ port: 80, appProtocol: 'a b' }] })],
  ['a headless Service with node ports', buildService({ type: 'NodePort', clusterIP: 'None' })],
  ['a headless load balancer', buildService({ type: 'LoadBalancer', clusterIP: 'None' })],
  ['a Service within, of a class of load balancers', buildService({ loadBalancerClass: 'example.com/a' })],
  ['a Service within, for a load balancer’s node ports', buildService({ allocateLoadBalancerNodePorts: true })],
  ['a Service within, for a load balancer’s sources', buildService({ loadBalancerSourceRanges: ['10.0.0.0/8'] })],
  ['a Service of an unknown distribution', buildService({ trafficDistribution: 'Some' })],
  [
    'a Service of one node port twice',
    buildService({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80, nodePort: 30080 },
        { name: 'b', port: 81, nodePort: 30080 },
      ],
    }),
  ],
  ['a Service of an unknown outer policy', buildService({ type: 'NodePort', externalTrafficPolicy: 'Some' })],
  ['a Service of two addresses', buildService({ clusterIP: '10.96.0.50', clusterIPs: ['10.96.0.51'] })],
  ['a Service that selects a number', buildService({ selector: { a: 1 } })],
  ['a Service with an external name, and none', buildService({ type: 'ExternalName', ports: undefined })],
]

export const otherOffers: readonly Offer[] = [
  ['a budget', buildBudget({ maxUnavailable: 1 })],
  ['a budget of both bounds', buildBudget({ minAvailable: 1, maxUnavailable: 1 })],
  ['a budget of less than nothing', buildBudget({ maxUnavailable: -1 })],
  ['a budget of more than all', buildBudget({ minAvailable: '101%' })],
  ['a budget of a text', buildBudget({ maxUnavailable: 'one' })],
  ['a budget of an unknown policy', buildBudget({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'Some' })],
  [
    'a budget with a malformed selector',
    buildBudget({
      maxUnavailable: 1,
      selector: { matchLabels: { a: '-' }, matchExpressions: [{ key: 'a', operator: 'Some' }] },
    }),
  ],
  ['a ConfigMap with a malformed key', buildConfigMap({ data: { 'a/b': 'x' } })],
  ['a ConfigMap with a key of dots', buildConfigMap({ data: { '..': 'x' } })],
  ['a ConfigMap with one key twice', buildConfigMap({ data: { a: 'x' }, binaryData: { a: 'eA==' } })],
  ['a ConfigMap of a number', buildConfigMap({ data: { a: 1 } })],
  ['a budget of half a pod', buildBudget({ maxUnavailable: 0.5 })],
  ['a budget without a selector', buildBudget({ maxUnavailable: 1, selector: undefined })],
  ['a budget without bounds', buildBudget({})],
  ['a ConfigMap of malformed bytes', buildConfigMap({ binaryData: { a: '%' } })],
  ['a ConfigMap that is too large', buildConfigMap({ data: { a: 'x'.repeat(2 ** 20 + 1) } })],
  ['a name of a namespace with a dot', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a.b' } }],
  ['a malformed name of a namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'A_' } }],
  ['a pod of another namespace', { ...buildPod({}), metadata: { name: 'p', namespace: 'elsewhere' } }],
  ['a pod with an unknown field', { ...buildPod({}), unknownField: 1 }],
]
