/** Checks before the load begins whether the right workload answers at its target. */
import { request as requestPlain } from 'node:http'
import { request as requestOverTls } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { getErrorMessage } from '../../base/fault.ts'
import { isSafe } from '../../model/load/client.ts'
import type { Method } from '../../model/load/client.ts'
import { createStatusTest } from '../../model/load/requests.ts'
import { sampleIdentification } from '../../model/workload.ts'
import { buildTlsOptions } from '../http1/dialer.ts'
import type { DriverPlan } from './control-protocol.ts'

/** Returns `null` when the right workload, and `control` if present, answer as they should on new connections; else what came instead. */
export async function probeTarget(plan: DriverPlan): Promise<string | null> {
  const { control, connectTimeoutMs } = plan
  const problem = await probeEndpoint(plan, chooseQuestion(plan))
  if (problem !== null || control === null) return problem
  const plain = { authority: null, tls: null, identification: sampleIdentification }
  const ofControl = await probeEndpoint({ ...control, ...plain, connectTimeoutMs }, createQuestion('/'))
  return ofControl && `of the control pod: ${ofControl}`
}

/** The request that checks whether a server answers. */
interface Question {
  method: Method
  path: string
  headers: Record<string, string>
  accepts: (status: number) => boolean
}

function createQuestion(path: string): Question {
  return { method: 'GET', path, headers: {}, accepts: createStatusTest() }
}

/** The first listed request that only reads. If all may write, none is sent before the load, and any answer but a server error will do. */
function chooseQuestion({ path, listed }: DriverPlan): Question {
  const [first] = listed ?? []
  if (first === undefined) return createQuestion(path)
  const safe = listed?.find(({ method }) => isSafe(method))
  if (safe) return { ...safe, accepts: createStatusTest(safe.expect.status) }
  return { method: 'OPTIONS', path: first.path, headers: first.headers, accepts: (status) => status < 500 }
}

type Probe = Pick<DriverPlan, 'target' | 'authority' | 'tls' | 'workload' | 'identification' | 'connectTimeoutMs'>

function probeEndpoint(
  { target, authority, tls, connectTimeoutMs, ...answers }: Probe,
  { method, path, headers: own, accepts }: Question,
): Promise<string | null> {
  return new Promise((resolve) => {
    const host = authority === null ? {} : { host: authority }
    const headers = { ...own, ...host, 'x-request-id': 'reach', connection: 'close' }
    const options = { ...target, method, path, headers, agent: false as const, timeout: connectTimeoutMs }
    const onResponse = (response: IncomingMessage): void => {
      response.resume()
      const { statusCode = 0, headers: fields } = response
      resolve(accepts(statusCode) ? findStranger(fields, answers) : `it answers ${statusCode}`)
    }
    const request = tls
      ? requestOverTls({ ...options, ...buildTlsOptions(target, tls) }, onResponse)
      : requestPlain(options, onResponse)
    request.on('timeout', () => request.destroy(new Error(`no answer within ${connectTimeoutMs} ms`)))
    request.on('error', (error) => resolve(getErrorMessage(error)))
    request.end()
  })
}

/** Why the answer is not from the workload; `null` when it is, or when answers do not identify themselves. */
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
