/** The steps of a scenario: every kind of step, as data for `plan.json`. */
import { z } from 'zod'
import { disruptionSchema } from '../disruptions/disruptions.ts'
import type { Disruption } from '../disruptions/disruptions.ts'
import { createRepeatSchema } from './repeat.ts'
import type { Repeat } from './repeat.ts'
import { steadySchema } from './steady.ts'
import type { Steady } from './steady.ts'
import { createTogetherSchema } from './together.ts'
import type { Together } from './together.ts'
import { untilSettledSchema } from './until-settled.ts'
import type { UntilSettled } from './until-settled.ts'

/** Neither has an effect on the pods. */
export type Wait = Steady | UntilSettled
/** A performed step; the others only define an order. */
export type SingleStep = Disruption | Wait
export type ScenarioStep = SingleStep | Repeat<ScenarioStep> | Together<ScenarioStep>

const nested: z.ZodType<ScenarioStep> = z.lazy(() => stepSchema)

const schemas: { [K in Exclude<ScenarioStep, Disruption>['kind']]: z.ZodType<Extract<ScenarioStep, { kind: K }>> } = {
  steady: steadySchema,
  'until-settled': untilSettledSchema,
  repeat: createRepeatSchema(nested),
  together: createTogetherSchema(nested),
}

const options = [...Object.values(schemas), disruptionSchema] as unknown as [z.core.$ZodTypeDiscriminable]

export const stepSchema: z.ZodType<ScenarioStep> = z.discriminatedUnion(
  'kind',
  options,
) as unknown as z.ZodType<ScenarioStep>

const waits: { readonly [K in Wait['kind']]: true } = { steady: true, 'until-settled': true }

export function isDisruption(step: SingleStep): step is Disruption {
  return !Object.hasOwn(waits, step.kind)
}
