/** What a step does, in a few words: `scales to 2`. */
import { getDisruptionKind } from '../disruptions/disruptions.ts'
import { isDisruption } from './steps.ts'
import type { ScenarioStep, SingleStep, Wait } from './steps.ts'

const waits: { [K in Wait['kind']]: (step: Extract<Wait, { kind: K }>) => string } = {
  steady: ({ forMs }) => `steady load for ${forMs / 1000} s`,
  'until-settled': () => 'waits until settled',
}

/** The name in the log: the kind, and for the user's own code its name. */
export function nameStep(step: SingleStep): string {
  return step.kind === 'step' ? `step ${step.name}` : step.kind
}

export function describeStep(step: SingleStep): string {
  if (isDisruption(step)) return getDisruptionKind(step).describe(step)
  return (waits[step.kind] as (step: Wait) => string)(step)
}

/** `step 3 (scales to 2)`. */
export function formatStep({ number, step }: { number: number; step: SingleStep }): string {
  return `step ${number} (${describeStep(step)})`
}

/** All of them, such as `scales to 2, waits until settled, 2 × (restarts the rollout, waits until settled)`. */
export function describeSteps(steps: readonly ScenarioStep[]): string {
  return steps.map(describeOne).join(', ')
}

function describeOne(step: ScenarioStep): string {
  if (step.kind === 'repeat') return `${step.times} × (${describeSteps(step.steps)})`
  if (step.kind === 'together') return `together (${describeSteps(step.steps)})`
  return describeStep(step)
}
