/** Analyses of a comparison of six configurations under a rollout, for tests of reports. */
import { compareConfigurations } from '../../judge/verdict/compare-configurations.ts'
import { countRetries } from '../../judge/tools/retry-rules.ts'
import { reportTools } from '../../judge/tools/tool-reports.ts'
import { buildSampleWorkload } from '../../model/workload.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import type { Configuration, RunPlan } from '../../model/plan.ts'
import { createRequestLookup } from '../../model/load/request-choice.ts'
import { disruptOnce } from '../../model/steps/order.ts'
import { outcomes } from '../../model/record.ts'
import type { Outcome } from '../../model/record.ts'
import type { Analysis, Ledger, Loss, PodTimeline } from '../../model/result.ts'
import { behaviours } from '../behaviours.ts'
import type { Behaviour } from '../behaviours.ts'
import { createRandom } from '../../base/random.ts'
import { buildDeployed } from './sample-deployed.ts'
import { buildAttribution } from './sample-attribution.ts'
import { buildLatencyCurves } from './sample-latency.ts'
import { buildLanes, buildQuantiles } from './sample-lanes.ts'
import { buildLosses } from './sample-losses.ts'
import { buildFigures } from './sample-figures.ts'
import { buildEndpointLags, buildPods } from './sample-pods.ts'
import { buildLogExcerpts, buildServers } from './sample-servers.ts'

const second = 1_000_000
const phases: Analysis['phases'] = [
  { phase: 'before', fromUs: second, toUs: 5 * second },
  { phase: 'during', fromUs: 5 * second, toUs: 20.5 * second },
  { phase: 'after', fromUs: 20.5 * second, toUs: 26 * second },
]
const bucketUs = 250_000
const nothingJudged: Pick<Analysis, 'claims' | 'gates' | 'voided'> = { claims: [], gates: [], voided: [] }

export interface SampleRun {
  plan: RunPlan
  analysis: Analysis
  dir: string
}

/** Six configurations × `rounds`, with the rows that sum them up. `times` multiplies requests and losses. */
export function buildSampleComparison(rounds = 1, times = 1): { rows: ComparisonRow[]; runs: SampleRun[] } {
  const runs = behaviours.flatMap((behaviour, place) =>
    Array.from({ length: rounds }, (_, index) =>
      buildSampleRun(behaviour, index + 1, { seed: place * 100 + index + 1, times }),
    ),
  )
  return { rows: compareConfigurations(runs), runs }
}

/** The same comparison with each run changed by `change`. */
export function changeComparison(
  { runs }: { runs: readonly SampleRun[] },
  change: (analysis: Analysis, plan: RunPlan) => Partial<Analysis>,
): { rows: ComparisonRow[]; runs: SampleRun[] } {
  const changed = runs.map((run) => ({ ...run, analysis: { ...run.analysis, ...change(run.analysis, run.plan) } }))
  return { rows: compareConfigurations(changed), runs: changed }
}

/** For a completed run without a verdict. */
export function withDisturbance(reason: string, { hypothesis }: Analysis): Partial<Analysis> {
  return {
    verdict: 'unknown',
    because: [reason],
    hypothesis: hypothesis && { ...hypothesis, held: null },
    sentence: `No verdict: ${reason}`,
  }
}

/** For a run without losses. */
export function withoutLoss({ ledger, hypothesis, lossFigures }: Analysis): Partial<Analysis> {
  const none = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>
  return {
    ledger: { ...ledger, ok: ledger.sent, lost: 0, outcomes: { ...none, ok: ledger.sent } },
    losses: [],
    retriedBy: {},
    lossFigures: { ...lossFigures, lost: 0, lostInSpan: 0, secondsWithLosses: 0, worstSecond: null },
    verdict: 'passed',
    because: [`none of ${ledger.sent} requests was lost`],
    hypothesis: hypothesis && { ...hypothesis, held: hypothesis.expects === 'loses-none' },
    sentence: `0 of ${ledger.sent} requests lost in 1 rollout`,
  }
}

function buildSampleRun(
  behaviour: Behaviour,
  round: number,
  { seed, times }: { seed: number; times: number },
): SampleRun {
  const plan = buildPlan(behaviour, round)
  const random = createRandom(seed)
  const pods = buildPods(behaviour, random)
  const losses = behaviour.bursts.flatMap((burst) => buildLosses(burst, { pods, random, times }))
  losses.forEach((loss, index) => (loss.request.seq = 700 + index * 3))
  return { plan, analysis: buildAnalysis(plan, { pods, losses, random, times }), dir: `runs/${plan.runId}` }
}

function buildPlan(behaviour: Behaviour, round: number): RunPlan {
  const configuration: Configuration = {
    name: behaviour.name,
    expects: behaviour.bursts.length > 0 ? 'loses' : 'loses-none',
    hypothesis: behaviour.hypothesis,
  }
  return {
    schema: 1,
    runId: `rollout-${behaviour.name}-local-${round}-k7q2`,
    scenario: {
      name: 'rollout',
      summary: 'Restarts every pod of the deployment, as kubectl rollout restart does',
      replicas: 3,
      load: {
        ratePerSecond: 200,
        shares: { fresh: 0.5, reused: 0.4, 'reused-post': 0.1 },
        workMs: 100,
        thinkMs: 500,
        timeoutMs: 5_000,
      },
      steps: disruptOnce({ kind: 'rollout-restart' }, { beforeMs: 4_000, afterMs: 5_000 }),
      limitMs: 120_000,
    },
    configuration,
    workload: buildSampleWorkload({ workMs: 100 }),
    deployed: buildDeployed(behaviour.name),
    cluster: 'local',
    drivers: 1,
    via: { kind: 'service' },
    round,
    seed: 42,
    environment: {
      nodrop: '0.1.0',
      node: '24.11.1',
      kernel: '6.8.0',
      cpus: 2,
      cpuModel: 'AMD EPYC 7763',
      kubernetes: 'embedded 1.34',
    },
  }
}

function buildAnalysis(
  plan: RunPlan,
  given: { pods: PodTimeline[]; losses: Loss[]; random: () => number; times: number },
): Analysis {
  const { pods, losses, random, times } = given
  const ledger = buildLedger(losses, 5_000 * times)
  const lanes = buildLanes(plan, { ledger, losses, phases, random })
  const lost = losses.map(({ request }) => request)
  const { expects } = plan.configuration
  const held = expects === 'loses' ? losses.length > 0 : losses.length === 0
  return {
    schema: 1,
    runId: plan.runId,
    scenario: plan.scenario.name,
    configuration: plan.configuration.name,
    cluster: plan.cluster,
    round: plan.round,
    ending: 'complete',
    ledger,
    aggregated: null,
    phases,
    losses,
    retriedBy: countRetries(losses),
    lossOrigins: null,
    attribution: buildAttribution(losses),
    pods,
    endpointLags: buildEndpointLags(pods),
    ...buildFigures(plan, { pods, losses, times }),
    servers: buildServers(ledger.ok, losses),
    logExcerpts: buildLogExcerpts(losses),
    network: { pods: 7, listenOverflows: 0, listenDrops: 0, synRetransmits: 0 },
    bucketUs,
    control: null,
    lanes,
    tools: reportTools({ lost, lanes, endedByClose: 0, lookUp: createRequestLookup(plan.scenario.load, plan.seed) }),
    ...buildOutages(losses),
    latency: { count: ledger.ok, p50Us: 102_100, p90Us: 104_300, p99Us: 112_400, p999Us: 141_000, maxUs: 190_000 },
    sendLag: { count: ledger.sent, p50Us: 90, p90Us: 240, p99Us: 1_100, p999Us: 2_300, maxUs: 3_800 },
    buckets: buildBuckets(losses, random),
    latencyCurves: buildLatencyCurves(phases, ledger.ok, random),
    ...nothingJudged,
    hypothesis: expects === undefined ? null : { expects, held },
    verdict: losses.length === 0 ? 'passed' : 'failed',
    because: [
      losses.length === 0
        ? `none of ${ledger.sent} requests was lost`
        : `${losses.length} of ${ledger.sent} requests were lost`,
    ],
    sentence: `${losses.length} of ${ledger.sent} requests lost in 1 rollout`,
  }
}

/** One outage in which all requests were lost except one that waited; none without losses. */
function buildOutages({ length: lost }: readonly Loss[]): Pick<Analysis, 'outages' | 'waited'> {
  const overUs = 700_000
  if (lost === 0) return { outages: [], waited: { overUs, requests: 0, longestUs: 0 } }
  const longestUs = 1_103_000
  const outage = { fromUs: 7_140_000, toUs: 7_140_000 + lost * 900, lost, waited: 1, longestWaitUs: longestUs }
  return { outages: [outage], waited: { overUs, requests: 1, longestUs } }
}

function buildLedger(losses: readonly Loss[], planned: number): Ledger {
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>
  for (const { outcome } of losses) counts[outcome] += 1
  const sent = planned - 2
  counts.ok = sent - losses.length
  return {
    planned,
    sent,
    notSent: { overload: 2, stopped: 0, 'driver-lost': 0 },
    ok: counts.ok,
    lost: losses.length,
    outcomes: counts,
    balanced: true,
  }
}

function buildBuckets(losses: readonly Loss[], random: () => number): Analysis['buckets'] {
  return Array.from({ length: 100 }, (_, index) => {
    const fromUs = second + index * bucketUs
    const lost = losses.filter(({ request }) => request.dueUs >= fromUs && request.dueUs < fromUs + bucketUs).length
    const { p50Us, p99Us, maxUs } = buildQuantiles(Math.max(0, 50 - lost), random)
    return { fromUs, ok: Math.max(0, 50 - lost), lost, p50Us, p99Us, maxUs }
  })
}
