/** Whether the scenario's disruptions were done to the pods: a loss of zero proves nothing without a disruption. */
import { getDisruptionKind } from '../../model/disruptions/disruptions.ts'
import type { DisruptionEvidence } from '../../model/disruptions/kind.ts'
import type { Scenario } from '../../model/plan.ts'
import type { PodTimeline } from '../../model/result.ts'
import { formatStep } from '../../model/steps/labels.ts'
import { isDisruption } from '../../model/steps/steps.ts'
import type { Evidence } from '../facts/evidence.ts'
import { findStepUs } from '../facts/evidence.ts'
import { findStepSpans } from './step-spans.ts'
import type { StepSpan } from './step-spans.ts'

/** Why it cannot be said that every disruption took place; `null` if each did. */
export function explainDisruptionNotObserved(
  { steps }: Scenario,
  evidence: Evidence,
  pods: readonly PodTimeline[],
): string | null {
  const fromUs = findStepUs(evidence, 'disrupt-begin')
  const goneUs = findStepUs(evidence, 'old-pods-gone')
  if (fromUs === null) return 'nothing was disrupted: the log ends before'
  if (goneUs === null) return 'the log ends before the old pods were gone'
  if (!pods.some(({ old }) => old)) return 'nothing was disrupted: no pod was seen before the disruption'
  const { spans, problem } = findStepSpans(steps, evidence)
  if (spans === null) return problem
  const all = [...spans.values()]
  const disrupting = all.filter(({ step }) => isDisruption(step))
  for (const span of disrupting) {
    if (span.fromUs < fromUs || span.toUs > goneUs)
      return `${formatStep(span)} was not done in the disruption, by the log`
    const why = explainMissingProof(span, evidence, { pods, untilUs: findSettledUs(span, all) ?? goneUs })
    if (why !== null) return disrupting.length === 1 ? why : `${formatStep(span)}: ${why}`
  }
  const isToldByPods = disrupting.some(({ step }) => step.kind !== 'step')
  const hasCome = ({ createdUs, readyUs }: PodTimeline): boolean =>
    createdUs !== null && createdUs >= fromUs && readyUs !== null && readyUs <= goneUs
  const isMoved = pods.some((pod) => (pod.old ? isGone(pod, goneUs) : hasCome(pod)))
  return isToldByPods || isMoved ? null : 'nothing was disrupted: no pod of the workload came or left'
}

/** When the workload had settled after a step; `null` if the run did not wait for that. */
function findSettledUs({ toUs }: StepSpan, all: readonly StepSpan[]): number | null {
  const later = all.filter(({ step, fromUs }) => step.kind === 'until-settled' && fromUs >= toUs)
  return later.length === 0 ? null : Math.min(...later.map((one) => one.toUs))
}

interface Window {
  pods: readonly PodTimeline[]
  untilUs: number
}

function explainMissingProof({ step, fromUs }: StepSpan, evidence: Evidence, window: Window): string | null {
  if (!isDisruption(step)) return null
  return getDisruptionKind(step).explainMissingProof(step, collectEvidence(evidence, fromUs, window))
}

/** The records about the pods from the beginning of a step until the workload had settled after it. */
function collectEvidence({ seen }: Evidence, fromUs: number, { pods, untilUs }: Window): DisruptionEvidence {
  const old = pods.filter(
    ({ createdUs, deletionUs }) =>
      createdUs !== null && createdUs < fromUs && (deletionUs === null || deletionUs >= fromUs),
  )
  const removed = old.filter((pod) => isGone(pod, untilUs))
  const added = pods.filter(
    ({ createdUs, readyUs }) => (createdUs ?? -Infinity) >= fromUs && readyUs !== null && readyUs <= untilUs,
  )
  const accepted = seen.eviction.filter(({ t, status }) => status < 300 && fromUs <= t && t <= untilUs)
  return {
    old: old.map(({ pod, node }) => ({ name: pod, node })),
    removed: new Set(removed.map(({ pod }) => pod)),
    added: added.length,
    addedRemoved: added.filter((pod) => isGone(pod, untilUs)).length,
    evicted: new Set(accepted.map(({ pod }) => pod)),
    restarted: listRestarted(seen.pod, fromUs, untilUs),
  }
}

/** Pods whose containers had more restarts at the end than at the beginning. */
function listRestarted(records: Evidence['seen']['pod'], fromUs: number, toUs: number): Set<string> {
  const restarted = new Set<string>()
  const before = new Map<string, number>()
  for (const { t, pod } of records) {
    const restarts = pod.containers.reduce((sum, container) => sum + container.restarts, 0)
    const known = before.get(pod.uid)
    if (t <= fromUs || known === undefined) before.set(pod.uid, restarts)
    else if (t <= toUs && restarts > known) restarted.add(pod.name)
  }
  return restarted
}

function isGone({ goneUs }: PodTimeline, untilUs: number): boolean {
  return goneUs !== null && goneUs <= untilUs
}
