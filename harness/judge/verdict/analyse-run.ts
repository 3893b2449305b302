/** The conclusions from the event log of a run. It depends on nothing else: same log, same bytes. */
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis } from '../../model/result.ts'
import { createRequestLookup } from '../../model/load/request-choice.ts'
import { attributeLosses } from '../pods/attribute-losses.ts'
import type { AttributionContext } from '../pods/attribute-losses.ts'
import { countLossOrigins } from '../pods/loss-origin.ts'
import { computeRequestResults } from '../figures/request-results.ts'
import { computeBuckets } from '../figures/buckets.ts'
import { computeLatencyCurves } from '../figures/latency-curves.ts'
import { determineEnding } from './run-ending.ts'
import { computeEndpointLags } from '../figures/endpoint-lag.ts'
import { collectEvidence, findStepUs } from '../facts/evidence.ts'
import type { Evidence, RecordedLog } from '../facts/evidence.ts'
import { computeLaneResults, computeSelectedLatency, computeSendLag } from '../facts/lane-results.ts'
import { balanceLedger } from '../facts/balance-ledger.ts'
import { sumNetworkCounters } from '../servers/network-counters.ts'
import { findOutages, countWaited } from '../figures/outages.ts'
import { findPhases } from '../figures/phases.ts'
import { computeLossFigures } from '../figures/loss-figures.ts'
import { isCausedByDisruption } from '../claims/losses-caused.ts'
import { computePodMargins, measureTraffic } from '../margins/pod-margins.ts'
import { findSpansWithoutPods, tracePods } from '../pods/pod-life.ts'
import { excerptLogs } from '../servers/excerpt-logs.ts'
import { addServedFates } from '../servers/served-fates.ts'
import { formatRunSentence } from './run-sentence.ts'
import { collectServerLogs, summarizeServers } from '../servers/server-logs.ts'
import { countAggregated } from '../facts/aggregated-requests.ts'
import { ControllerConnections } from '../tracking/controller-connections.ts'
import { KernelPods } from '../tracking/kernel-pods.ts'
import { countRetries } from '../tools/retry-rules.ts'
import { reportTools } from '../tools/tool-reports.ts'
import { summarizeAttribution } from '../tracking/summarize-attribution.ts'
import { computeOverdueUs, computeUsualLatencyUs } from '../figures/usual-latency.ts'
import { judgeGates } from '../gates/judge-gates.ts'
import { createGatedRun } from '../gates/gated-run.ts'
import { listGates } from '../../model/gates/gates.ts'
import { reachVerdict } from './reach-verdict.ts'

/** `planDigest`: the digest of the plan's file, compared with that in the log; `null` if the plan is not from a file. */
export async function analyseRun(plan: RunPlan, log: RecordedLog, planDigest: string | null = null): Promise<Analysis> {
  const lookUp = createRequestLookup(plan.scenario.load, plan.seed)
  const evidence = await collectEvidence(log, lookUp)
  const account = balanceLedger(evidence, plan)
  const { ledger, control } = account
  const phases = findPhases(evidence)
  const namesPods = plan.workload.identification.podHeader !== null
  const [kernel, controller] = [new KernelPods(evidence), new ControllerConnections(evidence)]
  const led = plan.via.kind === 'ingress' ? controller.computeLast() : kernel.computeLastLed()
  const traces = tracePods(evidence, namesPods, led)
  const pods = traces.map(({ life }) => life)
  const lags = measureEndpointLags(plan, evidence, pods)
  const logs = collectServerLogs(evidence, plan.workload.containers.front)
  const usualUs = computeUsualLatencyUs(evidence, phases)
  const overUs = computeOverdueUs(usualUs, evidence)
  const waited = countWaited(evidence.requests, overUs)
  const explained = explainLosses(plan, evidence, { traces, phases, lookUp, kernel, controller, usualUs, logs })
  const { losses, lossOrigins, attribution } = explained
  const sendLag = computeSendLag(evidence)
  const latency = computeSelectedLatency(evidence.requests, {})
  const lanes = computeLaneResults(evidence, phases)
  const servers = logs && summarizeServers(evidence, logs, losses)
  const controlLatency = lanes.find(({ lane }) => lane === 'control')?.latency ?? null
  const load = { ledger, latency, controlLatency, sendLag, usualUs }
  const lossFigures = measureLosses(evidence, pods, losses)
  const margins = computePodMargins({ plan, pods, losses, ...measureTraffic(evidence, phases) })
  const concluded = { ledger, losses, phases, pods, servers, lossFigures, margins }
  const judged = reachVerdict({ plan, planDigest, evidence, account, load, attribution, ...concluded })
  return {
    ...nameRun(plan),
    ending: determineEnding(evidence, judged.claims),
    ledger,
    aggregated: countAggregated(evidence.requests.aggregated, evidence.control.aggregated),
    control,
    tools: reportTools({ ...evidence, lanes, lookUp }),
    lanes,
    ...computeRequestResults(evidence, plan),
    latency,
    phases,
    ...explained,
    pods,
    endpointLags: lags,
    lossFigures,
    margins,
    servers,
    logExcerpts: excerptLogs(losses, evidence.served),
    network: sumNetworkCounters(evidence),
    outages: findOutages(evidence.requests, overUs, phases.at(-1)?.toUs ?? 0),
    waited,
    sendLag,
    ...computeBuckets(evidence, phases),
    latencyCurves: computeLatencyCurves(evidence, phases),
    ...judged,
    gates: judgeGates(listGates(plan.configuration), createGatedRun(plan, evidence, { ...concluded, ...judged })),
    sentence: formatRunSentence(
      { ledger, losses, lossOrigins, pods, lags, lossFigures, waited, ...judged },
      plan.scenario,
    ),
  }
}

type LossContext = Pick<AttributionContext, 'phases' | 'lookUp' | 'kernel' | 'controller' | 'usualUs'> & {
  traces: AttributionContext['pods']
  logs: ReturnType<typeof collectServerLogs>
}

/** Which pods lost the requests, what failed them, and how certain that is. */
function explainLosses(
  plan: RunPlan,
  evidence: Evidence,
  { traces, logs, kernel, ...context }: LossContext,
): Pick<Analysis, 'losses' | 'retriedBy' | 'lossOrigins' | 'attribution'> {
  const { identification } = plan.workload
  const throughController = plan.via.kind === 'ingress'
  const attributed = attributeLosses(evidence.lost, {
    ...context,
    kernel,
    throughController,
    fromOutside: plan.via.kind === 'url',
    pods: traces,
    podless: findSpansWithoutPods(evidence),
    requests: evidence.requests,
    namesPods: identification.podHeader !== null,
    podHeader: identification.podHeader,
  })
  const pods = traces.map(({ life }) => life)
  const losses = addServedFates(attributed, { logs, pods, served: evidence.served })
  return {
    losses,
    retriedBy: countRetries(losses),
    lossOrigins: countLossOrigins(losses, throughController ? { pods, kernel, controller: context.controller } : null),
    // Connections of drivers end at the controller.
    attribution: summarizeAttribution(identification, {
      evidence,
      kernel: throughController ? null : kernel,
      losses: attributed,
    }),
  }
}

function nameRun({
  runId,
  scenario,
  configuration,
  cluster,
  round,
}: RunPlan): Pick<Analysis, 'schema' | 'runId' | 'scenario' | 'configuration' | 'cluster' | 'round'> {
  return { schema: 1, runId, scenario: scenario.name, configuration: configuration.name, cluster, round }
}

function measureLosses(
  evidence: Evidence,
  pods: Analysis['pods'],
  losses: Analysis['losses'],
): Analysis['lossFigures'] {
  const caused = losses.filter((loss) => isCausedByDisruption(loss, { evidence, pods }))
  const [beganUs, endUs] = [findStepUs(evidence, 'disrupt-begin'), evidence.lastUs]
  return computeLossFigures(evidence.requests, caused, { pods, beganUs, endUs })
}

/** Behind a controller, a log that only counts most requests does not contain the last one of each pod. */
function measureEndpointLags({ via }: RunPlan, evidence: Evidence, pods: Analysis['pods']): Analysis['endpointLags'] {
  if (via.kind !== 'ingress') return computeEndpointLags(pods)
  return evidence.requests.aggregated.size > 0 ? [] : computeEndpointLags(pods, evidence.answered)
}
