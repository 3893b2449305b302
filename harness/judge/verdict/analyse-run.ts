/** From the event log of a run to what can be concluded from it. Depends on nothing else: same log, same bytes. */
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis } from '../../model/result.ts'
import { createRequestLookup } from '../../model/load/request-choice.ts'
import { attributeLosses } from '../pods/attribute-losses.ts'
import { countLossOrigins } from '../pods/loss-origin.ts'
import { computeRequestResults } from '../figures/request-results.ts'
import { computeBuckets } from '../figures/buckets.ts'
import { determineEnding } from './run-ending.ts'
import { computeEndpointLags } from '../figures/endpoint-lag.ts'
import { collectEvidence } from '../facts/evidence.ts'
import type { RecordedLog } from '../facts/evidence.ts'
import { computeLaneResults, computeLatencyOfAll, computeSendLag } from '../facts/lane-results.ts'
import { balanceLedger } from '../facts/balance-ledger.ts'
import { countAsAutocannon } from '../figures/autocannon-counts.ts'
import { sumNetworkCounters } from '../servers/network-counters.ts'
import { findOutages, countWaited } from '../figures/outages.ts'
import { findPhases } from '../figures/phases.ts'
import { findSpansWithoutPods, tracePods } from '../pods/pod-life.ts'
import { addServedFates } from '../servers/served-fates.ts'
import { formatRunSentence } from './run-sentence.ts'
import { collectServerLogs, summarizeServers } from '../servers/server-logs.ts'
import { countAggregated } from '../facts/aggregated-requests.ts'
import { computeOverdueUs, computeUsualLatencyUs } from '../figures/usual-latency.ts'
import { reachVerdict } from './reach-verdict.ts'

/** `planDigest`: of the plan's file, to be held against the log's word; `null` where the plan is not from a file. */
export async function analyseRun(plan: RunPlan, log: RecordedLog, planDigest: string | null = null): Promise<Analysis> {
  const lookUp = createRequestLookup(plan.scenario.load, plan.seed)
  const evidence = await collectEvidence(log, lookUp)
  const accounted = balanceLedger(evidence, plan.drivers)
  const { ledger, control } = accounted
  const phases = findPhases(evidence)
  const namesPods = plan.workload.identification.podHeader !== null
  const throughController = plan.via.kind === 'ingress'
  const traces = tracePods(evidence, namesPods)
  const pods = traces.map(({ life }) => life)
  const lags = computeEndpointLags(pods)
  const logs = collectServerLogs(evidence, plan.workload.containers.front)
  const usualUs = computeUsualLatencyUs(evidence, phases)
  const overUs = computeOverdueUs(usualUs, evidence)
  const waited = countWaited(evidence.requests, overUs)
  const attributed = attributeLosses(evidence.lost, {
    pods: traces,
    podless: findSpansWithoutPods(evidence),
    requests: evidence.requests,
    phases,
    lookUp,
    namesPods,
    throughController,
    usualUs,
  })
  const losses = addServedFates(attributed, { logs, pods, served: evidence.served })
  const lossOrigins = countLossOrigins(losses, throughController)
  const sendLag = computeSendLag(evidence)
  const latency = computeLatencyOfAll(evidence)
  const lanes = computeLaneResults(evidence, phases)
  const servers = logs && summarizeServers(evidence, logs, losses)
  const controlLatency = lanes.find(({ lane }) => lane === 'control')?.latency ?? null
  const load = { ledger, latency, controlLatency, sendLag, usualUs }
  const judged = reachVerdict({ plan, planDigest, evidence, account: accounted, load, phases, pods, losses, servers })
  return {
    ...nameRun(plan),
    ending: determineEnding(evidence, judged.claims),
    ledger,
    summarised: countAggregated(evidence.requests.aggregated, evidence.control.aggregated),
    control,
    naive: countAsAutocannon(ledger, evidence.endedByClose),
    lanes,
    ...computeRequestResults(evidence, plan),
    latency,
    phases,
    losses,
    lossOrigins,
    pods,
    endpointLags: lags,
    servers,
    network: sumNetworkCounters(evidence),
    outages: findOutages(evidence.requests, overUs, phases.at(-1)?.toUs ?? 0),
    waited,
    sendLag,
    ...computeBuckets(evidence, phases),
    ...judged,
    sentence: formatRunSentence({ ledger, losses, lossOrigins, pods, lags, waited, ...judged }, plan.scenario),
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
