/** The disruptions under load: all kinds. */
import { z } from 'zod'
import { apply } from './apply.ts'
import type { Apply } from './apply.ts'
import { autoscale } from './autoscale.ts'
import type { Autoscale } from './autoscale.ts'
import { customStep } from './custom-step.ts'
import type { CustomStep } from './custom-step.ts'
import { deletePods } from './delete.ts'
import type { Delete } from './delete.ts'
import { drain } from './drain.ts'
import type { Drain } from './drain.ts'
import { command } from './command.ts'
import type { Command } from './command.ts'
import { evict } from './evict.ts'
import type { Evict } from './evict.ts'
import type { DisruptionKind } from './kind.ts'
import { observed } from './observed.ts'
import type { Observed } from './observed.ts'
import { rolloutRestart } from './rollout-restart.ts'
import type { RolloutRestart } from './rollout-restart.ts'
import { scale } from './scale.ts'
import type { Scale } from './scale.ts'
import { update } from './update.ts'
import type { Update } from './update.ts'

/** In the form of a scenario. */
export type Disruption =
  | RolloutRestart
  | Scale
  | Evict
  | Delete
  | Update
  | Drain
  | Autoscale
  | Apply
  | Command
  | CustomStep
  | Observed
/** The disruption of one kind. */
export type DisruptionOf<K extends Disruption['kind']> = Extract<Disruption, { kind: K }>

const kinds: { [K in Disruption['kind']]: DisruptionKind<DisruptionOf<K>> } = {
  'rollout-restart': rolloutRestart,
  scale,
  evict,
  delete: deletePods,
  update,
  drain,
  autoscale,
  apply,
  command,
  step: customStep,
  observed,
}

/** Returns the definition of a disruption's kind. */
export function getDisruptionKind<D extends Disruption>(disruption: D): DisruptionKind<D> {
  return kinds[disruption.kind] as unknown as DisruptionKind<D>
}

const schemas = Object.values(kinds).map(({ schema }) => schema) as unknown as [z.ZodObject]

export const disruptionSchema: z.ZodType<Disruption> = z.discriminatedUnion(
  'kind',
  schemas,
) as unknown as z.ZodType<Disruption>
