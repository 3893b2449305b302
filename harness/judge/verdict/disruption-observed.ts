/** Whether what the scenario asks for was done to the pods: a zero proves nothing where nothing was disrupted. */
import type { Disruption, Scenario } from '../../model/plan.ts'
import type { PodLife } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { stepUs } from '../facts/evidence.ts'
import { count, listed, plural } from '../figures/wording.ts'

/** Why it cannot be said that the disruption took place; `null` when it did. */
export function undisrupted(scenario: Scenario, evidence: Evidence, pods: readonly PodLife[]): string | null {
  const fromUs = stepUs(evidence, 'disrupt-begin')
  const toUs = stepUs(evidence, 'old-pods-gone')
  if (fromUs === null) return 'nothing was disrupted: the log ends before'
  if (toUs === null) return 'the log ends before the old pods were gone'
  const old = pods.filter((pod) => pod.old)
  if (old.length === 0) return 'nothing was disrupted: no pod was seen before the disruption'
  const left = old.filter(({ goneUs }) => goneUs !== null && goneUs <= toUs)
  return faultOf(scenario.disruption, { evidence, pods, old, left, toUs })
}

interface Pods {
  evidence: Evidence
  pods: readonly PodLife[]
  old: readonly PodLife[]
  /** Those of the old that were gone when the disruption ended, at `toUs`. */
  left: readonly PodLife[]
  toUs: number
}
type Rule<K extends Disruption['kind']> = (disruption: Extract<Disruption, { kind: K }>, pods: Pods) => string | null

const rules: { [K in Disruption['kind']]: Rule<K> } = {
  'rollout-restart': (_, { old, left }) => missing(old, left),
  scale: ({ to }, { old, left, pods, toUs }) => {
    if (to > old.length) return notGrown(pods, to - old.length, toUs)
    const expected = old.length - to
    if (expected > 0 && left.length >= expected) return null
    return `nothing was disrupted: ${count(left.length)} of ${plural(expected, 'pod')} to be removed left`
  },
  evict: (_, { evidence, old, left }) => {
    const accepted = new Set(evidence.seen.eviction.filter(({ status }) => status < 300).map(({ pod }) => pod))
    if (accepted.size === 0) return 'nothing was disrupted: no eviction was accepted'
    const evicted = old.filter(({ pod }) => accepted.has(pod))
    return missing(evicted, left)
  },
}

function faultOf<K extends Disruption['kind']>(
  disruption: Extract<Disruption, { kind: K }>,
  pods: Pods,
): string | null {
  return (rules[disruption.kind] as unknown as Rule<K>)(disruption, pods)
}

function missing(expected: readonly PodLife[], left: readonly PodLife[]): string | null {
  const stayed = expected.filter((pod) => !left.includes(pod)).map(({ pod }) => pod)
  if (expected.length > 0 && stayed.length === 0) return null
  const all = stayed.length === expected.length
  return all ? 'nothing was disrupted: no old pod left' : `${listed(stayed)} did not leave before the disruption ended`
}

function notGrown(pods: readonly PodLife[], expected: number, toUs: number): string | null {
  const grown = pods.filter(({ old, readyUs }) => !old && readyUs !== null && readyUs <= toUs).length
  return grown >= expected
    ? null
    : `nothing was disrupted: ${count(grown)} of ${plural(expected, 'new pod')} became ready`
}
