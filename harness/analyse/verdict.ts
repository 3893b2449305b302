/** Law 6, no evidence, no pass: what must be true of a run before its losses say anything of the workload. */
import type { Expectation, RunPlan } from '../model/plan.ts'
import type { Analysis, Loss, PhaseSpan, PodLife } from '../model/result.ts'
import { controlDoubts } from './control.ts'
import { undisrupted } from './disrupted.ts'
import type { Evidence } from './evidence.ts'
import { stepUs } from './evidence.ts'
import type { Account } from './ledger.ts'
import { overloadOf } from './overload.ts'
import type { Load } from './overload.ts'
import { count, duration, plural } from './wording.ts'

export interface Case {
  plan: RunPlan
  evidence: Evidence
  account: Account
  load: Load
  phases: readonly PhaseSpan[]
  pods: readonly PodLife[]
  losses: readonly Loss[]
}

type Judgement = Pick<Analysis, 'verdict' | 'because' | 'hypothesis'>

export function judge(run: Case): Judgement {
  const { lost, sent } = run.account.ledger
  const expects = run.plan.configuration.expects
  const doubts = doubtsOf(run)
  if (doubts.length > 0) return { verdict: 'unknown', because: doubts, hypothesis: { expects, held: null } }
  const hypothesis = { expects, held: holds(expects, lost) }
  if (lost === 0) return { verdict: 'passed', because: [`none of ${plural(sent, 'request')} was lost`], hypothesis }
  return { verdict: 'failed', because: [`${count(lost)} of ${plural(sent, 'request')} were lost`], hypothesis }
}

export function holds(expects: Expectation, lost: number): boolean {
  return (expects === 'loses') === lost > 0
}

/** Every reason for which the run proves nothing, the weightiest first. */
function doubtsOf(run: Case): string[] {
  const { evidence, account, load, phases } = run
  const broken = brokenOff(evidence, run.plan.drivers)
  // What a broken run lacks besides follows from that.
  if (broken !== null) return [broken, ...account.complaints]
  return [
    ...account.complaints,
    undisrupted(run.plan.scenario, evidence, run.pods),
    cutShort(run),
    overloadOf(load, evidence, phases),
    ...controlDoubts(account.control, run.plan.scenario.load),
    ...emptyPhases(run),
    ...gaps(evidence, phases),
    unhealthy(run),
  ].filter((doubt) => doubt !== null)
}

function brokenOff({ seen, torn }: Evidence, drivers: number): string | null {
  const lost = seen.end.flatMap((end) => end.lost ?? [])
  if (lost.length > 0) return lost.join('; ')
  const stop = seen.step.find(({ step }) => step === 'interrupted' || step === 'failed')
  if (stop?.step === 'failed') return `the run failed${stop.detail === null ? '' : `: ${stop.detail}`}`
  if (stop) return 'the run was interrupted'
  if (torn) return 'the log is torn: its end is missing or damaged'
  return seen.end.length < drivers ? 'the log ends before the run did' : null
}

/** Of the longer of both: a driver in another pod may hear of the stop that much later than the harness writes it. */
const stopAllowanceUs = 1_000_000
const stopAllowanceRequests = 20

function cutShort({ plan, evidence }: Case): string | null {
  const stopUs = stepUs(evidence, 'load-stop', 'load-end')
  if (stopUs === null) return 'the log does not say when the load was stopped'
  const { requests } = evidence
  let lastUs = requests.summarised.lastDueUs
  for (let index = 0; index < requests.size; index++) {
    if (requests.wasSent(index)) lastUs = Math.max(lastUs, requests.dueUs(index))
  }
  if (lastUs === -Infinity) return 'no request was sent'
  const allowedUs = Math.max(stopAllowanceUs, (stopAllowanceRequests * 1e6) / plan.scenario.load.ratePerSecond)
  const missingUs = stopUs - lastUs
  return missingUs > allowedUs ? `the load stopped ${duration(missingUs)} before it was told to` : null
}

function emptyPhases({ evidence: { requests }, phases }: Case): string[] {
  const sent = phases.map(() => 0)
  const add = (dueUs: number, count: number): void => {
    const place = phases.findIndex(({ fromUs, toUs }) => fromUs <= dueUs && dueUs < toUs)
    if (place >= 0) sent[place]! += count
  }
  for (let index = 0; index < requests.size; index++) if (requests.wasSent(index)) add(requests.dueUs(index), 1)
  for (const { dueUs, count } of requests.summarised.cells) add(dueUs, count)
  return phases
    .filter((_, place) => sent[place] === 0)
    .map(({ phase }) => `no request was sent ${phase} the disruption`)
}

function gaps({ seen }: Evidence, phases: readonly PhaseSpan[]): string[] {
  const [fromUs, toUs] = [phases[0]?.fromUs ?? 0, phases.at(-1)?.toUs ?? 0]
  return seen.gap
    .filter((gap) => gap.from < toUs && gap.t >= fromUs)
    .map(({ what, why, from, t }) => `nothing was seen of ${what} for ${duration(t - from)}: ${why}`)
}

function unhealthy({ losses }: Case): string | null {
  const early = losses.filter(({ phase }) => phase === 'before').length
  return early === 0 ? null : `${plural(early, 'request')} had been lost before anything was disrupted`
}
