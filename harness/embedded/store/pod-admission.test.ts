import { expect, test } from 'vitest'
import { findAdmissionError, admitPodSpec } from './pod-admission.ts'

const containers = [{ name: 'main', image: 'app' }]
const createToleration = (key: string): object => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
})
const notReady = createToleration('node.kubernetes.io/not-ready')
const unreachable = createToleration('node.kubernetes.io/unreachable')

test('Admission: service account, priority and default tolerations', () => {
  const spec = { containers }
  expect(admitPodSpec(spec)).toEqual({
    containers,
    enableServiceLinks: true,
    serviceAccountName: 'default',
    serviceAccount: 'default',
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    tolerations: [notReady, unreachable],
  })
  expect(spec).toEqual({ containers })
})

test('Admission: a pod’s own fields stay; admission is idempotent', () => {
  const tolerations = [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', tolerationSeconds: 5 }]
  const once = admitPodSpec({
    containers,
    serviceAccountName: 'robot',
    priority: 7,
    enableServiceLinks: false,
    tolerations,
  })
  expect(once).toMatchObject({ serviceAccountName: 'robot', serviceAccount: 'robot', priority: 7 })
  expect(once.enableServiceLinks).toBe(false)
  expect(once.tolerations).toEqual([...tolerations, unreachable])
  expect(admitPodSpec(once)).toEqual(once)
})

test('Admission: a pod that tolerates everything needs nothing more', () => {
  const tolerations = [{ operator: 'Exists' }]
  expect(admitPodSpec({ containers, tolerations }).tolerations).toEqual(tolerations)
  const other = [{ operator: 'Exists', effect: 'NoSchedule' }]
  expect(admitPodSpec({ containers, tolerations: other }).tolerations).toEqual([...other, notReady, unreachable])
})

test('Admission: a built-in priority class decides the priority', () => {
  const spec = { containers, priorityClassName: 'system-node-critical' }
  expect(admitPodSpec(spec).priority).toBe(2_000_001_000)
  expect(findAdmissionError(admitPodSpec(spec), 'default')).toBeUndefined()
  expect(findAdmissionError({ ...spec, priority: 7 }, 'default')).toBe(
    'the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 2000001000 from the given PriorityClass name',
  )
})

test.each([
  [{ serviceAccountName: 'app' }, 'error looking up service account shop/app: serviceaccount "app" not found'],
  [{ priorityClassName: 'high' }, 'no PriorityClass with name high was found'],
  [{ priorityClassName: 'constructor' }, 'no PriorityClass with name constructor was found'],
  [{ runtimeClassName: 'gvisor' }, 'pod rejected: RuntimeClass "gvisor" not found'],
  [{ serviceAccountName: 'default', priority: 0, preemptionPolicy: 'PreemptLowerPriority' }, undefined],
])('Admission: refused in the words of the plug-in: %j', (spec, expected) => {
  expect(findAdmissionError({ containers, ...spec }, 'shop')).toBe(expected)
})
