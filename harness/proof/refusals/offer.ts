/** An object, and what is wrong with it. */
import type { V1Container, V1PodSpec } from '@kubernetes/client-node'

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: object
  [field: string]: unknown
}
export type Offer = readonly [title: string, manifest: Manifest]
/** Objects are sent unchanged: values that the types do not allow are tested too. */
export type Loose<T> = { [K in keyof T]?: unknown }

export function buildPod(spec: Loose<V1PodSpec>): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'main', image: 'web:1' }], ...spec },
  }
}

export function buildPodWithContainer(container: Loose<V1Container>, spec: Loose<V1PodSpec> = {}): Manifest {
  return buildPod({ containers: [{ name: 'main', image: 'web:1', ...container }], ...spec })
}
