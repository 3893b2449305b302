/** When each step of the scenario began and ended by the log, and whether the steps were in order. */
import { formatStep, nameStep } from '../../model/steps/labels.ts'
import { flattenNodes, listDisruptions, orderSteps, splitSteps } from '../../model/steps/order.ts'
import type { NumberedStep, StepNode } from '../../model/steps/order.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'
import { findStepUs } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'

export interface StepSpan extends NumberedStep {
  fromUs: number
  toUs: number
}

/** By step number, or the reason why the log does not contain them. */
export type StepSpans = { spans: Map<number, StepSpan>; problem: null } | { spans: null; problem: string }

/** Steps are not numbered in logs of older versions, whose scenarios had one disruption without waits. */
export function findStepSpans(steps: readonly ScenarioStep[], evidence: Evidence): StepSpans {
  const records = evidence.seen.step.filter(({ step }) => step === 'step-begin' || step === 'step-end')
  const [only, ...others] = listDisruptions(steps)
  const isOld = records.length === 0 && others.length === 0 && flattenNodes(splitSteps(steps).during).length <= 2
  if (isOld && only) return findOnlySpan(only, evidence)
  const nodes = orderSteps(steps)
  const spans = new Map<number, StepSpan>()
  const known = flattenNodes(nodes)
  for (const one of known) {
    const own = records.filter(({ number }) => number === one.number)
    const problem = explainRecords(one, own)
    if (problem !== null) return { spans: null, problem: `${formatStep(one)} ${problem}` }
    spans.set(one.number, { ...one, fromUs: own[0]!.t, toUs: own[1]!.t })
  }
  if (records.length > 2 * known.length)
    return { spans: null, problem: 'the log has steps that the plan does not have' }
  const early = findEarly(nodes, spans, -Infinity)
  return early === null ? { spans, problem: null } : { spans: null, problem: early }
}

function findOnlySpan(only: NumberedStep, evidence: Evidence): StepSpans {
  const fromUs = findStepUs(evidence, 'disrupt-begin')
  const toUs = findStepUs(evidence, 'disrupt-end') ?? fromUs
  const done = evidence.seen.step.find(({ step }) => step === 'disrupt-begin')?.detail ?? null
  if (done !== null && done !== nameStep(only.step)) return { spans: null, problem: formatOther(only, done) }
  if (fromUs === null || toUs === null) return { spans: null, problem: 'nothing was disrupted: the log ends before' }
  return { spans: new Map([[only.number, { ...only, fromUs, toUs }]]), problem: null }
}

function formatOther({ step }: NumberedStep, done: string): string {
  return `the plan asks for ${nameStep(step)}, and what was done is ${done}`
}

/** `null` if a step has one begin of the planned kind, and then one end. */
function explainRecords(one: NumberedStep, own: Evidence['seen']['step']): string | null {
  const begun = own.filter(({ step }) => step === 'step-begin')
  if (begun.length === 0) return 'was not done: the log has no beginning of it'
  if (begun.length !== 1 || own.length > 2) return 'was done more than once, by the log'
  const [first, second] = own
  if (second === undefined) return 'did not come to its end'
  if (first!.step !== 'step-begin') return 'ended before it began, by the log'
  const done = begun[0]!.detail
  return done === nameStep(one.step)
    ? null
    : `is not what was done: ${formatOther(one, done ?? 'nothing that has a name')}`
}

/** The first step of a row that began before the previous one had ended; `null` without one. */
function findEarly(nodes: readonly StepNode[], spans: ReadonlyMap<number, StepSpan>, fromUs: number): string | null {
  let endUs = fromUs
  for (const node of nodes) {
    const all = flattenNodes([node]).map(({ number }) => spans.get(number)!)
    const early = all.find((span) => span.fromUs < endUs)
    if (early) return `${formatStep(early)} began before what comes before it had ended`
    const within = 'rows' in node ? node.rows.map((row) => findEarly(row, spans, endUs)) : []
    const wrong = within.find((one) => one !== null)
    if (wrong !== undefined && wrong !== null) return wrong
    endUs = Math.max(endUs, ...all.map(({ toUs }) => toUs))
  }
  return null
}
