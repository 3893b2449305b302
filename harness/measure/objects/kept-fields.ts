/** Fields of a workload's pods that have no effect on the embedded cluster. */
import { findKeptFields, podFields } from '@nodrop/embedded-kubernetes/pod-fields'

/** Paths as in `nodrop doctor`, such as `containers.resources.limits`, each once; `patch` is that of the configuration. */
export function listKeptFields(objects: readonly object[], patch: object): string[] {
  const found = [...objects, patch].flatMap((object) => findKeptFields(getPodSpec(object), podFields, ''))
  return [...new Set(found.map(({ path }) => path.replaceAll(/\[\d+\]/g, '').slice(1)))].sort()
}

function getPodSpec(object: object): unknown {
  const { kind, spec } = object as { kind?: string; spec?: { template?: { spec?: unknown } } }
  return kind === 'Pod' ? spec : spec?.template?.spec
}
