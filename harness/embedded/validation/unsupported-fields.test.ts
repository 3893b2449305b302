import { describe, expect, test } from 'vitest'
import { findKeptFields, findRefusedFields } from '../schema/pod-field-rules.ts'
import type { FieldTable } from '../schema/pod-field-rules.ts'
import { podFields } from '../schema/pod-fields.ts'
import type { Deployment, Pod } from '../store/objects.ts'
import { applyDefaults } from '../schema/defaults.ts'
import { parseElementType, getModelFields } from '../schema/schema.ts'
import { validateObject } from './object.ts'

/** Fields in which the table and a model of the Kubernetes API differ, or an object that is treated as a plain value. */
function findFieldMismatches(table: FieldTable, model: string, path: string): string[] {
  const fields = getModelFields(model)
  const missing = [...(fields?.keys() ?? [])].filter((name) => !Object.hasOwn(table, name))
  const inner = Object.entries(table).flatMap(([name, rule]) => {
    const type = fields?.get(name)?.type
    const at = `${path}.${name}`
    if (type === undefined) return [`${at}: not in ${model}`]
    const inside = parseElementType(type) ?? type
    if (rule.fields) return findFieldMismatches(rule.fields, inside, at)
    return getModelFields(inside) && rule.whole !== true ? [`${at}: ${inside} has fields`] : []
  })
  return [...missing.map((name) => `${path}.${name}: missing`), ...inner]
}

test('Pod fields: every field of a pod’s spec is enforced, kept or refused', () => {
  expect(findFieldMismatches(podFields, 'V1PodSpec', 'spec')).toEqual([])
})

const main = { name: 'main', image: 'nodrop/app:dev' }
const createPod = (spec: object, container: object = {}): Pod => ({
  metadata: { name: 'p', namespace: 'default' },
  spec: { containers: [{ ...main, ...container }], ...spec },
})

/** The API server's error message for it. */
function catchValidationMessage(object: Pod): string {
  applyDefaults('pods', object)
  try {
    validateObject('pods', object)
    return 'accepted'
  } catch (error) {
    return (error as Error).message
  }
}

describe('a pod is', () => {
  test.each([
    [
      createPod({ hostNetwork: true }),
      /^Pod "p" is invalid: spec\.hostNetwork: Forbidden: .*remove it; accepted: false$/,
    ],
    [createPod({ shareProcessNamespace: true }), /spec\.shareProcessNamespace: Forbidden: the embedded cluster/],
    [
      createPod({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
      /spec\.volumes\[0\]\.hostPath: Forbidden: .*emptyDir/,
    ],
    [createPod({}, { tty: true }), /spec\.containers\[0\]\.tty: Forbidden/],
    [
      createPod({}, { ports: [{ containerPort: 80, hostPort: 80 }] }),
      /containers\[0\]\.ports\[0\]\.hostPort: .*NodePort/,
    ],
    [createPod({}, { securityContext: { privileged: true } }), /securityContext\.privileged: Forbidden/],
    [
      createPod({}, { securityContext: { capabilities: { add: ['NET_ADMIN', 'SYS_ADMIN'] } } }),
      /containers\[0\]\.securityContext\.capabilities\.add\[1\]: Forbidden/,
    ],
    [
      createPod({ securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1024' }] } }),
      /spec\.securityContext\.sysctls\[0\]\.name: Forbidden: .*net\.ipv4\.tcp_fin_timeout/,
    ],
    [
      createPod({ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } } }),
      /seccompProfile\.localhostProfile: Forbidden: .*seccompProfile\.type: Forbidden/,
    ],
    [
      createPod({ initContainers: [{ ...main, name: 'i', stdin: true }] }),
      /spec\.initContainers\[0\]\.stdin: Forbidden/,
    ],
  ])('refused with the field and what to do %#', (object, expected) => {
    expect(catchValidationMessage(object)).toMatch(expected)
  })

  test('accepted where a refused field asks for nothing', () => {
    const security = { privileged: false, procMount: 'Default', capabilities: { drop: ['ALL'] } }
    const container = { tty: false, stdin: false, securityContext: security }
    expect(
      catchValidationMessage(createPod({ hostNetwork: false, hostPID: false, setHostnameAsFQDN: false }, container)),
    ).toBe('accepted')
  })

  test('refused for what is wrong on any cluster first', () => {
    expect(catchValidationMessage(createPod({ hostNetwork: true, restartPolicy: 'Some' }))).not.toMatch(/embedded/)
  })
})

test('Pod fields: a template is refused as its pods would be', () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { ...createPod({ serviceAccountName: 'app' }).spec } }
  const object = {
    metadata: { name: 'd', namespace: 'default' },
    spec: { selector: { matchLabels: { a: 'b' } }, template },
  }
  applyDefaults('deployments', object as Deployment)
  expect(() => validateObject('deployments', object as Deployment)).toThrow(
    /^Deployment\.apps "d" is invalid: spec\.template\.spec\.serviceAccountName: Forbidden: .*; accepted: "default"$/,
  )
})

test('Pod fields: kept ones are found where they ask for something', () => {
  const plain = createPod({})
  applyDefaults('pods', plain)
  expect(findKeptFields(plain.spec, podFields, 'spec')).toEqual([])
  const asking = createPod({ dnsPolicy: 'Default', imagePullSecrets: [] }, { resources: { limits: { memory: '1Gi' } } })
  applyDefaults('pods', asking)
  expect(findKeptFields(asking.spec, podFields, 'spec').map(({ path }) => path)).toEqual([
    'spec.containers[0].resources.limits',
    'spec.containers[0].resources.requests',
    'spec.dnsPolicy',
  ])
})

test('Pod fields: null, empty lists and other objects ask for nothing', () => {
  const spec = { hostIPC: null, containers: [], ephemeralContainers: undefined }
  expect(findRefusedFields(spec, podFields, 'spec')).toEqual([])
  expect(findRefusedFields(null, podFields, 'spec')).toEqual([])
})
