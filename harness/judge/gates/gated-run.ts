import { listDisruptions } from '../../model/steps/order.ts'
import type { RunPlan } from '../../model/plan.ts'
import { isCausedByDisruption } from '../claims/losses-caused.ts'
import type { Evidence } from '../facts/evidence.ts'
import { computeSelectedLatency, countSent } from '../facts/lane-results.ts'
import type { GatedRun } from './measures.ts'

type Concluded = Omit<GatedRun, 'disruptions' | 'isCaused' | 'computeLatency' | 'countSent'>

/** A run for its gates: its conclusions, and its log for requests of a lane or a phase. */
export function createGatedRun(plan: RunPlan, evidence: Evidence, concluded: Concluded): GatedRun {
  const { pods } = concluded
  return {
    ...concluded,
    disruptions: listDisruptions(plan.scenario.steps).length,
    isCaused: (loss) => isCausedByDisruption(loss, { evidence, pods }),
    computeLatency: (selection) => computeSelectedLatency(evidence.requests, selection),
    countSent: (selection) => countSent(evidence.requests, selection),
  }
}
