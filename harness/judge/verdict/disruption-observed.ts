/** Whether what the scenario asks for was done to the pods: a zero proves nothing where nothing was disrupted. */
import type { Disruption, Scenario } from '../../model/plan.ts'
import type { PodTimeline } from '../../model/result.ts'
import type { Evidence } from '../facts/evidence.ts'
import { findStepUs } from '../facts/evidence.ts'
import { formatCount, formatList, formatPlural } from '../../base/figures.ts'

/** Why it cannot be said that the disruption took place; `null` when it did. */
export function explainDisruptionNotObserved(
  scenario: Scenario,
  evidence: Evidence,
  pods: readonly PodTimeline[],
): string | null {
  const fromUs = findStepUs(evidence, 'disrupt-begin')
  const toUs = findStepUs(evidence, 'old-pods-gone')
  if (fromUs === null) return 'nothing was disrupted: the log ends before'
  if (toUs === null) return 'the log ends before the old pods were gone'
  const old = pods.filter((pod) => pod.old)
  if (old.length === 0) return 'nothing was disrupted: no pod was seen before the disruption'
  const left = old.filter(({ goneUs }) => goneUs !== null && goneUs <= toUs)
  return applyDisruptionRule(scenario.disruption, { evidence, pods, old, left, toUs })
}

interface DisruptedPods {
  evidence: Evidence
  pods: readonly PodTimeline[]
  old: readonly PodTimeline[]
  /** Those of the old that were gone when the disruption ended, at `toUs`. */
  left: readonly PodTimeline[]
  toUs: number
}
type DisruptionRule<K extends Disruption['kind']> = (
  disruption: Extract<Disruption, { kind: K }>,
  pods: DisruptedPods,
) => string | null

const disruptionRules: { [K in Disruption['kind']]: DisruptionRule<K> } = {
  'rollout-restart': (_, { old, left }) => explainMissingDepartures(old, left),
  scale: ({ to }, { old, left, pods, toUs }) => {
    if (to > old.length) return explainMissingGrowth(pods, to - old.length, toUs)
    const expected = old.length - to
    if (expected > 0 && left.length >= expected) return null
    return `nothing was disrupted: ${formatCount(left.length)} of ${formatPlural(expected, 'pod')} to be removed left`
  },
  evict: (_, { evidence, old, left }) => {
    const accepted = new Set(evidence.seen.eviction.filter(({ status }) => status < 300).map(({ pod }) => pod))
    if (accepted.size === 0) return 'nothing was disrupted: no eviction was accepted'
    const evicted = old.filter(({ pod }) => accepted.has(pod))
    return explainMissingDepartures(evicted, left)
  },
}

function applyDisruptionRule<K extends Disruption['kind']>(
  disruption: Extract<Disruption, { kind: K }>,
  pods: DisruptedPods,
): string | null {
  return (disruptionRules[disruption.kind] as unknown as DisruptionRule<K>)(disruption, pods)
}

function explainMissingDepartures(expected: readonly PodTimeline[], left: readonly PodTimeline[]): string | null {
  const stayed = expected.filter((pod) => !left.includes(pod)).map(({ pod }) => pod)
  if (expected.length > 0 && stayed.length === 0) return null
  const all = stayed.length === expected.length
  return all
    ? 'nothing was disrupted: no old pod left'
    : `${formatList(stayed)} did not leave before the disruption ended`
}

function explainMissingGrowth(pods: readonly PodTimeline[], expected: number, toUs: number): string | null {
  const grown = pods.filter(({ old, readyUs }) => !old && readyUs !== null && readyUs <= toUs).length
  return grown >= expected
    ? null
    : `nothing was disrupted: ${formatCount(grown)} of ${formatPlural(expected, 'new pod')} became ready`
}
