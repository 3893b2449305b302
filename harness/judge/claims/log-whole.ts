/** The log was written by the run of this plan, and nothing is missing in it. */
import { wholeRunSteps as order } from '../../model/step.ts'
import type { Step } from '../../model/step.ts'
import { conclusions } from '../../model/claims.ts'
import type { Evidence } from '../facts/evidence.ts'
import { formatList } from '../../base/figures.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const logWhole: Claim = {
  name: 'log-whole',
  says: 'The log is this run’s, whole and once',
  evidence:
    'the seals of its blocks; the record `begin` with the run’s id; the digest of plan.json in it, and in `deployed`; every `step`; an `end` of each driver',
  tolerance:
    'none: a run that was cut off anywhere, its clean-up included, has no last step, and what it did not live to see is not in its log',
  conclusions,
  disturbance: false,
  check: (run) => toClaimCheck([...listProblems(run)], [createFigure('steps', 'count', run.evidence.seen.step.length)]),
}

function* listProblems({ plan, planDigest, evidence }: ClaimInput): Generator<string> {
  const broken = findAbortReason(evidence, plan.drivers)
  if (broken !== null) {
    yield broken
    return
  }
  const { begin, deployed, end } = evidence.seen
  if (begin.length !== 1) yield `the log has ${begin.length} beginnings: it must have one`
  for (const { runId, planDigest: first } of begin) {
    if (runId !== plan.runId) yield `the log is of another run than the plan: ${runId}, not ${plan.runId}`
    if (planDigest === null) continue
    const digest = first === null ? null : (deployed.at(-1)?.planDigest ?? first)
    if (digest === null) yield 'the log does not say which plan was carried out: it has no digest of plan.json'
    else if (digest !== planDigest)
      yield 'plan.json is not the plan that was carried out: the log has another digest of it'
  }
  const disorder = findDisorder(evidence)
  if (disorder !== null) yield disorder
  const drivers = end.map(({ driver }) => driver).sort((a, b) => a - b)
  if (drivers.some((driver, place) => driver !== place) || drivers.length !== plan.drivers) {
    yield `the drivers' ends do not fit the plan: ${drivers.length} of ${plan.drivers}, of the drivers ${formatList(drivers.map(String))}`
  }
}

function findAbortReason({ seen, torn }: Evidence, drivers: number): string | null {
  const lost = seen.end.flatMap((end) => end.lost ?? [])
  if (lost.length > 0) return lost.join('; ')
  const stop = seen.step.find(({ step }) => step === 'interrupted' || step === 'failed')
  if (stop?.step === 'failed') return `the run failed${stop.detail === null ? '' : `: ${stop.detail}`}`
  if (stop) return 'the run was interrupted'
  if (torn) return 'the log is torn: its end is missing or damaged'
  if (seen.end.length < drivers) return 'the log ends before the run did'
  return seen.step.some(({ step }) => step === 'end') ? null : 'the log ends before the run had cleaned up'
}

/** Steps by their times; two at the same instant may be in either order. */
function findDisorder({ seen }: Evidence): string | null {
  const missing = order.filter((name) => !seen.step.some(({ step }) => step === name))
  if (missing.length > 0) return missingStepMessages[missing[0]!] ?? `the log lacks the step ${formatList(missing)}`
  const repeated = order.filter((name) => seen.step.filter(({ step }) => step === name).length > 1)
  if (repeated.length > 0) return `the log has the step ${formatList(repeated)} more than once`
  const times = order.map((name) => seen.step.find(({ step }) => step === name)!.t)
  const late = order.findIndex((_, place) => place > 0 && times[place]! < times[place - 1]!)
  return late < 0 ? null : `the steps are not in their order: ${order[late]} comes before ${order[late - 1]}`
}

const missingStepMessages: Partial<Record<Step, string>> = {
  'disrupt-begin': 'nothing was disrupted: the log ends before',
  'old-pods-gone': 'the log ends before the old pods were gone',
  'load-stop': 'the log does not say when the load was stopped',
}
