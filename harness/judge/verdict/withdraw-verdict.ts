/** The analysis of a run whose log supports no verdict: it is missing, or only a part of it can be read. */
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis, LogCompleteness } from '../../model/result.ts'
import { leaveGatesOpen } from '../gates/judge-gates.ts'
import { analyseRun } from './analyse-run.ts'

/** For a run without a log. */
export async function createAnalysisWithoutLog(
  plan: RunPlan,
  ending: LogCompleteness,
  reason: string,
): Promise<Analysis> {
  return withdrawVerdict(await analyseRun(plan, Object.assign([], { torn: true })), ending, reason)
}

/** The same figures without a verdict, because of what the log lacks. */
export function withdrawVerdict(analysis: Analysis, ending: LogCompleteness, reason: string): Analysis {
  return {
    ...analysis,
    ending,
    verdict: 'unknown',
    because: [reason],
    hypothesis: analysis.hypothesis && { ...analysis.hypothesis, held: null },
    gates: leaveGatesOpen(analysis.gates, reason),
    sentence: `No verdict: ${reason}`,
  }
}
