import { expect, test } from 'vitest'
import { admitted } from './pod-admission.ts'

const containers = [{ name: 'main', image: 'app' }]
const unless = (key: string): object => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
const notReady = unless('node.kubernetes.io/not-ready')
const unreachable = unless('node.kubernetes.io/unreachable')

test('a pod gets its service account, its priority and five minutes on a node that does not answer', () => {
  const spec = { containers }
  expect(admitted(spec)).toEqual({
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

test('what a pod says for itself stays, and admitting it again changes nothing', () => {
  const tolerations = [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', tolerationSeconds: 5 }]
  const once = admitted({
    containers,
    serviceAccountName: 'robot',
    priority: 7,
    enableServiceLinks: false,
    tolerations,
  })
  expect(once).toMatchObject({ serviceAccountName: 'robot', serviceAccount: 'robot', priority: 7 })
  expect(once.enableServiceLinks).toBe(false)
  expect(once.tolerations).toEqual([...tolerations, unreachable])
  expect(admitted(once)).toEqual(once)
})

test('a pod that tolerates everything needs nothing more', () => {
  const tolerations = [{ operator: 'Exists' }]
  expect(admitted({ containers, tolerations }).tolerations).toEqual(tolerations)
  const other = [{ operator: 'Exists', effect: 'NoSchedule' }]
  expect(admitted({ containers, tolerations: other }).tolerations).toEqual([...other, notReady, unreachable])
})
