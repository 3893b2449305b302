/** Compares a run with its gates. A gate is kept or failed only with evidence for it; else it is open. */
import { formatGate, formatGated, isKept } from '../../model/gates/gates.ts'
import type { Gate } from '../../model/gates/gates.ts'
import type { GateResult } from '../../model/result.ts'
import { measures } from './measures.ts'
import type { GatedRun, Reading } from './measures.ts'

/** One result for each gate, in their order. */
export function judgeGates(gates: readonly Gate[], run: GatedRun): GateResult[] {
  return gates.map((gate) => judgeGate(gate, run))
}

/** The same gates for a run that supports no conclusion. */
export function leaveGatesOpen(results: readonly GateResult[], why: string): GateResult[] {
  return results.map(({ gate, measured }) => leaveOpen(gate, measured, why))
}

/** Whether it decides the exit code; others only warn. */
export function isDeciding({ gate }: Pick<GateResult, 'gate'>): boolean {
  return gate.warn !== true
}

function judgeGate(gate: Gate, run: GatedRun): GateResult {
  const reading = measures[gate.name](run, gate)
  const { value, because = 'there was nothing to measure' } = reading
  if (value === null) return leaveOpen(gate, null, because)
  const { atLeast = value, atMost = value } = reading
  const met = isKept(gate, atLeast)
  // A limit has one side: if both ends of the range are kept, all values between are.
  if (met !== isKept(gate, atMost)) return leaveOpen(gate, value, because)
  // A run without a verdict keeps no gate.
  if (met && run.verdict === 'unknown') return leaveOpen(gate, value, run.because[0] ?? 'there is no verdict')
  const says = `${nameGate(gate)}: it was ${formatBound(reading)}${formatGated(gate.name, value)}`
  return { gate, measured: value, met, says }
}

function leaveOpen(gate: Gate, measured: number | null, why: string): GateResult {
  return { gate, measured, met: null, says: `${nameGate(gate)} cannot be judged: ${why}` }
}

function nameGate(gate: Gate): string {
  return `${gate.warn ? 'warning gate' : 'gate'} ${formatGate(gate)}`
}

function formatBound({ atLeast, atMost }: Reading): string {
  if (atMost === Infinity) return 'at least '
  return atLeast === -Infinity ? 'at most ' : ''
}
