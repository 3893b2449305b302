/** Whether the workload answers where the load will look for it, before the load begins. */
import { get } from 'node:http'
import { messageOf } from '../fault.ts'
import type { DriverPlan } from './protocol.ts'

/** `null` when the right workload answers with 2xx on a new connection, else what came instead. */
export function reach({ target, path, workload, connectTimeoutMs }: DriverPlan): Promise<string | null> {
  return new Promise((resolve) => {
    const headers = { 'x-request-id': 'reach', connection: 'close' }
    const request = get({ ...target, path, headers, agent: false, timeout: connectTimeoutMs }, (response) => {
      response.resume()
      const { statusCode = 0 } = response
      const who = response.headers['x-nodrop-workload']
      if (statusCode < 200 || statusCode > 299) resolve(`it answers ${statusCode}`)
      else resolve(who === workload ? null : `another workload answers, ${String(who)}`)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${connectTimeoutMs} ms`)))
    request.on('error', (error) => resolve(messageOf(error)))
  })
}
