import type { SampleRun } from './sample-analyses.ts'

/** The runs, and the same again under the scenario `eviction`. */
export function addSecondScenario(runs: readonly SampleRun[]): { runs: SampleRun[] } {
  const evicted = runs.map(({ plan, analysis, dir }) => {
    const runId = analysis.runId.replace('rollout', 'eviction')
    const scenario = { ...plan.scenario, name: 'eviction' }
    return {
      plan: { ...plan, runId, scenario },
      analysis: { ...analysis, runId, scenario: 'eviction' },
      dir: `${dir}-e`,
    }
  })
  return { runs: [...runs, ...evicted] }
}
