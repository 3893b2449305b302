import { expect, test } from 'vitest'
import { listKeptFields } from './kept-fields.ts'

const limits = { resources: { limits: { memory: '64Mi' } } }
const createDeployment = (spec: object): object => ({ kind: 'Deployment', spec: { template: { spec } } })

test('kept fields: each once, without places in lists', () => {
  const objects = [
    createDeployment({ containers: [{ name: 'a' }, { name: 'b', ...limits }], dnsPolicy: 'Default' }),
    { kind: 'Pod', spec: { containers: [{ name: 'c', ...limits }] } },
    { kind: 'Service', spec: { selector: { app: 'web' } } },
  ]
  const patch = { spec: { template: { spec: { containers: [{ name: 'a', ...limits }], hostUsers: false } } } }
  expect(listKeptFields(objects, patch)).toEqual(['containers.resources.limits', 'dnsPolicy', 'hostUsers'])
})

test('what is enforced, or asks for what happens anyway, is not named', () => {
  const spec = { dnsPolicy: 'ClusterFirst', automountServiceAccountToken: false, terminationGracePeriodSeconds: 5 }
  expect(listKeptFields([createDeployment(spec)], {})).toEqual([])
})
