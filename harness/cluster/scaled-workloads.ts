/** Workloads of somebody else's that a run has scaled: what puts them back where the run was killed before it could. */
import { PatchStrategy } from '@kubernetes/client-node'
import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node'
import { Fault } from '../base/fault.ts'
import { formatPlural } from '../base/figures.ts'
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

/** `as-before` where it has those replicas already, or is gone; the number that it has where somebody else has decided since. */
export type ScaleBackResult = 'scaled' | 'as-before' | { replicas: number }

/** Leaves alone what has another number of replicas by now than the run asked for. Throws a Fault where the API server does not do it. */
export async function scaleBack(api: KubeApi, scaled: ScaledWorkload): Promise<ScaleBackResult> {
  for (let attempt = 1; ; attempt++) {
    // The server leaves a 0 out, and nothing can be tested for its absence: what was read is held to by its version.
    const test = scaled.to === 0 ? await readTest(api, scaled) : { path: '/spec/replicas', value: scaled.to }
    if ('result' in test) return test.result
    const status = await patchScale(api, scaled, test)
    if (status === 404) return 'as-before'
    // 422 is a test that failed, 409 one that another write came after.
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

/** `null` where it is gone. */
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

/** Of one that is left alone. */
export function formatLeftScaled(scaled: ScaledWorkload, { replicas }: { replicas: number }): string {
  const found = `it has ${formatPlural(replicas, 'replica')}, which somebody else asked for since`
  return `${formatScaled(scaled)} is not scaled back to ${scaled.from}: ${found}`
}

/** What does it by hand. */
export function formatScaleBack({ namespace, kind, name, from }: ScaledWorkload): string {
  return `kubectl scale ${kind.toLowerCase()}/${name} -n ${namespace} --replicas=${from} does it.`
}

function createFault(scaled: ScaledWorkload, status: number): Fault {
  const message = `Cannot scale ${formatScaled(scaled)} back: the API answered ${status}`
  return new Fault('unknown', message, formatScaleBack(scaled))
}
