/** A step that is the user's own code: it gets the Kubernetes API, within the limit of the scenario. */
import { Fault, getErrorMessage } from '../../base/fault.ts'
import type { KubeApi } from '../../cluster/api.ts'
import type { CustomStep, StepContext, StepFunction } from '../../model/disruptions/custom-step.ts'
import type { OldPod } from '../../model/disruptions/kind.ts'
import { getApiName } from '../observe/pod-names.ts'
import type { EvictionContext } from './eviction.ts'

type CustomContext = Pick<EvictionContext, 'api' | 'namespace' | 'workload' | 'limitMs' | 'signal'> & {
  old: readonly OldPod[]
}

/** Returns the detail for the end of the step. Throws a Fault of the kind `unknown` where it fails or has not ended at the limit. */
export async function performCustomStep({ name, run }: CustomStep, context: CustomContext): Promise<string | void> {
  if (run === undefined) throw new Fault('usage', `Cannot perform the step ${name}: its code is not there`)
  const { api, namespace, workload, old, limitMs } = context
  const late = new Fault('unknown', `The step ${name} had not ended after ${limitMs / 1000} s`)
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(late), limitMs)
  const signal = AbortSignal.any([context.signal, limit.signal])
  const request: StepContext['request'] = (...args) => sendRequest(api, signal, args)
  const { kind, name: object } = workload
  const pods = old.map((pod) => getApiName(pod.name))
  const running = startStep(run, { namespace, workload: { kind, name: object }, pods, request, signal })
  try {
    const told = await Promise.race([running, rejectOnAbort(signal)])
    return typeof told === 'string' ? told : undefined
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Fault) throw error
    throw new Fault('unknown', `The step ${name} failed: ${getErrorMessage(error)}`, '', { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** Turns an error that it throws before its first wait into a rejection. */
async function startStep(run: StepFunction, context: StepContext): Promise<string | void> {
  return run(context)
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  if (signal.aborted) reject(signal.reason)
  else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}

async function sendRequest(
  api: KubeApi,
  signal: AbortSignal,
  [method, path, body, contentType = 'application/json']: Parameters<StepContext['request']>,
): Promise<unknown> {
  const headers = { 'content-type': contentType }
  const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) }
  const answer = await api.request({ method, path, signal, ...sent })
  if (answer.status < 200 || answer.status > 299) {
    throw new Fault('unknown', `Cannot ${method} ${path}: ${answer.status} ${answer.body.slice(0, 500)}`)
  }
  return answer.body === '' ? null : (JSON.parse(answer.body) as unknown)
}
