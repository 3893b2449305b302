/**
 * Runs the driver's own code against a server in this process, so that it is compiled and its memory laid out before the first
 * request that counts. Nothing of it reaches the workload or the records.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Driver } from './driver.ts'
import type { DriverPlan } from './protocol.ts'

const requests = 2000
const ratePerSecond = 4000
const batch = 250

/** Resolves after about half a second. */
export async function rehearse(plan: DriverPlan): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (request: Buffer) => {
      const text = request.toString('latin1')
      const id = /x-request-id: (\S+)/.exec(text)?.[1] ?? ''
      const close = text.includes('connection: close')
      socket.write(answer(id, plan.workload, close))
      if (close) socket.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const limitMs = (requests / ratePerSecond) * 1000
  const target = { host: '127.0.0.1', port }
  const driver = new Driver({ ...plan, target, ratePerSecond, limitMs, thinkMs: 5, timeoutMs: 1000 }, requests * 2)
  const done = new Promise<void>((resolve) => {
    driver.onDone = resolve
  })
  driver.start()
  await done
  for (let after = 0; after < driver.ledger.settled; after += batch) JSON.stringify(driver.ledger.slice(after, batch))
  server.close()
}

function answer(id: string, workload: string, close: boolean): string {
  const connection = close ? 'close' : 'keep-alive'
  return (
    `HTTP/1.1 200 OK\r\nServer: rehearsal\r\nContent-Type: text/plain\r\nContent-Length: 64\r\nConnection: ${connection}\r\n` +
    `x-request-id: ${id}\r\nx-nodrop-pod: rehearsal\r\nx-nodrop-workload: ${workload}\r\n\r\n${'.'.repeat(64)}`
  )
}
