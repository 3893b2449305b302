/** Summarises runs of the same scenario, configuration and cluster over all their rounds: the rows of the comparison table. */
import type { ComparisonRow, LaneLosses, RowResult } from '../../model/comparison.ts'
import { workloadLanes } from '../../model/plan.ts'
import type { Configuration, Scenario } from '../../model/plan.ts'
import { getStepsNoun } from '../../model/steps/order.ts'
import { outcomes } from '../../model/record.ts'
import type { Outcome } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { computeRoundFigure, sumLossFigures } from '../figures/loss-figures.ts'
import { computeLongestOutageUs } from '../figures/outages.ts'
import { listGates } from '../../model/gates/gates.ts'
import { applyGates } from '../gates/gate-rows.ts'
import { sumCounts, sumToolReports } from '../tools/tool-reports.ts'
import { explainRow } from '../margins/row-cause.ts'
import { findRowMargin, formatRowMargin } from '../margins/row-margin.ts'
import {
  formatRoundAccount,
  hasFailed,
  isLowerBound,
  computeRowResult,
  groupRounds,
  listRoundDoubts,
} from './rounds.ts'
import type { Round, RunOfRound } from './rounds.ts'
import { listLostOutcomes, formatRoundsSentence } from './run-sentence.ts'

/** In the order in which `runs` first names them. Includes runs that did not happen, without a verdict. */
export function compareConfigurations(runs: readonly RunOfRound[]): ComparisonRow[] {
  const getRowKey = ({ plan }: RunOfRound): string =>
    JSON.stringify([plan.scenario.name, plan.configuration.name, plan.cluster])
  return [...Map.groupBy(runs, getRowKey).values()].map((group) => buildRow(groupRounds(group)))
}

function buildRow(rounds: readonly Round[]): ComparisonRow {
  const { scenario, configuration, cluster, workload } = rounds[0]!.run.plan
  const judged = rounds.filter(({ result }) => result.state === 'judged')
  const analyses = judged.map(({ run }) => run.analysis)
  const gates = listGates(configuration)
  const timed = analyses.filter(({ voided }) => !voided.includes('how-late'))
  const figures = {
    judged: judged.length,
    roundsWithLoss: judged.filter(({ result }) => hasFailed(result)).length,
    sent: sumValues(judged.map(({ result }) => result.sent)),
    lost: sumValues(judged.map(({ result }) => result.lost)),
    outcomes: listLostOutcomes(sumOutcomes(analyses)),
    noun: getStepsNoun(scenario.steps, scenario.replicas),
    lostPerDisruption: computeRoundFigure(analyses.map(({ lossFigures }) => lossFigures.lost)),
    lossFigures: sumLossFigures(analyses.map(({ lossFigures }) => lossFigures)),
    margin: findRowMargin(analyses),
    marginText: formatRowMargin(analyses),
    cause: explainRow(analyses, workload.containers),
  }
  const row = {
    ...figures,
    scenario: scenario.name,
    configuration: configuration.name,
    cluster,
    expects: configuration.expects ?? null,
    ...(configuration.sameAs !== undefined && { sameAs: configuration.sameAs }),
    ...(gates.length > 0 && { gates }),
    rounds: rounds.map(({ result }) => result),
    tools: sumToolReports(analyses.map(({ tools }) => tools)),
    retriedBy: sumCounts(analyses.map(({ retriedBy }) => retriedBy)),
    lanes: sumLanes(analyses),
    loop: scenario.load.closedLoop ? ('closed' as const) : ('open' as const),
    // Quantiles of pooled requests would be those of the worst round.
    p50Us: computeMedian(timed.map(({ latency }) => latency.p50Us)),
    p99Us: computeMedian(timed.map(({ latency }) => latency.p99Us)),
    longestOutageUs: Math.max(0, ...analyses.map(({ outages }) => computeLongestOutageUs(outages))),
    waited: sumValues(analyses.map(({ waited }) => waited.requests)),
    longestWaitUs: Math.max(0, ...analyses.map(({ waited }) => waited.longestUs)),
    result: computeResult(rounds, configuration),
    account: formatRoundAccount(rounds),
  }
  return { ...row, sentence: formatRowSentence(row, rounds, scenario) }
}

function computeResult(rounds: readonly Round[], configuration: Configuration): RowResult {
  const result = computeRowResult(rounds, configuration.expects)
  if (listGates(configuration).length === 0) return result
  const gated = rounds.map((round) => ({
    isJudged: round.result.state === 'judged',
    gates: round.run.analysis.gates,
  }))
  return applyGates(result, gated, listRoundDoubts(rounds))
}

function formatRowSentence(row: Omit<ComparisonRow, 'sentence'>, rounds: readonly Round[], scenario: Scenario): string {
  const [only, ...others] = rounds
  if (only && others.length === 0) return only.run.analysis.sentence
  if (row.result.verdict === 'unknown') return `No verdict: ${row.result.because[0] ?? ''}`
  const judged = rounds.filter(({ result }) => result.state === 'judged').map(({ run }) => run.analysis)
  const total = {
    ...row,
    atLeast: judged.some(isLowerBound),
    rounds: row.judged,
    planned: row.rounds.length,
    losses: judged.flatMap(({ losses }) => losses),
    pods: judged.flatMap(({ pods }) => pods),
    lags: judged.flatMap(({ endpointLags }) => endpointLags),
    throughController: judged.some(({ lossOrigins }) => lossOrigins !== null),
    waited: { requests: row.waited, longestUs: row.longestWaitUs },
  }
  return formatRoundsSentence(total, scenario)
}

function sumOutcomes(analyses: readonly Analysis[]): Record<Outcome, number> {
  const totals = outcomes.map((outcome) => [outcome, sumValues(analyses.map(({ ledger }) => ledger.outcomes[outcome]))])
  return Object.fromEntries(totals) as Record<Outcome, number>
}

function sumLanes(analyses: readonly Analysis[]): LaneLosses[] {
  return workloadLanes.flatMap((lane) => {
    const results = analyses.flatMap(({ lanes }) => lanes.filter((result) => result.lane === lane))
    const sent = sumValues(results.map((result) => result.sent))
    return sent === 0 ? [] : [{ lane, sent, lost: sumValues(results.map(({ lost }) => lost)) }]
  })
}

function sumValues(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** In whole µs; `null` without values. */
function computeMedian(values: readonly (number | null)[]): number | null {
  const figure = computeRoundFigure(values.filter((value) => value !== null))
  return figure && Math.round(figure.median)
}
