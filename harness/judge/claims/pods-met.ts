/** The load met the pods that were disrupted, and those that took their place. */
import type { PodLife } from '../../model/result.ts'
import { stepUs } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { count, listed, plural } from '../figures/wording.ts'
import type { Case, Claim } from './claim.ts'
import { figure, finding } from './claim.ts'

export const podsMet: Claim = {
  name: 'pods-met',
  says: 'The load met the pods that were disrupted and those that took their place',
  evidence: 'the pod that each `ok` answer names, against the pods that were ready before the disruption and after it',
  tolerance:
    'each pod that left answered at least once before its deletion, none more than a second before it was seen or after it was gone, each that was ready at the end at least once; as many pods were ready as the plan asks for; a pod that got ready less than a second before the load stopped may not have been met yet',
  conclusions: ['none-lost', 'how-many', 'whose'],
  disturbance: true,
  hold: (run) => {
    const before = readyAt(run, 'disrupt-begin')
    const after = readyAt(run, 'load-stop')
    const { replicas, disruption } = run.plan.scenario
    const wanted = disruption.kind === 'scale' ? disruption.to : replicas
    const unmet = unmetOf(run, after)
    const asked = [numberSays(before.length, replicas, 'before'), numberSays(after.length, wanted, 'after')]
    return finding(
      [
        ...asked,
        unmet.left.length === 0 ? null : `${listed(unmet.left)} answered no request before being disrupted`,
        unmet.stayed.length === 0 ? null : `${listed(unmet.stayed)} answered no request after the disruption`,
        unmet.strangers.length === 0 ? null : `${listed(unmet.strangers)} answered, which no watch has seen`,
        unmet.absent.length === 0 ? null : `${listed(unmet.absent)} answered, by the watch while not there`,
        unnamedSays(run),
      ],
      [
        figure('pods ready before', 'count', before.length, replicas),
        figure('pods ready after', 'count', after.length, wanted),
        figure('pods never met', 'count', unmet.left.length + unmet.stayed.length, 0),
      ],
    )
  },
}

function numberSays(ready: number, wanted: number, when: string): string | null {
  if (ready === wanted) return null
  return `${plural(ready, 'pod')} ${ready === 1 ? 'was' : 'were'} ready ${when} the disruption, of ${count(wanted)} that the plan asks for`
}

/** Pods that were ready at a step, and not told to leave. */
function readyAt({ evidence, pods }: Case, step: 'disrupt-begin' | 'load-stop'): PodLife[] {
  const atUs = stepUs(evidence, step)
  if (atUs === null) return []
  return pods.filter(
    ({ readyUs, deletionUs }) => readyUs !== null && readyUs <= atUs && (deletionUs === null || deletionUs > atUs),
  )
}

/** A pod that is ready gets its first request when nodes know of it, and when it is its turn. */
const soonUs = 1_000_000

function unmetOf(run: Case, after: readonly PodLife[]): Record<'left' | 'stayed' | 'strangers' | 'absent', string[]> {
  const { evidence, pods } = run
  const { answered } = evidence
  const stopUs = stepUs(evidence, 'load-stop') ?? Infinity
  const left = pods.filter(({ old, goneUs }) => old && goneUs !== null)
  const known = new Set(pods.map(({ pod }) => pod))
  return {
    left: namesOf(left.filter((life) => !answeredBetween(evidence, life, -Infinity, life.deletionUs ?? Infinity))),
    stayed: namesOf(
      after.filter(
        (life) =>
          (life.readyUs ?? 0) < stopUs - soonUs && !answeredBetween(evidence, life, disruptUs(evidence), Infinity),
      ),
    ),
    absent: namesOf(absentOf(run)),
    // Pods that nobody watched, while others are known: an answer that names none of the workload's.
    strangers: known.size === 0 ? [] : [...answered.keys()].filter((pod) => !known.has(pod)).sort(),
  }
}

/** Between a request and the watch that sees its pod come or go; clocks that are further apart are another claim's. */
const seenLateUs = 1_000_000

/** Pods that answered before they were made, or what was sent after they were gone; one of the same name may come again. */
function absentOf({ evidence: { requests, answered, seen }, pods }: Case): PodLife[] {
  const first = new Map<string, number>()
  for (let index = 0; index < requests.size; index++) {
    const pod = requests.isOk(index) ? requests.pod(index) : null
    if (pod !== null) first.set(pod, Math.min(first.get(pod) ?? Infinity, requests.settledUs(index)))
  }
  return pods.filter(({ pod, createdUs, goneUs }) => {
    const isBack = seen.pod.some(
      ({ t, change, pod: { name } }) => name === pod && change === 'added' && t > (goneUs ?? 0),
    )
    const isLate = goneUs !== null && !isBack && (answered.get(pod)?.lastSentUs ?? 0) > goneUs + seenLateUs
    return isLate || (createdUs !== null && (first.get(pod) ?? Infinity) < createdUs - seenLateUs)
  })
}

/** Where answers name pods, all of them do; a workload without names is met by nobody knows whom. */
function unnamedSays({ evidence: { answered }, account: { ledger } }: Case): string | null {
  const named = answered.values().reduce((sum, { count: own }) => sum + own, 0)
  const unnamed = ledger.ok - named
  return named === 0 || unnamed <= 0
    ? null
    : `${plural(unnamed, 'answer')} ${unnamed === 1 ? 'does' : 'do'} not say which pod gave it, while others do`
}

function disruptUs(evidence: Evidence): number {
  return stepUs(evidence, 'disrupt-begin') ?? -Infinity
}

function answeredBetween({ answered }: Evidence, { pod }: PodLife, fromUs: number, toUs: number): boolean {
  const own = answered.get(pod)
  return own !== undefined && own.firstSentUs <= toUs && own.lastSentUs >= fromUs
}

function namesOf(lives: readonly PodLife[]): string[] {
  return lives.map(({ pod }) => pod).sort()
}
