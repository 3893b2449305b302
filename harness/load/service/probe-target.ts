/** Whether what the load goes to answers where it will be looked for, before the load begins. */
import { get } from 'node:http'
import { get as getOverTls } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { getErrorMessage } from '../../base/fault.ts'
import { sampleIdentification } from '../../model/workload.ts'
import { buildTlsOptions } from '../http1/dialer.ts'
import type { DriverPlan } from './control-protocol.ts'

/** `null` when the right workload, and `control` where there is one, answer with 2xx on new connections, else what came instead. */
export async function probeTarget(plan: DriverPlan): Promise<string | null> {
  const { control, connectTimeoutMs } = plan
  const complaint = await probeEndpoint(plan)
  if (complaint !== null || control === null) return complaint
  const plain = { authority: null, tls: null, path: '/', identification: sampleIdentification }
  const ofControl = await probeEndpoint({ ...control, ...plain, connectTimeoutMs })
  return ofControl && `of the control pod: ${ofControl}`
}

type Probe = Pick<
  DriverPlan,
  'target' | 'authority' | 'tls' | 'path' | 'workload' | 'identification' | 'connectTimeoutMs'
>

function probeEndpoint({ target, authority, tls, path, connectTimeoutMs, ...answers }: Probe): Promise<string | null> {
  return new Promise((resolve) => {
    const host = authority === null ? {} : { host: authority }
    const headers = { ...host, 'x-request-id': 'reach', connection: 'close' }
    const options = { ...target, path, headers, agent: false as const, timeout: connectTimeoutMs }
    const onResponse = (response: IncomingMessage): void => {
      response.resume()
      const { statusCode = 0, headers: fields } = response
      resolve(statusCode < 200 || statusCode > 299 ? `it answers ${statusCode}` : findStranger(fields, answers))
    }
    const request = tls
      ? getOverTls({ ...options, ...buildTlsOptions(target, tls) }, onResponse)
      : get(options, onResponse)
    request.on('timeout', () => request.destroy(new Error(`no answer within ${connectTimeoutMs} ms`)))
    request.on('error', (error) => resolve(getErrorMessage(error)))
  })
}

/** Why it is not the workload that answers; `null` when it is, or when its answers do not say. */
function findStranger(
  fields: IncomingHttpHeaders,
  { workload, identification: { workloadHeader } }: Pick<Probe, 'workload' | 'identification'>,
): string | null {
  if (workloadHeader === null || fields[workloadHeader] === workload) return null
  const who = fields[workloadHeader]
  return who === undefined
    ? `its answers have no header ${workloadHeader}, by which a workload is told from others`
    : `another workload answers, ${String(who)}`
}
