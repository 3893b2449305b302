/** Workloads of somebody else's that a run has scaled: what puts them back where the run was killed before it could. */
import { PatchStrategy } from '@kubernetes/client-node'
import { Fault } from '../base/fault.ts'
import type { KubeApi } from './api.ts'

/** Written down before it is done. */
export interface ScaledWorkload {
  namespace: string
  kind: 'Deployment' | 'StatefulSet'
  name: string
  /** Replicas before, and those that the run asks for. */
  from: number
  to: number
}

const requestLimitMs = 20_000

/** `deployment/shop in shop`. */
export function formatScaled({ namespace, kind, name }: ScaledWorkload): string {
  return `${kind.toLowerCase()}/${name} in ${namespace}`
}

/**
 * Whether it was scaled back. Where it has another number of replicas by now than the run asked for, somebody else has decided since, and
 * it is left alone; so it is where it is gone. Throws a Fault where the API server does not do it.
 */
export async function scaleBack(api: KubeApi, scaled: ScaledWorkload): Promise<boolean> {
  const { namespace, kind, name, from, to } = scaled
  const path = `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}/scale`
  // The server leaves a 0 out: then there is nothing that could be tested.
  const test = to === 0 ? [] : [{ op: 'test', path: '/spec/replicas', value: to }]
  const { status } = await api.request({
    method: 'PATCH',
    path,
    headers: { 'content-type': PatchStrategy.JsonPatch },
    body: JSON.stringify([...test, { op: 'add', path: '/spec/replicas', value: from }]),
    signal: AbortSignal.timeout(requestLimitMs),
  })
  // 422 is a test that failed.
  if (status === 404 || status === 422) return false
  if (status !== 200) throw createFault(scaled, status)
  return true
}

/** What does it by hand. */
export function formatScaleBack({ namespace, kind, name, from }: ScaledWorkload): string {
  return `kubectl scale ${kind.toLowerCase()}/${name} -n ${namespace} --replicas=${from} does it.`
}

function createFault(scaled: ScaledWorkload, status: number): Fault {
  const message = `Cannot scale ${formatScaled(scaled)} back: the API answered ${status}`
  return new Fault('unknown', message, formatScaleBack(scaled))
}
