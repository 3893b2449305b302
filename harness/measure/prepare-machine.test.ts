import { cpus, release } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { createApi } from '../cluster/api.ts'
import type { KubeApi } from '../cluster/api.ts'
import { environmentSchema } from '../model/plan-schema.ts'
import { startApiProxy } from '../testing/api-proxy.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { describeEnvironment, prepareMachine } from './prepare-machine.ts'

/** A server that answers requests for its version like this. */
async function connect(status: number, body: unknown): Promise<KubeApi> {
  const server = await startApiProxy()
  server.answer = ({ path }) => (path === '/version' ? { status, body } : undefined)
  const api = createApi(JSON.stringify({ ...JSON.parse(server.kubeconfig('x')), 'current-context': 'x' }))
  onTestFinished(async () => {
    api.close()
    await server[Symbol.asyncDispose]()
  })
  return api
}

test('environment: versions and machine, and no word of what is as usual', () => {
  const environment = describeEnvironment({ kubernetes: 'v1.35.2' })
  expect(environment).toEqual({
    nodrop: packageJson.version,
    node: process.version,
    kernel: release(),
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model ?? 'unknown',
    kubernetes: 'v1.35.2',
  })
  expect(describeEnvironment({ kubernetes: '', coresAwake: false })).not.toHaveProperty('coresAwake')
  expect(describeEnvironment({ kubernetes: '', coresAwake: true })).toMatchObject({ coresAwake: true })
})

test('environment: where the load is sent from another machine, that machine', () => {
  const elsewhere = { kernel: '6.10.14-linuxkit', cpus: 8, cpuModel: 'Apple M3' }
  expect(describeEnvironment({ kubernetes: 'v1.35.2', ...elsewhere })).toMatchObject(elsewhere)
})

test('environment: is one that a plan can hold', () => {
  const environment = describeEnvironment({ kubernetes: 'v1.35.2', coresAwake: true, driverBefore: 'workload' })
  expect(environmentSchema.parse(environment)).toEqual(environment)
})

test('machine: the version is the API server’s word; elsewhere nothing of this machine is held', async () => {
  const api = await connect(200, { gitVersion: 'v1.35.2' })
  using machine = await prepareMachine({ kind: 'kubeconfig' }, api)
  expect(machine.environment.kubernetes).toBe('v1.35.2')
  expect(machine.environment).not.toHaveProperty('coresAwake')
  expect(machine.environment).not.toHaveProperty('driverBefore')
})

test('machine: on the embedded cluster, before what its driver goes', async () => {
  const api = await connect(200, { gitVersion: 'embedded 1.34' })
  using machine = await prepareMachine({ kind: 'local' }, api)
  expect(['all', 'workload']).toContain(machine.environment.driverBefore)
})

test('machine: without the server’s version nothing is prepared, and it says why', async () => {
  const api = await connect(500, { kind: 'Status', message: 'etcd is away', code: 500 })
  await expect(prepareMachine({ kind: 'local' }, api)).rejects.toMatchObject({
    kind: 'unknown',
    message: 'Cannot ask the API server for its version: etcd is away',
  })
})
