/** What the API server's admission plug-ins add to every pod, whoever makes it. */
import type { PodSpec } from './objects.ts'

const tolerationSeconds = 300

/** ServiceAccount, Priority and DefaultTolerationSeconds, as they are by default in Kubernetes 1.34. Gives a copy. */
export function admitted(spec: PodSpec): PodSpec {
  const copy = structuredClone(spec)
  copy.enableServiceLinks ??= true
  copy.serviceAccountName ||= 'default'
  // The old name of the field is kept in step with the new one.
  copy.serviceAccount = copy.serviceAccountName
  copy.priority ??= 0
  copy.preemptionPolicy ??= 'PreemptLowerPriority'
  const given = copy.tolerations ?? []
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (taint) => !given.some(({ key, effect }) => [taint, undefined, ''].includes(key) && !isOfAnotherEffect(effect)),
  )
  copy.tolerations = [
    ...given,
    ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds })),
  ]
  return copy
}

/** No effect means every effect. */
function isOfAnotherEffect(effect: string | undefined): boolean {
  return effect !== undefined && effect !== '' && effect !== 'NoExecute'
}
