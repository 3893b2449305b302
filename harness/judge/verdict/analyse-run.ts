/** From the event log of a run to what can be concluded from it. Depends on nothing else: same log, same bytes. */
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis } from '../../model/result.ts'
import { attribute } from '../pods/attribute-losses.ts'
import { bucketsOf } from '../figures/buckets.ts'
import { endingOf } from './run-ending.ts'
import { endpointLags } from '../figures/endpoint-lag.ts'
import { gather } from '../facts/evidence.ts'
import type { RecordedLog } from '../facts/evidence.ts'
import { laneResults, latencyOfAll, sendLagOf } from '../facts/lane-results.ts'
import { account } from '../facts/balance-ledger.ts'
import { naiveOf } from '../figures/autocannon-counts.ts'
import { networkSeen } from '../servers/network-counters.ts'
import { outagesOf, waitedIn } from '../figures/outages.ts'
import { phasesOf } from '../figures/phases.ts'
import { mayLackPods, tracePods } from '../pods/pod-life.ts'
import { withServed } from '../servers/served-fates.ts'
import { sentenceOf } from './run-sentence.ts'
import { serverLogsOf, serversSaw } from '../servers/server-logs.ts'
import { summarisedIn } from '../facts/aggregated-requests.ts'
import { overdueUs, usualLatencyUs } from '../figures/usual-latency.ts'
import { judge } from './reach-verdict.ts'

/** `planDigest`: of the plan's file, to be held against the log's word; `null` where the plan is not from a file. */
export async function analyse(plan: RunPlan, log: RecordedLog, planDigest: string | null = null): Promise<Analysis> {
  const evidence = await gather(log)
  const accounted = account(evidence, plan.drivers)
  const { ledger, control } = accounted
  const phases = phasesOf(evidence)
  const traces = tracePods(evidence)
  const pods = traces.map(({ life }) => life)
  const lags = endpointLags(pods)
  const logs = serverLogsOf(evidence)
  const usualUs = usualLatencyUs(evidence, phases)
  const overUs = overdueUs(usualUs, evidence)
  const waited = waitedIn(evidence.requests, overUs)
  const attributed = attribute(evidence.lost, {
    pods: traces,
    podless: mayLackPods(evidence),
    requests: evidence.requests,
    phases,
    load: plan.scenario.load,
    usualUs,
  })
  const losses = withServed(attributed, { logs, pods, served: evidence.served })
  const sendLag = sendLagOf(evidence)
  const latency = latencyOfAll(evidence)
  const lanes = laneResults(evidence, phases)
  const servers = logs && serversSaw(evidence, logs, losses)
  const controlLatency = lanes.find(({ lane }) => lane === 'control')?.latency ?? null
  const load = { ledger, latency, controlLatency, sendLag, usualUs }
  const judged = judge({ plan, planDigest, evidence, account: accounted, load, phases, pods, losses, servers })
  return {
    schema: 1,
    runId: plan.runId,
    scenario: plan.scenario.name,
    configuration: plan.configuration.name,
    cluster: plan.cluster,
    round: plan.round,
    ending: endingOf(evidence, judged.claims),
    ledger,
    summarised: summarisedIn(evidence),
    control,
    naive: naiveOf(ledger, evidence.endedByClose),
    lanes,
    latency,
    phases,
    losses,
    pods,
    endpointLags: lags,
    servers,
    network: networkSeen(evidence),
    outages: outagesOf(evidence.requests, overUs, phases.at(-1)?.toUs ?? 0),
    waited,
    sendLag,
    ...bucketsOf(evidence, phases),
    ...judged,
    sentence: sentenceOf({ ledger, losses, pods, lags, waited, ...judged }, plan.scenario),
  }
}
