/** A transport to a driver on this machine: its control port over one kept connection. */
import { Agent, request } from 'node:http'
import type { RequestOptions } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { DriverTransport } from './driver-client.ts'
import type { DriverCredential } from '../service/credential.ts'

export interface HttpTransport extends Disposable {
  readonly transport: DriverTransport
}

export function createHttpTransport(port: number, headers: DriverCredential['headers']): HttpTransport {
  const agent = new Agent({ keepAlive: true })
  const every = { host: '127.0.0.1', port, headers, agent }
  return {
    transport: (asked) => sendRequest(every, asked),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

function sendRequest(
  every: RequestOptions,
  { method, path, body, signal }: Parameters<DriverTransport>[0],
): ReturnType<DriverTransport> {
  return new Promise((resolve, reject) => {
    const asking = request({ ...every, method, path, ...(signal && { signal }) }, (answer) => {
      buffer(answer).then((read) => resolve({ status: answer.statusCode ?? 0, body: read }), reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })
}
