import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { noIdentification } from '../../model/workload.ts'
import type { DriverPlan } from './control-protocol.ts'
import { probeTarget } from './probe-target.ts'
import { startTrialLoad, createTrialPlan } from '../driver/trial-load.ts'

/** Answers every request with `status` and names `workload`. */
async function startServer(status: number, workload: string): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((_, response) => response.writeHead(status, { 'x-nodrop-workload': workload }).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

test('probe: the right workload that answers 2xx is reached', async () => {
  const { workload } = createTrialPlan(1)
  await using server = await startServer(200, workload)
  expect(await probeTarget(createTrialPlan(server.port))).toBeNull()
})

test('probe: an error, another workload and a closed port differ', async () => {
  const { workload } = createTrialPlan(1)
  await using failing = await startServer(502, workload)
  await using other = await startServer(200, 'somebody else')
  expect(await probeTarget(createTrialPlan(failing.port))).toBe('it answers 502')
  expect(await probeTarget(createTrialPlan(other.port))).toBe('another workload answers, somebody else')
  const closed = await startServer(200, workload)
  await closed[Symbol.asyncDispose]()
  expect(await probeTarget(createTrialPlan(closed.port))).toMatch('ECONNREFUSED')
})

test('a host name of its own is what reaching and the load itself ask for', async () => {
  const plan = createTrialPlan(1, { authority: 'shop.example' })
  const hosts = new Set<string | undefined>()
  const server = createServer(({ headers }, response) => {
    hosts.add(headers.host)
    response.writeHead(200, { 'x-nodrop-workload': plan.workload, 'x-request-id': headers['x-request-id'] }).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const there = { ...plan, target: { host: '127.0.0.1', port }, limitMs: 100 }
  expect(await probeTarget(there)).toBeNull()
  const records = await startTrialLoad(there).records
  server.close()
  expect(records.map(({ outcome }) => outcome)).toEqual(records.map(() => 'ok'))
  expect(records.length).toBeGreaterThan(10)
  expect([...hosts]).toEqual(['shop.example'])
})

test('a workload of the user: answers are ok from any server, and its header names the pod', async () => {
  const server = createServer((_, response) => response.writeHead(200, { 'x-served-by': 'shop-1' }).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const identification = { ...noIdentification, podHeader: 'x-served-by' }
  const load = { limitMs: 100, shares: { fresh: 0.5, reused: 0.5, 'reused-post': 0 } }
  const [silent, named] = [noIdentification, identification].map((own) =>
    createTrialPlan(port, { ...load, identification: own }),
  )
  expect(await probeTarget(silent!)).toBeNull()
  expect(await probeTarget(createTrialPlan(port))).toBe(
    'its answers have no header x-nodrop-workload, by which a workload is told from others',
  )
  const outcomes = async (plan: DriverPlan): Promise<Set<string>> =>
    new Set((await startTrialLoad(plan).records).map(({ outcome, pod }) => `${outcome} ${pod}`))
  expect([...(await outcomes(silent!))]).toEqual(['ok null'])
  expect([...(await outcomes(named!))]).toEqual(['ok shop-1'])
  expect([...(await outcomes(createTrialPlan(port, load)))]).toEqual(['wrong-target null'])
  server.close()
})
