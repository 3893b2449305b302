import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { reach } from './reach.ts'
import { trialPlan } from './trial.ts'

/** Answers every request with `status`, and says that it is `workload`. */
async function serve(status: number, workload: string): Promise<AsyncDisposable & { port: number }> {
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

test('the right workload that answers well is reached', async () => {
  const { workload } = trialPlan(1)
  await using server = await serve(200, workload)
  expect(await reach(trialPlan(server.port))).toBeNull()
})

test('an error, another workload and a closed port are told apart', async () => {
  const { workload } = trialPlan(1)
  await using failing = await serve(502, workload)
  await using other = await serve(200, 'somebody else')
  expect(await reach(trialPlan(failing.port))).toBe('it answers 502')
  expect(await reach(trialPlan(other.port))).toBe('another workload answers, somebody else')
  const closed = await serve(200, workload)
  await closed[Symbol.asyncDispose]()
  expect(await reach(trialPlan(closed.port))).toMatch('ECONNREFUSED')
})
