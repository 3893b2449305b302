/**
 * Runs the driver's own code against a server in this process, so that it is compiled and its memory laid out before the first
 * request that counts. Nothing of it reaches the workload or the records.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { Driver } from './driver.ts'
import { driverPlan } from './plan.ts'

const ratePerSecond = 4000
/** Few enough that some requests find no connection: not sending is rehearsed too. */
const maxConnections = 48
const batch = 250

/** Takes as long as it is told, and half a core; two seconds leave next to nothing to be compiled later. */
export async function rehearse(durationMs: number): Promise<void> {
  const server = createEcho()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const shares = { fresh: 0.1, reused: 0.6, 'reused-post': 0.3 }
  const load = { ratePerSecond, shares, workMs: 0, thinkMs: 2, timeoutMs: 1000 }
  const plan = driverPlan({
    load,
    target: { host: '127.0.0.1', port },
    runToken: 'rehearsal',
    workload: 'rehearsal',
    seed: 0,
  })
  const capacity = Math.ceil((ratePerSecond * durationMs) / 1000) + 1
  const driver = new Driver({ ...plan, maxConnections, limitMs: durationMs }, capacity)
  const done = new Promise<void>((resolve) => {
    driver.onDone = resolve
  })
  driver.start()
  await done
  for (let after = 0; after < driver.ledger.settled; after += batch) JSON.stringify(driver.ledger.slice(after, batch))
  server.close()
}

function createEcho(): Server {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (request: Buffer) => {
      const text = request.toString('latin1')
      const id = /x-request-id: (\S+)/.exec(text)?.[1] ?? ''
      const close = text.includes('connection: close')
      socket.write(answer(id, close))
      if (close) socket.end()
    })
  })
}

function answer(id: string, close: boolean): string {
  const connection = close ? 'close' : 'keep-alive'
  return (
    `HTTP/1.1 200 OK\r\nServer: rehearsal\r\nContent-Type: text/plain\r\nContent-Length: 64\r\nConnection: ${connection}\r\n` +
    `x-request-id: ${id}\r\nx-nodrop-pod: rehearsal\r\nx-nodrop-workload: rehearsal\r\n\r\n${'.'.repeat(64)}`
  )
}
