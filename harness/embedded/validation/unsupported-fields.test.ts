import { describe, expect, test } from 'vitest'
import { keptFields, refusedFields } from '../pod-field-rules.ts'
import type { FieldTable } from '../pod-field-rules.ts'
import { podFields } from '../pod-fields.ts'
import type { Deployment, Pod } from '../store/objects.ts'
import { applyDefaults } from '../schema/defaults.ts'
import { elementOf, fieldsOf } from '../schema/schema.ts'
import { validate } from './object.ts'

/** Where the table and a model of the Kubernetes API differ in their fields, or an object is taken for a plain value. */
function gaps(table: FieldTable, model: string, path: string): string[] {
  const fields = fieldsOf(model)
  const missing = [...(fields?.keys() ?? [])].filter((name) => !Object.hasOwn(table, name))
  const inner = Object.entries(table).flatMap(([name, rule]) => {
    const type = fields?.get(name)?.type
    const at = `${path}.${name}`
    if (type === undefined) return [`${at}: not in ${model}`]
    const inside = elementOf(type) ?? type
    if (rule.fields) return gaps(rule.fields, inside, at)
    return fieldsOf(inside) && rule.whole !== true ? [`${at}: ${inside} has fields`] : []
  })
  return [...missing.map((name) => `${path}.${name}: missing`), ...inner]
}

test('every field of a pod’s spec is enforced, kept or refused', () => {
  expect(gaps(podFields, 'V1PodSpec', 'spec')).toEqual([])
})

const main = { name: 'main', image: 'nodrop/app:dev' }
const pod = (spec: object, container: object = {}): Pod => ({
  metadata: { name: 'p', namespace: 'default' },
  spec: { containers: [{ ...main, ...container }], ...spec },
})

/** What the API server answers to it. */
function answer(object: Pod): string {
  applyDefaults('pods', object)
  try {
    validate('pods', object)
    return 'accepted'
  } catch (error) {
    return (error as Error).message
  }
}

describe('a pod is', () => {
  test.each([
    [pod({ hostNetwork: true }), /^Pod "p" is invalid: spec\.hostNetwork: Forbidden: .*remove it; accepted: false$/],
    [pod({ shareProcessNamespace: true }), /spec\.shareProcessNamespace: Forbidden: the embedded cluster/],
    [pod({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }), /spec\.volumes\[0\]\.hostPath: Forbidden: .*emptyDir/],
    [pod({}, { tty: true }), /spec\.containers\[0\]\.tty: Forbidden/],
    [pod({}, { ports: [{ containerPort: 80, hostPort: 80 }] }), /containers\[0\]\.ports\[0\]\.hostPort: .*NodePort/],
    [pod({}, { securityContext: { privileged: true } }), /securityContext\.privileged: Forbidden/],
    [
      pod({}, { securityContext: { capabilities: { add: ['NET_ADMIN', 'SYS_ADMIN'] } } }),
      /containers\[0\]\.securityContext\.capabilities\.add\[1\]: Forbidden/,
    ],
    [
      pod({ securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1024' }] } }),
      /spec\.securityContext\.sysctls\[0\]\.name: Forbidden: .*net\.ipv4\.tcp_fin_timeout/,
    ],
    [
      pod({ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } } }),
      /seccompProfile\.localhostProfile: Forbidden: .*seccompProfile\.type: Forbidden/,
    ],
    [pod({ initContainers: [{ ...main, name: 'i', stdin: true }] }), /spec\.initContainers\[0\]\.stdin: Forbidden/],
  ])('refused with the field and what to do %#', (object, expected) => {
    expect(answer(object)).toMatch(expected)
  })

  test('accepted where a refused field asks for nothing', () => {
    const security = { privileged: false, procMount: 'Default', capabilities: { drop: ['ALL'] } }
    const container = { tty: false, stdin: false, securityContext: security }
    expect(answer(pod({ hostNetwork: false, hostPID: false, setHostnameAsFQDN: false }, container))).toBe('accepted')
  })

  test('refused for what is wrong on any cluster first', () => {
    expect(answer(pod({ hostNetwork: true, restartPolicy: 'Some' }))).not.toMatch(/embedded/)
  })
})

test('a template is refused as its pods would be', () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { ...pod({ serviceAccountName: 'app' }).spec } }
  const object = {
    metadata: { name: 'd', namespace: 'default' },
    spec: { selector: { matchLabels: { a: 'b' } }, template },
  }
  applyDefaults('deployments', object as Deployment)
  expect(() => validate('deployments', object as Deployment)).toThrow(
    /^Deployment\.apps "d" is invalid: spec\.template\.spec\.serviceAccountName: Forbidden: .*; accepted: "default"$/,
  )
})

test('kept fields are found where they ask for something, not where the API server filled them in', () => {
  const plain = pod({})
  applyDefaults('pods', plain)
  expect(keptFields(plain.spec, podFields, 'spec')).toEqual([])
  const asking = pod({ dnsPolicy: 'Default', imagePullSecrets: [] }, { resources: { limits: { memory: '1Gi' } } })
  applyDefaults('pods', asking)
  expect(keptFields(asking.spec, podFields, 'spec').map(({ path }) => path)).toEqual([
    'spec.containers[0].resources.limits',
    'spec.containers[0].resources.requests',
    'spec.dnsPolicy',
  ])
})

test('a null, an empty list and a field of another object are nothing', () => {
  const spec = { hostIPC: null, containers: [], ephemeralContainers: undefined }
  expect(refusedFields(spec, podFields, 'spec')).toEqual([])
  expect(refusedFields(null, podFields, 'spec')).toEqual([])
})
