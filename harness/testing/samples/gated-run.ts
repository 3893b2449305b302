/** A run as gates look at it, from the analysis of a sample: without the log, of which they ask for the requests of a lane or a phase. */
import type { GatedRun } from '../../judge/gates/measures.ts'
import type { Analysis } from '../../model/result.ts'

/** Of one disruption that may have lost every lost request; whatever is asked for, latency and count are those of all requests. */
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
