/** Limits that a run must keep, as `plan.json` has them. */
import { z } from 'zod'
import { phases, workloadLanes } from '../load/lanes.ts'
import { gateKinds, gateNames } from './gate-kinds.ts'
import type { GateName } from './gate-kinds.ts'

export const gateSchema = z.object({
  name: z.enum(gateNames),
  operator: z.enum(['<', '<=', '>', '>=']),
  /** In the unit of its kind: a share from 0 to 1, milliseconds, seconds. */
  limit: z.number(),
  /** Only requests of this lane; absent: of all of the workload's. */
  lane: z.enum(workloadLanes).exactOptional(),
  /** Only requests that were due in this phase; absent: see the kind. */
  phase: z.enum(phases).exactOptional(),
  /** It decides nothing, and is shown; absent: it decides. */
  warn: z.literal(true).exactOptional(),
})
export type Gate = z.infer<typeof gateSchema>

/** Of a configuration that says neither gates nor what it is to show. */
export const defaultGates: readonly Gate[] = [{ name: 'lost', operator: '<=', limit: 0 }]

/** Those that decide for a configuration; none where its expectation does. */
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

/** Those of several that decide, in words; the others only warn. */
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
