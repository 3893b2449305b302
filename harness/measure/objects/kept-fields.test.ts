import { expect, test } from 'vitest'
import { listKeptFields } from './kept-fields.ts'

const limits = { resources: { limits: { memory: '64Mi' } } }
const createDeployment = (spec: object): object => ({ kind: 'Deployment', spec: { template: { spec } } })

test('kept fields: of templates, pods and the patch, each once', () => {
  const objects = [
    createDeployment({ containers: [{ name: 'a' }, { name: 'b', ...limits }], dnsPolicy: 'Default' }),
    { kind: 'Pod', spec: { containers: [{ name: 'c', ...limits }] } },
    { kind: 'Service', spec: { selector: { app: 'web' } } },
  ]
  const patch = { spec: { template: { spec: { containers: [{ name: 'a', ...limits }], hostUsers: false } } } }
  expect(listKeptFields(objects, patch)).toEqual(['containers.resources.limits', 'dnsPolicy', 'hostUsers'])
})

test('kept fields: not what is enforced or asks for the default', () => {
  const spec = { dnsPolicy: 'ClusterFirst', automountServiceAccountToken: false, terminationGracePeriodSeconds: 5 }
  expect(listKeptFields([createDeployment(spec)], {})).toEqual([])
})
