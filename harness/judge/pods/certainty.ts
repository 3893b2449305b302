/** How exactly a moment is told. */
import type { Observation } from '../../model/result.ts'

/** From here on an error bar is too wide to say what came first. */
const exactWithinUs = 250_000

/** Kubernetes' own times are whole seconds, and the clock of another machine may be as far off. */
export function isClaim({ source, errorUs }: Pick<Observation, 'source' | 'errorUs'>): boolean {
  return source === 'event' || source === 'status' || errorUs >= exactWithinUs
}

/** An exact moment was when it is told; of a claim the error counts. */
export function getEarliestUs(told: Observation): number {
  return isClaim(told) ? told.atUs - told.errorUs : told.atUs
}

export function getLatestUs(told: Observation): number {
  return isClaim(told) ? told.atUs + told.errorUs : told.atUs
}
