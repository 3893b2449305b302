/** Workloads run by others that a run has scaled: scales them back if the run was killed before it could. */
import { PatchStrategy } from '@kubernetes/client-node'
import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node'
import { Fault } from '../base/fault.ts'
import { formatPlural } from '../base/figures.ts'
import type { KubeApi } from './api.ts'

/** Recorded before scaling. */
export interface ScaledWorkload {
  namespace: string
  kind: 'Deployment' | 'StatefulSet'
  name: string
  /** Replicas before, and as requested by the run. */
  from: number
  to: number
}

const requestLimitMs = 20_000

/** `deployment/shop in shop`. */
export function formatScaled({ namespace, kind, name }: ScaledWorkload): string {
  return `${kind.toLowerCase()}/${name} in ${namespace}`
}

/** `as-before` if it has those replicas already, or is gone; its number of replicas if that was changed from outside since. */
export type ScaleBackResult = 'scaled' | 'as-before' | { replicas: number }

/** Leaves a workload alone if its number of replicas is no longer the one that the run set. Throws a Fault if the API server refuses. */
export async function scaleBack(api: KubeApi, scaled: ScaledWorkload): Promise<ScaleBackResult> {
  for (let attempt = 1; ; attempt++) {
    // The server omits a 0, and its absence cannot be tested: so the version that was read is tested.
    const test = scaled.to === 0 ? await readTest(api, scaled) : { path: '/spec/replicas', value: scaled.to }
    if ('result' in test) return test.result
    const status = await patchScale(api, scaled, test)
    if (status === 404) return 'as-before'
    // 422 is a failed test, 409 a conflict with another write.
    if (status !== 422 && status !== 409) {
      if (status !== 200) throw createFault(scaled, status)
      return 'scaled'
    }
    if (scaled.to !== 0) return compareReplicas(scaled, await readReplicas(api, scaled))
    if (attempt === mostAttempts) throw createFault(scaled, status)
  }
}

/** A controller writes the status now and then. */
const mostAttempts = 10

type PatchTest = { path: string; value: string | number }

async function readTest(api: KubeApi, scaled: ScaledWorkload): Promise<PatchTest | { result: ScaleBackResult }> {
  const found = await readReplicas(api, scaled)
  if (found === null || found.replicas !== 0) return { result: compareReplicas(scaled, found) }
  return { path: '/metadata/resourceVersion', value: found.resourceVersion }
}

async function patchScale(api: KubeApi, scaled: ScaledWorkload, test: PatchTest): Promise<number> {
  const patch = [
    { op: 'test', ...test },
    { op: 'add', path: '/spec/replicas', value: scaled.from },
  ]
  const { status } = await api.request({
    method: 'PATCH',
    path: `${getPath(scaled)}/scale`,
    headers: { 'content-type': PatchStrategy.JsonPatch },
    body: JSON.stringify(patch),
    signal: AbortSignal.timeout(requestLimitMs),
  })
  return status
}

interface Replicas {
  replicas: number
  resourceVersion: string
}

/** `null` if it is gone. */
async function readReplicas(api: KubeApi, scaled: ScaledWorkload): Promise<Replicas | null> {
  const { status, body } = await api.request({ path: getPath(scaled), signal: AbortSignal.timeout(requestLimitMs) })
  if (status === 404) return null
  if (status !== 200) throw createFault(scaled, status)
  const { metadata, spec } = JSON.parse(body) as V1Deployment | V1StatefulSet
  return { replicas: spec?.replicas ?? 1, resourceVersion: metadata?.resourceVersion ?? '' }
}

function compareReplicas({ from }: ScaledWorkload, found: Replicas | null): ScaleBackResult {
  return found === null || found.replicas === from ? 'as-before' : { replicas: found.replicas }
}

function getPath({ namespace, kind, name }: ScaledWorkload): string {
  return `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`
}

/** For a workload that is left alone. */
export function formatLeftScaled(scaled: ScaledWorkload, { replicas }: { replicas: number }): string {
  const found = `it has ${formatPlural(replicas, 'replica')}, set by another client since`
  return `${formatScaled(scaled)} is not scaled back to ${scaled.from}: ${found}`
}

/** The command that does it by hand. */
export function formatScaleBack({ namespace, kind, name, from }: ScaledWorkload): string {
  return `kubectl scale ${kind.toLowerCase()}/${name} -n ${namespace} --replicas=${from} does it.`
}

function createFault(scaled: ScaledWorkload, status: number): Fault {
  const message = `Cannot scale ${formatScaled(scaled)} back: the API answered ${status}`
  return new Fault('unknown', message, formatScaleBack(scaled))
}
