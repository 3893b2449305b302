/** A run for its gates, from the analysis of a sample, without the log, which gates need for the requests of a lane or a phase. */
import type { GatedRun } from '../../judge/gates/measures.ts'
import type { Analysis } from '../../model/result.ts'

/** With one disruption that may have lost every lost request; latency and count are always those of all requests. */
export function buildGatedRun(analysis: Analysis, change: Partial<GatedRun> = {}): GatedRun {
  return {
    disruptions: 1,
    isCaused: () => true,
    computeLatency: () => analysis.latency,
    countSent: () => analysis.ledger.sent,
    ...analysis,
    ...change,
  }
}
