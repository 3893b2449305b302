/** Limits that a run must keep, in the form of `plan.json`. */
import { z } from 'zod'
import { phases, workloadLanes } from '../load/lanes.ts'
import { gateKinds, gateNames } from './gate-kinds.ts'
import type { GateName } from './gate-kinds.ts'

export const gateSchema = z.object({
  name: z.enum(gateNames),
  operator: z.enum(['<', '<=', '>', '>=']),
  /** In the unit of its kind: a share from 0 to 1, milliseconds, seconds. */
  limit: z.number(),
  /** Only requests of this lane; absent: all of the workload's. */
  lane: z.enum(workloadLanes).exactOptional(),
  /** Only requests that were due in this phase; absent: depends on the kind. */
  phase: z.enum(phases).exactOptional(),
  /** It is shown but does not decide; absent: it decides. */
  warn: z.literal(true).exactOptional(),
})
export type Gate = z.infer<typeof gateSchema>

/** For a configuration with neither gates nor a hypothesis. */
export const defaultGates: readonly Gate[] = [{ name: 'lost', operator: '<=', limit: 0 }]

/** The gates that decide for a configuration; empty if its expectation decides. */
export function listGates({ gates = [], expects }: { gates?: readonly Gate[]; expects?: string }): readonly Gate[] {
  return gates.length === 0 && expects === undefined ? defaultGates : gates
}

const operators: Record<Gate['operator'], (measured: number, limit: number) => boolean> = {
  '<': (measured, limit) => measured < limit,
  '<=': (measured, limit) => measured <= limit,
  '>': (measured, limit) => measured > limit,
  '>=': (measured, limit) => measured >= limit,
}

export function isKept({ operator, limit }: Gate, measured: number): boolean {
  return operators[operator](measured, limit)
}

/** `p99Ms{lane:fresh,phase:during} < 250 ms` */
export function formatGate({ name, operator, limit, lane, phase }: Gate): string {
  const selectors = [
    ...(lane === undefined ? [] : [`lane:${lane}`]),
    ...(phase === undefined ? [] : [`phase:${phase}`]),
  ]
  const selected = selectors.length === 0 ? name : `${name}{${selectors.join(',')}}`
  return `${selected} ${operator} ${formatGated(name, limit)}`
}

/** The gates that decide, in words; the others only warn. */
export function listDecidingGates(gates: readonly Gate[]): string[] {
  return gates.filter(({ warn }) => warn !== true).map(formatGate)
}

/** A value in the gate's unit: `250 ms`, `0.1 %`, `3`. */
export function formatGated(name: GateName, value: number): string {
  const round = (digits: number): number => Number(value.toPrecision(digits))
  const texts = {
    count: (): string => String(value),
    mean: (): string => String(round(3)),
    share: (): string => `${Number((value * 100).toPrecision(3))} %`,
    ms: (): string => `${round(6)} ms`,
    s: (): string => `${round(5)} s`,
  }
  return texts[gateKinds[name].unit]()
}
