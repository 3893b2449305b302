/** The figures of a comparison in the form in which later ones are compared with them. */
import type { Baseline, BaselineRound, BaselineRow, Conditions } from '../../model/baseline/baseline.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis, Quantiles } from '../../model/result.ts'
import { compareConfigurations } from '../verdict/compare-configurations.ts'
import { describeLoad } from './load-conditions.ts'
import type { RunOfRound } from '../verdict/rounds.ts'

/** Rows in the order of the comparison's table; runs without a conclusion are counted and left out. */
export function buildBaseline(comparison: string, runs: readonly RunOfRound[]): Baseline {
  const byId = new Map(runs.map((run) => [run.analysis.runId, run]))
  const rows = compareConfigurations(runs).map((row): BaselineRow => {
    const judged = row.rounds.flatMap(({ state, runId }) => (state === 'judged' ? (byId.get(runId) ?? []) : []))
    const { plan } = judged[0] ?? byId.get(row.rounds[0]!.runId)!
    return {
      scenario: row.scenario,
      configuration: row.configuration,
      conditions: describeConditions(plan),
      rounds: judged.map(toRound),
      unjudged: row.rounds.length - judged.length,
    }
  })
  return { schema: 1, comparison, rows }
}

function toRound({ plan, analysis }: RunOfRound): BaselineRound {
  return {
    round: plan.round,
    lost: analysis.lossFigures.lost,
    sent: analysis.ledger.sent,
    span: findSpan(analysis),
    latency: analysis.voided.includes('how-late') ? null : pickQuantiles(analysis.latency),
    margin: findLeastMargin(analysis),
  }
}

function findSpan({ lossFigures }: Analysis): BaselineRound['span'] {
  return lossFigures.span ? { due: lossFigures.dueInSpan, lost: lossFigures.lostInSpan } : null
}

function findLeastMargin({ margins }: Analysis): BaselineRound['margin'] {
  const known = margins.flatMap(({ fresh }) => (fresh === null ? [] : [fresh]))
  const [least] = known.sort((a, b) => a.marginUs - b.marginUs)
  return least === undefined ? null : { us: least.marginUs, errorUs: least.errorUs }
}

function pickQuantiles({ p50Us, p90Us, p99Us, maxUs }: Quantiles): BaselineRound['latency'] {
  return { p50Us, p90Us, p99Us, maxUs }
}

function describeConditions(plan: RunPlan): Conditions {
  const { cluster, environment, deployed } = plan
  const images = (deployed?.images ?? []).map(({ name, digest }) => ({ name, digest }))
  return { cluster, environment, load: describeLoad(plan), images }
}
