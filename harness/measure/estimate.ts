/** What a run is about to do and how long that takes, shown in advance. */
import { formatDuration, formatPlural } from '../base/figures.ts'
import type { Scenario } from '../model/plan.ts'
import { listSteps } from '../model/steps/order.ts'
import { isDisruption } from '../model/steps/steps.ts'
import type { SingleStep } from '../model/steps/steps.ts'
import type { PlannedRun } from './plan-runs.ts'

/** Durations on two cores, on the embedded cluster: to deploy, for each pod to be replaced, and to judge. */
const [deployMs, replaceMs, judgeMs] = [5_000, 6_000, 2_000]
/** For a cluster whose nodes share a small machine. */
const sharedMachineFactor = 1.7

/**
 * `6 runs (scenario rollout, 6 configurations): about 3 to 5 minutes`; for rounds that continue until all is decided `Rounds of 6 runs (…):
 * about 3 to 5 minutes a round, until all is decided or 30 min are over`.
 */
export function formatEstimate(planned: readonly PlannedRun[], untilDecided?: { maxMs: number }): string {
  if (!untilDecided) return formatRuns(planned)
  const round = formatRuns(planned.filter((one) => one.round === 1))
  return `Rounds of ${round} a round, until all is decided or ${formatDuration(untilDecided.maxMs * 1000)} are over`
}

function formatRuns(planned: readonly PlannedRun[]): string {
  const scenarios = [...new Set(planned.map(({ scenario }) => scenario.name))]
  const configurations = new Set(planned.map(({ file }) => file.configuration.name)).size
  const rounds = Math.max(...planned.map(({ round }) => round))
  const parts = [
    `${scenarios.length === 1 ? 'scenario' : 'scenarios'} ${scenarios.join(', ')}`,
    formatPlural(configurations, 'configuration'),
    ...(rounds > 1 ? [formatPlural(rounds, 'round')] : []),
  ]
  const minutes = planned.reduce((sum, one) => sum + estimateRunMs(one.scenario), 0) / 60_000
  const [least, most] = [Math.max(1, Math.round(minutes)), Math.max(2, Math.ceil(minutes * sharedMachineFactor))]
  return `${formatPlural(planned.length, 'run')} (${parts.join(', ')}): about ${least} to ${most} minutes`
}

/** From deploying to judging, on two cores. */
export function estimateRunMs({ steps, replicas }: Pick<Scenario, 'steps' | 'replicas'>): number {
  const stepsMs = listSteps(steps).reduce((sum, { step }) => sum + estimateStepMs(step, replicas), 0)
  return deployMs + stepsMs + judgeMs
}

/** Assumes that every disruption replaces each pod. The steps of `together` are added up, because they wait for the same pods. */
function estimateStepMs(step: SingleStep, replicas: number): number {
  if (step.kind === 'steady') return step.forMs
  return isDisruption(step) ? replicas * replaceMs : 0
}
