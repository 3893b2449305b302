/** Holds a run against its gates. A gate is kept or failed only with the evidence for it; else it is neither. */
import type { ClaimResult, Conclusion } from '../../model/claims.ts'
import { formatGate, formatGated, isKept } from '../../model/gates/gates.ts'
import type { Gate, GateName } from '../../model/gates/gates.ts'
import type { Analysis, GateResult, Ledger, Quantiles } from '../../model/result.ts'

/** What gates are held against. */
export interface GatedRun extends Pick<Analysis, 'verdict' | 'voided' | 'because'> {
  ledger: Ledger
  claims: readonly ClaimResult[]
  /** Of the requests that were due while pods were replaced. */
  during: Quantiles
}

interface Measure {
  /** In the gate's unit; `null` where there was nothing to measure. */
  measure: (run: GatedRun) => number | null
  /** What must be certain before the gate has failed, and before it is kept. */
  needs: Record<'failed' | 'kept', (run: GatedRun) => readonly Conclusion[]>
}

const ofLosses: Measure['needs'] = {
  failed: () => ['some-lost'],
  kept: ({ ledger }) => (ledger.lost === 0 ? ['none-lost'] : ['none-lost', 'how-many']),
}

const measures: Record<GateName, Measure> = {
  lost: { measure: ({ ledger }) => ledger.lost, needs: ofLosses },
  lossRate: {
    measure: ({ ledger }) => (ledger.sent === 0 ? null : ledger.lost / ledger.sent),
    needs: ofLosses,
  },
  p99Ms: {
    measure: ({ during }) => (during.p99Us === null ? null : during.p99Us / 1000),
    needs: { failed: () => ['how-late'], kept: () => ['how-late'] },
  },
}

/** One result for each gate, in their order. */
export function judgeGates(gates: readonly Gate[] | undefined, run: GatedRun): GateResult[] {
  return (gates ?? []).map((gate) => judgeGate(gate, run))
}

/** The same gates, of a run that can carry no conclusion. */
export function leaveGatesOpen(results: readonly GateResult[], why: string): GateResult[] {
  return results.map(({ gate, measured }) => leaveOpen(gate, measured, why))
}

function judgeGate(gate: Gate, run: GatedRun): GateResult {
  const { measure, needs } = measures[gate.name]
  const measured = measure(run)
  if (measured === null) return leaveOpen(gate, null, 'there was nothing to measure')
  const met = isKept(gate, measured)
  const lacking = needs[met ? 'kept' : 'failed'](run).find((one) => run.voided.includes(one))
  if (lacking !== undefined) return leaveOpen(gate, measured, findComplaint(run, lacking))
  // Of a run that shows nothing, nothing is kept.
  if (met && run.verdict === 'unknown') return leaveOpen(gate, measured, run.because[0] ?? 'there is no verdict')
  // Losses that were seen fail it, however many there were besides.
  const least = !met && gate.name !== 'p99Ms' && run.voided.includes('how-many') ? 'at least ' : ''
  return { gate, measured, met, says: `gate ${formatGate(gate)}: it was ${least}${formatGated(gate.name, measured)}` }
}

function leaveOpen(gate: Gate, measured: number | null, why: string): GateResult {
  return { gate, measured, met: null, says: `gate ${formatGate(gate)} cannot be judged: ${why}` }
}

function findComplaint({ claims }: GatedRun, lacking: Conclusion): string {
  const claim = claims.find(({ holds, conclusions }) => !holds && conclusions.includes(lacking))
  return claim?.complaints[0] ?? 'the evidence for it is missing'
}
