/** What the API server's admission plug-ins add to every pod. */
import type { PodSpec } from './objects.ts'

const tolerationSeconds = 300
/** The classes of every cluster. */
const priorityClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}
const defaultPreemptionPolicy = 'PreemptLowerPriority'

/**
 * Why ServiceAccount, Priority or RuntimeClass refuse a pod, with their texts and in their order; undefined when none does. The only
 * service account is `default`, priority classes are the built-in ones, and there are no runtime classes.
 */
export function findAdmissionError(spec: PodSpec, namespace: string): string | undefined {
  const account = spec.serviceAccountName || 'default'
  if (account !== 'default') {
    return `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`
  }
  const { priorityClassName, priority, preemptionPolicy = defaultPreemptionPolicy, runtimeClassName } = spec
  const computed = findPriority(spec)
  if (computed === undefined) return `no PriorityClass with name ${priorityClassName} was found`
  const given = (what: string, value: string | number): string =>
    `the ${what} (${value}) must not be provided in pod spec; priority admission controller computed`
  const from = 'from the given PriorityClass name'
  if (priority !== undefined && priority !== computed) {
    return `${given('integer value of priority', priority)} ${computed} ${from}`
  }
  if (preemptionPolicy !== defaultPreemptionPolicy) {
    return `${given('string value of PreemptionPolicy', preemptionPolicy)} ${defaultPreemptionPolicy} ${from}`
  }
  return runtimeClassName ? `pod rejected: RuntimeClass "${runtimeClassName}" not found` : undefined
}

/** 0 without a class; undefined for an unknown class. */
function findPriority({ priorityClassName: name }: PodSpec): number | undefined {
  if (!name) return 0
  return Object.hasOwn(priorityClasses, name) ? priorityClasses[name] : undefined
}

/** Applies ServiceAccount, Priority and DefaultTolerationSeconds with the defaults of Kubernetes 1.34. Returns a copy. */
export function admitPodSpec(spec: PodSpec): PodSpec {
  const copy = structuredClone(spec)
  copy.enableServiceLinks ??= true
  copy.serviceAccountName ||= 'default'
  // The old name of the field is kept equal to the new one.
  copy.serviceAccount = copy.serviceAccountName
  copy.priority ??= findPriority(copy) ?? 0
  copy.preemptionPolicy ??= defaultPreemptionPolicy
  const given = copy.tolerations ?? []
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (taint) => !given.some(({ key, effect }) => [taint, undefined, ''].includes(key) && !differsInEffect(effect)),
  )
  copy.tolerations = [
    ...given,
    ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds })),
  ]
  return copy
}

/** No effect means every effect. */
function differsInEffect(effect: string | undefined): boolean {
  return effect !== undefined && effect !== '' && effect !== 'NoExecute'
}
