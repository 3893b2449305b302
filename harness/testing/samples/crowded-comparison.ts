/** A comparison with everything that a page must have room for: many configurations under several scenarios, some undecided or missing. */
import type { Analysis } from '../../model/result.ts'
import { buildSampleComparison, changeComparison, withDisturbance, withoutLoss } from './sample-analyses.ts'
import type { SampleRun } from './sample-analyses.ts'

const scenarios = ['rollout', 'eviction-with-a-long-name', 'drain']
const suffixes = ['', '-and-a-name-that-is-as-long-as-a-name-may-be']

/** Three scenarios of twelve configurations, once. */
export function buildCrowdedComparison(): ReturnType<typeof buildSampleComparison> {
  const { runs } = buildSampleComparison()
  const many = scenarios.flatMap((scenario) =>
    suffixes.flatMap((suffix) => runs.map((run) => renameRun(run, scenario, suffix))),
  )
  return changeComparison({ runs: many }, disturb)
}

function renameRun({ plan, analysis, dir }: SampleRun, scenario: string, suffix: string): SampleRun {
  const configuration = `${analysis.configuration}${suffix}`
  const runId = `${scenario}-${configuration}-${plan.round}`
  return {
    plan: {
      ...plan,
      runId,
      scenario: { ...plan.scenario, name: scenario },
      configuration: { ...plan.configuration, name: configuration },
    },
    analysis: { ...analysis, runId, scenario, configuration },
    dir: `${dir}-${scenario}${suffix}`,
  }
}

function disturb(analysis: Analysis): Partial<Analysis> {
  const { scenario, configuration } = analysis
  const late = 'driver overloaded: requests were sent 8 ms late (p99), 5 ms are allowed'
  if (scenario === 'rollout') return {}
  if (configuration.startsWith('exec')) return withDisturbance(late, analysis)
  if (configuration === 'sleep') return withoutLoss(analysis)
  const missing = withDisturbance('the run did not happen', analysis)
  return configuration === 'naive' ? { ...missing, ending: 'never-began', losses: [], margins: [] } : {}
}
