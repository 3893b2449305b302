/** The load met the pods that were disrupted and those that replaced them. */
import { countReplicasAfter } from '../../model/steps/order.ts'
import type { PodTimeline } from '../../model/result.ts'
import { computeReadySpans } from '../pods/pod-life.ts'
import { findStepUs } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { formatCount, formatList, formatPlural } from '../../base/figures.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const podsMet: Claim = {
  name: 'pods-met',
  says: 'The load met the pods that were disrupted and those that took their place',
  evidence:
    'the pod that each `ok` answer names, or, where answers name none, the ready `endpoints`, against the pods that were ready before the disruption and after it',
  tolerance:
    'each pod that left answered at least once before its deletion, none more than a second before it was seen or after it was gone, each that was ready at the end at least once; as many pods were ready as the plan asks for; a pod that got ready less than a second before the load stopped may not have been met yet',
  conclusions: ['none-lost', 'how-many', 'whose'],
  disturbance: true,
  check: (run) => {
    const before = listReadyPods(run, 'disrupt-begin')
    const after = listReadyPods(run, 'load-stop')
    const { replicas, steps } = run.plan.scenario
    const wanted = countReplicasAfter(steps, replicas)
    const unmet = groupUnmetPods(run, after)
    const didNothing = namesPods(run) ? 'answered no request' : 'was no ready endpoint of the Service'
    const asked = [
      findWrongNumber(before.length, replicas, 'before'),
      findWrongNumber(after.length, wanted ?? after.length, 'after'),
    ]
    return toClaimCheck(
      [
        ...asked,
        unmet.left.length === 0 ? null : `${formatList(unmet.left)} ${didNothing} before being disrupted`,
        unmet.stayed.length === 0 ? null : `${formatList(unmet.stayed)} ${didNothing} after the disruption`,
        unmet.strangers.length === 0 ? null : `${formatList(unmet.strangers)} answered, which no watch has seen`,
        unmet.absent.length === 0 ? null : `${formatList(unmet.absent)} answered, by the watch while not there`,
        findUnnamedAnswers(run),
      ],
      [
        createFigure('pods ready before', 'count', before.length, replicas),
        createFigure('pods ready after', 'count', after.length, wanted),
        createFigure('pods never met', 'count', unmet.left.length + unmet.stayed.length, 0),
      ],
    )
  },
}

function findWrongNumber(ready: number, wanted: number, when: string): string | null {
  if (ready === wanted) return null
  return `${formatPlural(ready, 'pod')} ${ready === 1 ? 'was' : 'were'} ready ${when} the disruption, of ${formatCount(wanted)} that the plan asks for`
}

/** Pods that were ready at a step and not being deleted. */
function listReadyPods({ evidence, pods }: ClaimInput, step: 'disrupt-begin' | 'load-stop'): PodTimeline[] {
  const atUs = findStepUs(evidence, step)
  if (atUs === null) return []
  return pods.filter(
    ({ readyUs, deletionUs }) => readyUs !== null && readyUs <= atUs && (deletionUs === null || deletionUs > atUs),
  )
}

/** A ready pod gets its first request when the nodes know it and it is its turn. */
const readinessDelayUs = 1_000_000

function groupUnmetPods(
  run: ClaimInput,
  after: readonly PodTimeline[],
): Record<'left' | 'stayed' | 'strangers' | 'absent', string[]> {
  const { evidence, pods } = run
  const { answered } = evidence
  const stopUs = findStepUs(evidence, 'load-stop') ?? Infinity
  const left = pods.filter(({ old, goneUs }) => old && goneUs !== null)
  const known = new Set(pods.map(({ pod }) => pod))
  const wasMetBetween = createMeetingCheck(run)
  return {
    left: listNames(left.filter((life) => !wasMetBetween(life, -Infinity, life.deletionUs ?? Infinity))),
    stayed: listNames(
      after.filter(
        (life) =>
          (life.readyUs ?? 0) < stopUs - readinessDelayUs && !wasMetBetween(life, findDisruptUs(evidence), Infinity),
      ),
    ),
    absent: listNames(listAbsentPods(run)),
    // With a known set of pods: answers that name a pod which is not the workload's.
    strangers: known.size === 0 ? [] : [...answered.keys()].filter((pod) => !known.has(pod)).sort(),
  }
}

/** Maximum time between a request and the watch that sees its pod come or go; larger differences of clocks concern another claim. */
const observationDelayUs = 1_000_000

/** Pods that answered before they were made, or requests sent after they were gone; a later pod may have the same name. */
function listAbsentPods({ evidence: { requests, answered, seen }, pods }: ClaimInput): PodTimeline[] {
  const first = new Map<string, number>()
  for (let index = 0; index < requests.size; index++) {
    const pod = requests.isOk(index) ? requests.pod(index) : null
    if (pod !== null) first.set(pod, Math.min(first.get(pod) ?? Infinity, requests.settledUs(index)))
  }
  return pods.filter(({ pod, createdUs, goneUs }) => {
    const isBack = seen.pod.some(
      ({ t, change, pod: { name } }) => name === pod && change === 'added' && t > (goneUs ?? 0),
    )
    const isLate = goneUs !== null && !isBack && (answered.get(pod)?.lastSentUs ?? 0) > goneUs + observationDelayUs
    return isLate || (createdUs !== null && (first.get(pod) ?? Infinity) < createdUs - observationDelayUs)
  })
}

/** If answers name pods, all must; without names it is unknown which pods were met. */
function findUnnamedAnswers({ evidence: { answered }, account: { ledger } }: ClaimInput): string | null {
  const named = answered.values().reduce((sum, { count: own }) => sum + own, 0)
  const unnamed = ledger.ok - named
  return named === 0 || unnamed <= 0
    ? null
    : `${formatPlural(unnamed, 'answer')} ${unnamed === 1 ? 'does' : 'do'} not say which pod gave it, while others do`
}

function findDisruptUs(evidence: Evidence): number {
  return findStepUs(evidence, 'disrupt-begin') ?? -Infinity
}

/** Whether the load met a pod: it answered or, where answers name no pod, it was a ready endpoint of the Service at the time. */
function createMeetingCheck(run: ClaimInput): (life: PodTimeline, fromUs: number, toUs: number) => boolean {
  const { answered, seen } = run.evidence
  if (namesPods(run)) {
    return ({ pod }, fromUs, toUs) => {
      const own = answered.get(pod)
      return own !== undefined && own.firstSentUs <= toUs && own.lastSentUs >= fromUs
    }
  }
  const ready = computeReadySpans(seen.endpoints)
  return ({ pod }, fromUs, toUs) => ready.get(pod)?.some((span) => span.fromUs <= toUs && fromUs < span.toUs) ?? false
}

function namesPods({ plan }: ClaimInput): boolean {
  return plan.workload.identification.podHeader !== null
}

function listNames(lives: readonly PodTimeline[]): string[] {
  return lives.map(({ pod }) => pod).sort()
}
