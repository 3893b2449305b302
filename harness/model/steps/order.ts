/** The order in which the steps of a scenario are performed, and what follows from it. */
import { getDisruptionKind } from '../disruptions/disruptions.ts'
import type { Disruption } from '../disruptions/disruptions.ts'
import { maxSteps } from './limits.ts'
import { isDisruption } from './steps.ts'
import type { ScenarioStep, SingleStep } from './steps.ts'

/** A performed step with its number: 1, 2, … in the order of the scenario, with repetitions expanded. */
export interface NumberedStep<S extends SingleStep = SingleStep> {
  number: number
  step: S
}

/** One step, or rows of steps that begin at the same time. */
export type StepNode = NumberedStep | { rows: StepNode[][] }

/** Returns the steps to perform in order; throws a RangeError beyond `maxSteps`, see `explainWrongSteps`. */
export function orderSteps(steps: readonly ScenarioStep[]): StepNode[] {
  if (countSteps(steps) > maxSteps) throw new RangeError(`More than ${maxSteps} steps`)
  return writeOut(steps, { last: 0 })
}

/** `last`: the last number that was assigned. */
function writeOut(steps: readonly ScenarioStep[], numbers: { last: number }): StepNode[] {
  return steps.flatMap((step): StepNode[] => {
    if (step.kind === 'repeat') return Array.from({ length: step.times }, () => writeOut(step.steps, numbers)).flat()
    if (step.kind === 'together') return [{ rows: step.steps.map((one) => writeOut([one], numbers)) }]
    return [{ number: ++numbers.last, step }]
  })
}

/** Including repetitions. */
function countSteps(steps: readonly ScenarioStep[]): number {
  return steps.reduce((sum, step) => {
    if (step.kind === 'repeat') return sum + step.times * countSteps(step.steps)
    return sum + (step.kind === 'together' ? countSteps(step.steps) : 1)
  }, 0)
}

/** The steps of nodes, in the order of their numbers. */
export function flattenNodes(nodes: readonly StepNode[]): NumberedStep[] {
  return nodes.flatMap((node) => ('rows' in node ? node.rows.flatMap(flattenNodes) : [node]))
}

/** Every performed step, in the order of its number. */
export function listSteps(steps: readonly ScenarioStep[]): NumberedStep[] {
  return flattenNodes(orderSteps(steps))
}

/** The steps that disrupt the pods. */
export function listDisruptions(steps: readonly ScenarioStep[]): NumberedStep<Disruption>[] {
  return listSteps(steps).filter((one): one is NumberedStep<Disruption> => isDisruption(one.step))
}

/** What is performed before the first disruption, until the workload has settled after the last one, and after that. */
export interface StepPhases {
  before: StepNode[]
  during: StepNode[]
  after: StepNode[]
}

export function splitSteps(steps: readonly ScenarioStep[]): StepPhases {
  const nodes = orderSteps(steps)
  const first = nodes.findIndex(disrupts)
  const settled = nodes.findLastIndex((node) => !('rows' in node) && node.step.kind === 'until-settled') + 1
  const from = first < 0 ? nodes.length : first
  const to = Math.max(from, settled)
  return { before: nodes.slice(0, from), during: nodes.slice(from, to), after: nodes.slice(to) }
}

function disrupts(node: StepNode): boolean {
  return flattenNodes([node]).some(({ step }) => isDisruption(step))
}

/** How long the load must last without a disruption, before the first and after the last. */
export interface Undisturbed {
  beforeMs: number
  afterMs: number
}

/** Load without any action, before and after the disruptions. */
export function computeUndisturbed(steps: readonly ScenarioStep[]): Undisturbed {
  const { before, after } = splitSteps(steps)
  return { beforeMs: sumSteady(before), afterMs: sumSteady(after) }
}

function sumSteady(nodes: readonly StepNode[]): number {
  return flattenNodes(nodes).reduce((sum, { step }) => sum + (step.kind === 'steady' ? step.forMs : 0), 0)
}

/** Why a run of these steps could not be judged; `null` if it could. */
export function explainWrongSteps(steps: readonly ScenarioStep[]): string | null {
  if (countSteps(steps) > maxSteps) return `must perform at most ${maxSteps} steps, repetitions counted`
  const { before, during, after } = splitSteps(steps)
  const disrupting = listDisruptions(steps)
  if (disrupting.length === 0) return 'must have a step that disrupts the pods'
  if (during.length === 0 || after.some(disrupts)) return 'must wait until settled after the last step that disrupts'
  if (before.some((node) => 'rows' in node)) return 'must do nothing together but what disrupts the pods'
  if (after.length !== 1 || flattenNodes(after).length !== 1) return 'must end with one stretch of steady load'
  const budgets = disrupting.flatMap(({ step }) => (step.kind === 'evict' && step.budget ? [step.budget] : []))
  const isOne = budgets.every(({ maxUnavailable }) => maxUnavailable === budgets[0]?.maxUnavailable)
  return isOne ? null : 'must not have evictions under different budgets: the workload has one'
}

/** The number of pods after these steps; `null` if that is not known beforehand. */
export function countReplicasAfter(steps: readonly ScenarioStep[], replicas: number): number | null {
  return listDisruptions(steps).reduce<number | null>((count, { step }) => countAfter(step, count), replicas)
}

function countAfter(disruption: Disruption, replicas: number | null): number | null {
  if (replicas === null) return disruption.kind === 'scale' ? disruption.to : null
  return getDisruptionKind(disruption).countReplicasAfter(disruption, replicas)
}

/** Why a step is impossible with this number of pods: `it scales to 2, so nothing would be disrupted`; `null` if all are possible. */
export function explainImpossibleSteps(steps: readonly ScenarioStep[], replicas: number): string | null {
  let count: number | null = replicas
  const disruptions = listDisruptions(steps)
  for (const { number, step } of disruptions) {
    const why = count === null ? null : getDisruptionKind(step).explainImpossible(step, count)
    if (why !== null) return disruptions.length === 1 ? why : `in step ${number} ${why}`
    count = countAfter(step, count)
  }
  return null
}

/** The noun for one run of them in a sentence: `rollout`; for several disruptions `run`. */
export function getStepsNoun(steps: readonly ScenarioStep[], replicas: number): string {
  const [first, ...others] = listDisruptions(steps)
  if (!first || others.length > 0) return 'run'
  return getDisruptionKind(first.step).getNoun(first.step, replicas)
}

/** A single disruption, with undisturbed load before and after it. */
export function disruptOnce(disruption: Disruption, undisturbed: Undisturbed): ScenarioStep[] {
  return [
    { kind: 'steady', forMs: undisturbed.beforeMs },
    disruption,
    { kind: 'until-settled' },
    { kind: 'steady', forMs: undisturbed.afterMs },
  ]
}
