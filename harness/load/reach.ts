/** Whether what the load goes to answers where it will be looked for, before the load begins. */
import { get } from 'node:http'
import { messageOf } from '../fault.ts'
import type { DriverPlan } from './protocol.ts'

/** `null` when the right workload, and `control` where there is one, answer with 2xx on new connections, else what came instead. */
export async function reach({ target, path, workload, control, connectTimeoutMs }: DriverPlan): Promise<string | null> {
  const complaint = await complaintOf({ target, path, workload, connectTimeoutMs })
  if (complaint !== null || control === null) return complaint
  const ofControl = await complaintOf({ ...control, path: '/', connectTimeoutMs })
  return ofControl && `of the control pod: ${ofControl}`
}

type Asked = Pick<DriverPlan, 'target' | 'path' | 'workload' | 'connectTimeoutMs'>

function complaintOf({ target, path, workload, connectTimeoutMs }: Asked): Promise<string | null> {
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
