/** What is done to the pods while the load goes on: every kind of disruption that there is. */
import { z } from 'zod'
import { command } from './command.ts'
import type { Command } from './command.ts'
import { evict } from './evict.ts'
import type { Evict } from './evict.ts'
import type { DisruptionKind } from './kind.ts'
import { rolloutRestart } from './rollout-restart.ts'
import type { RolloutRestart } from './rollout-restart.ts'
import { scale } from './scale.ts'
import type { Scale } from './scale.ts'

/** As a scenario asks for it. */
export type Disruption = RolloutRestart | Scale | Evict | Command
/** That of one kind. */
export type DisruptionOf<K extends Disruption['kind']> = Extract<Disruption, { kind: K }>

const kinds: { [K in Disruption['kind']]: DisruptionKind<DisruptionOf<K>> } = {
  'rollout-restart': rolloutRestart,
  scale,
  evict,
  command,
}

/** What its kind says of a disruption. */
export function getDisruptionKind<D extends Disruption>(disruption: D): DisruptionKind<D> {
  return kinds[disruption.kind] as unknown as DisruptionKind<D>
}

const schemas = Object.values(kinds).map(({ schema }) => schema) as unknown as [z.ZodObject]

export const disruptionSchema: z.ZodType<Disruption> = z.discriminatedUnion(
  'kind',
  schemas,
) as unknown as z.ZodType<Disruption>
