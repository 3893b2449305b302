/**
 * Runs the driver's own code against a server in this process, so that it is compiled and its memory laid out before the first request that
 * counts. None of it reaches the workload or the records.
 *
 * It covers all of the code: records are requested through a control port, as the harness does, and more than one load is driven. Code
 * compiled for one load alone, or without the sockets of a control port, would be recompiled when a run begins, and the run's first
 * requests would be late.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { startClock } from '../../base/clock.ts'
import { DriverClient } from '../client/driver-client.ts'
import { ControlServer } from './control-server.ts'
import { createCredential } from './credential.ts'
import { createHttp1Transport } from '../http1/http1-connection.ts'
import { Driver } from '../driver/driver.ts'
import { createHttpTransport } from '../client/http-transport.ts'
import { createDriverPlan } from '../client/driver-plan.ts'
import type { DriverPlan } from './control-protocol.ts'
import type { Shares } from '../../model/load/schedule.ts'

const ratePerSecond = 10_000
/** Few enough that some requests find no connection, so that the path for requests not sent is warmed up too. */
const maxConnections = 48
const capacity = 1 << 14

interface WarmUpPart {
  shares: Shares
  /** A closed loop sends as much as it can: only code that has run very often is compiled for good. */
  clients: number | null
  /** The share of the whole time. */
  share: number
}

const parts: readonly WarmUpPart[] = [
  { shares: { fresh: 0.1, reused: 0.6, 'reused-post': 0.3 }, clients: null, share: 0.35 },
  { shares: { fresh: 0, reused: 1, 'reused-post': 0 }, clients: 32, share: 0.3 },
  { shares: { fresh: 0.3, reused: 0.4, 'reused-post': 0.3 }, clients: null, share: 0.35 },
]

/** Occupies a core for the given time; after two seconds next to nothing is left to compile. */
export async function warmUp(durationMs: number): Promise<void> {
  const server = createEchoServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const part of parts) await runPart(createPlan(port, part, durationMs))
  server.close()
}

async function runPart(plan: DriverPlan): Promise<void> {
  const { headers, sha256 } = createCredential()
  const control = new ControlServer({
    tokenSha256: sha256,
    createEngine: (asked) => new Driver(asked, createHttp1Transport(asked), capacity),
    warmUp: Promise.resolve(),
    quietLimitMs: 0,
    abandonedMs: 60_000,
    onAbandoned: () => {},
  })
  control.server.listen(0, '127.0.0.1')
  await once(control.server, 'listening')
  using way = createHttpTransport((control.server.address() as AddressInfo).port, headers)
  const client = new DriverClient(way.transport, startClock(), { waitMs: 20 })
  await client.prepareAndStart(plan)
  for await (const _ of client.records());
  control.close()
}

function createPlan(port: number, { shares, clients, share }: WarmUpPart, durationMs: number): DriverPlan {
  const load = { ratePerSecond, shares, workMs: 0, thinkMs: clients === null ? 2 : 0, timeoutMs: 1000 }
  const target = { host: '127.0.0.1', port }
  const plan = createDriverPlan({ load, target, runToken: 'rehearsal', workload: 'rehearsal', seed: 0 })
  return { ...plan, clients, maxConnections, limitMs: Math.max(1, durationMs * share) }
}

function createEchoServer(): Server {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (request: Buffer) => {
      const text = request.toString('latin1')
      const id = /x-request-id: (\S+)/.exec(text)?.[1] ?? ''
      const close = text.includes('connection: close')
      socket.write(buildResponse(id, close))
      if (close) socket.end()
    })
  })
}

function buildResponse(id: string, close: boolean): string {
  const connection = close ? 'close' : 'keep-alive'
  return (
    `HTTP/1.1 200 OK\r\nServer: rehearsal\r\nContent-Type: text/plain\r\nContent-Length: 64\r\nConnection: ${connection}\r\n` +
    `x-request-id: ${id}\r\nx-nodrop-pod: rehearsal\r\nx-nodrop-workload: rehearsal\r\n\r\n${'.'.repeat(64)}`
  )
}
