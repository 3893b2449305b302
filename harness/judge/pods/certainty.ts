/** How exactly the time of a moment is known. */
import type { Observation } from '../../model/result.ts'

/** From this error on it is unknown which of two moments came first. */
const exactWithinUs = 250_000

/** Kubernetes' own times are whole seconds, and the clock of another machine may deviate as much. */
export function isClaim({ source, errorUs }: Pick<Observation, 'source' | 'errorUs'>): boolean {
  return source === 'event' || source === 'status' || errorUs >= exactWithinUs
}

/** An exact moment counts at its time; for a claim the error is subtracted. */
export function getEarliestUs(told: Observation): number {
  return isClaim(told) ? told.atUs - told.errorUs : told.atUs
}

export function getLatestUs(told: Observation): number {
  return isClaim(told) ? told.atUs + told.errorUs : told.atUs
}
