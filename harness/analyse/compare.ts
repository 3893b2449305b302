/** Runs of the same scenario, configuration and cluster, over all their rounds: the rows of the comparison table. */
import type { RunPlan } from '../model/plan.ts'
import { outcomes } from '../model/record.ts'
import type { Outcome } from '../model/record.ts'
import type { Analysis, ComparisonRow, Verdict } from '../model/result.ts'
import { naiveOfAll } from './naive.ts'
import { longestOutageUs } from './outages.ts'
import { lostOutcomes, sentenceOfRounds } from './sentence.ts'
import { holds } from './verdict.ts'
import { count, plural } from './wording.ts'

interface Round {
  plan: RunPlan
  analysis: Analysis
}

/** In the order in which `plans` first names them; `plans[i]` is the plan of `analyses[i]`. */
export function compare(analyses: readonly Analysis[], plans: readonly RunPlan[]): ComparisonRow[] {
  const rounds = plans.flatMap((plan, index): Round[] => {
    const analysis = analyses[index]
    return analysis === undefined ? [] : [{ plan, analysis }]
  })
  const key = ({ plan }: Round): string => JSON.stringify([plan.scenario.name, plan.configuration.name, plan.cluster])
  return [...Map.groupBy(rounds, key).values()].map((group) => rowOf(group.sort((a, b) => a.plan.round - b.plan.round)))
}

function rowOf(rounds: readonly Round[]): ComparisonRow {
  const { plan } = rounds[0]!
  const analyses = rounds.map(({ analysis }) => analysis)
  const lostByRound = analyses.map(({ ledger }) => ledger.lost)
  const total = {
    rounds: rounds.length,
    roundsWithLoss: lostByRound.filter((lost) => lost > 0).length,
    sent: sum(analyses.map(({ ledger }) => ledger.sent)),
    lost: sum(lostByRound),
    outcomes: lostOutcomes(outcomesOf(analyses)),
  }
  const pods = analyses.flatMap((analysis) => analysis.pods)
  const lags = analyses.flatMap(({ endpointLags }) => endpointLags)
  const waited = {
    requests: sum(analyses.map((analysis) => analysis.waited.requests)),
    longestUs: Math.max(...analyses.map((analysis) => analysis.waited.longestUs)),
  }
  const verdict = verdictOf(analyses)
  const isKnown = analyses.every((analysis) => analysis.verdict !== 'unknown')
  const because = becauseOf(analyses, total)
  const only = analyses.length === 1 ? analyses[0] : undefined
  return {
    scenario: plan.scenario.name,
    configuration: plan.configuration.name,
    cluster: plan.cluster,
    expects: plan.configuration.expects,
    ...total,
    lostByRound,
    naive: naiveOfAll(analyses),
    loop: plan.scenario.load.closedLoop ? 'closed' : 'open',
    // Quantiles of pooled requests would be those of the round that suffered most.
    p50Us: median(analyses.map(({ latency }) => latency.p50Us)),
    p99Us: median(analyses.map(({ latency }) => latency.p99Us)),
    longestOutageUs: Math.max(...analyses.map(({ outages }) => longestOutageUs(outages))),
    waited: waited.requests,
    longestWaitUs: waited.longestUs,
    // A configuration that loses in some rounds loses requests; one that loses none must do so in every round.
    held: isKnown && verdict !== 'unknown' ? holds(plan.configuration.expects, verdict) : null,
    verdict,
    because,
    sentence:
      only?.sentence ??
      (isKnown
        ? sentenceOfRounds({ ...total, pods, lags, waited }, plan.scenario)
        : `No verdict: ${because.at(-1) ?? ''}`),
  }
}

/** A round that lost requests has proved that they are lost, whatever became of the others. */
function verdictOf(analyses: readonly Analysis[]): Verdict {
  const worst = (['failed', 'unknown'] as const).find((each) => analyses.some(({ verdict }) => verdict === each))
  return worst ?? 'passed'
}

function becauseOf(
  analyses: readonly Analysis[],
  total: { sent: number; lost: number; rounds: number; roundsWithLoss: number },
): string[] {
  const [only] = analyses
  if (only && analyses.length === 1) return only.because
  const doubts = analyses.flatMap(({ verdict, round, because }) =>
    verdict === 'unknown' ? because.map((reason) => `round ${round}: ${reason}`) : [],
  )
  const losses =
    total.lost === 0
      ? `none of ${plural(total.sent, 'request')} in ${plural(total.rounds, 'round')} was lost`
      : `${count(total.lost)} of ${plural(total.sent, 'request')} were lost, in ${count(total.roundsWithLoss)} of ${plural(total.rounds, 'round')}`
  if (doubts.length === 0) return [losses]
  return verdictOf(analyses) === 'failed' ? [losses, ...doubts] : doubts
}

function outcomesOf(analyses: readonly Analysis[]): Record<Outcome, number> {
  const totals = outcomes.map((outcome) => [outcome, sum(analyses.map(({ ledger }) => ledger.outcomes[outcome]))])
  return Object.fromEntries(totals) as Record<Outcome, number>
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Of an even number the mean of the middle two, in whole µs; of none `null`. */
function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b)
  const middle = known.length / 2
  const [low, high] = [known[Math.ceil(middle) - 1], known[Math.floor(middle)]]
  return low === undefined || high === undefined ? null : Math.round((low + high) / 2)
}
