/** The way to a driver on this machine: its control port over one kept connection. */
import { Agent, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { DriverTransport } from './client.ts'

export interface HttpTransport extends Disposable {
  readonly transport: DriverTransport
}

export function transportTo(port: number): HttpTransport {
  const agent = new Agent({ keepAlive: true })
  return {
    transport: (asked) => ask(port, agent, asked),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

function ask(
  port: number,
  agent: Agent,
  { method, path, body, signal }: Parameters<DriverTransport>[0],
): ReturnType<DriverTransport> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, method, path, agent, ...(signal && { signal }) }, (answer) => {
      buffer(answer).then((read) => resolve({ status: answer.statusCode ?? 0, body: read }), reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })
}
