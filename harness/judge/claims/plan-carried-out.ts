/** The requests that were due by the plan were planned: in each lane and phase, at the planned instants. */
import { workloadLanes } from '../../model/plan.ts'
import type { Lane, LoadPlan } from '../../model/plan.ts'
import { formatStep } from '../../model/steps/labels.ts'
import { computeUndisturbed, flattenNodes, splitSteps } from '../../model/steps/order.ts'
import type { PhaseSpan } from '../../model/result.ts'
import { findStepUs } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { countByLane } from '../facts/lane-results.ts'
import { countOffSchedule } from '../facts/off-schedule.ts'
import { formatCount, formatDuration, formatPercent, formatPlural } from '../../base/figures.ts'
import { findStepSpans } from '../verdict/step-spans.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

/** Lanes get their share to within three requests, see model/load/schedule.ts; each end of a phase cuts one off. */
const maxCountDeviation = 5
/** Share of the due requests: messages to a driver and corrections of clocks take time. */
const maxShareDeviation = 0.01
/** How much shorter than planned a phase may be: timers do not fire early, but clocks are corrected. */
const maxShorteningUs = 50_000
/** Maximum time from the last request to the stop: a driver in another pod may get the message that much later. */
const stopAllowanceUs = 1_000_000
const stopAllowanceRequests = 20

export const planCarriedOut: Claim = {
  name: 'plan-carried-out',
  says: 'What was due by the plan was planned, in each lane and phase, at its instant',
  evidence:
    'lane, number and due time of every request against the rate, shares and seed of plan.json; the steps against its phases',
  tolerance: `counts within ${maxCountDeviation} requests or ${formatPercent(maxShareDeviation, 1)} and what was due within the clocks’ error; instants as far apart as the corrections of the driver’s clock; phases at most ${formatDuration(maxShorteningUs)} short and a second long: lanes are dealt to within three requests, and a request that the driver could not send is told of all the same`,
  conclusions: ['none-lost', 'how-many', 'how-late'],
  disturbance: true,
  check: (run) => {
    const { plan, evidence, phases } = run
    const { load } = plan.scenario
    const stopUs = findStepUs(evidence, 'load-stop') ?? phases.at(-1)?.toUs ?? 0
    const counts = load.closedLoop ? [] : findShortfall(load, phases, evidence, stopUs)
    const stray = load.closedLoop ? { requests: 0, furthestUs: 0, inLane: 0 } : countOffSchedule(plan, evidence)
    return toClaimCheck(
      [
        explainEarlyEnd(run),
        ...counts.map(({ says }) => says),
        ...findEmptyPhases(run),
        stray.requests === 0
          ? null
          : `${formatPlural(stray.requests, 'request')} due at another instant than planned, by up to ${formatDuration(stray.furthestUs)}`,
        stray.inLane === 0 ? null : `${formatPlural(stray.inLane, 'request')} in another lane than planned`,
        ...findWrongPhases(run, stopUs),
        ...findWrongWaits(run),
        load.closedLoop && evidence.control.total > 0
          ? 'by the plan other clients keep requests in flight, and there was a control lane at a rate of its own'
          : null,
      ],
      [
        createFigure('phases and lanes with another number than due', 'count', counts.length, 0),
        createFigure('requests at another instant', 'count', stray.requests, 0),
        createFigure('requests in another lane', 'count', stray.inLane, 0),
      ],
    )
  },
}

function findShortfall(
  load: LoadPlan,
  phases: readonly PhaseSpan[],
  evidence: Evidence,
  stopUs: number,
): { says: string }[] {
  // No clock is precise enough to say whether a request at either end of a phase was due in it.
  const errorUs = evidence.seen.clock.reduce((most, one) => Math.max(most, one.errorUs), 0)
  return phases.flatMap(({ phase, fromUs, toUs }) => {
    const span = { fromUs, toUs: Math.min(toUs, stopUs) }
    const counts = countByLane(evidence, span)
    return listLanesDue(load).flatMap(([lane, rate]) => {
      const due = (rate * Math.max(0, span.toUs - span.fromUs)) / 1e6
      const planned = counts[lane]
      const clocks = (2 * rate * errorUs) / 1e6
      if (Math.abs(planned - due) <= Math.max(maxCountDeviation, maxShareDeviation * due) + clocks) return []
      return [
        {
          says: `${phase} the disruption ${formatCount(planned)} of about ${formatCount(Math.round(due))} requests of the lane ${lane} were planned`,
        },
      ]
    })
  })
}

/** Each lane with the number of requests that are due in it per second. */
function listLanesDue({ ratePerSecond, shares, controlPerSecond = 0 }: LoadPlan): [lane: Lane, perSecond: number][] {
  const own = workloadLanes.map((lane): [Lane, number] => [lane, ratePerSecond * shares[lane]])
  return controlPerSecond > 0 ? [...own, ['control', controlPerSecond]] : own
}

function explainEarlyEnd({ plan, evidence }: ClaimInput): string | null {
  const stopUs = findStepUs(evidence, 'load-stop', 'load-end')
  if (stopUs === null) return null
  const { requests } = evidence
  let lastUs = requests.aggregated.lastDueUs
  for (let index = 0; index < requests.size; index++) {
    if (requests.wasSent(index)) lastUs = Math.max(lastUs, requests.dueUs(index))
  }
  if (lastUs === -Infinity) return 'no request was sent'
  const allowedUs = Math.max(stopAllowanceUs, (stopAllowanceRequests * 1e6) / plan.scenario.load.ratePerSecond)
  const missingUs = stopUs - lastUs
  return missingUs > allowedUs ? `the load stopped ${formatDuration(missingUs)} before it was told to` : null
}

function findEmptyPhases({ evidence: { requests }, phases }: ClaimInput): string[] {
  const sent = phases.map(() => 0)
  const addToPhase = (dueUs: number, many: number): void => {
    const place = phases.findIndex(({ fromUs, toUs }) => fromUs <= dueUs && dueUs < toUs)
    if (place >= 0) sent[place]! += many
  }
  for (let index = 0; index < requests.size; index++) if (requests.wasSent(index)) addToPhase(requests.dueUs(index), 1)
  for (const { dueUs, count: many } of requests.aggregated.cells) addToPhase(dueUs, many)
  return phases
    .filter((_, place) => sent[place] === 0)
    .map(({ phase }) => `no request was sent ${phase} the disruption`)
}

/** Undisturbed load after the disruption starts over with each loss, up to this multiple of its duration, see run.ts. */
const maxQuietFactor = 3
/** How much longer than planned a phase may be: a harness that does not get a processor in time disrupts and stops late. */
const maxLengtheningUs = 1_000_000

function findWrongPhases({ plan, evidence, losses }: ClaimInput, stopUs: number): string[] {
  const { beforeMs, afterMs } = computeUndisturbed(plan.scenario.steps)
  const getStepUs = (step: 'load-begin' | 'disrupt-begin' | 'old-pods-gone'): number =>
    findStepUs(evidence, step) ?? NaN
  const goneUs = getStepUs('old-pods-gone')
  const lastLossUs = losses.reduce((last, { request }) => Math.max(last, request.settledUs), goneUs)
  const quietUs = Math.min(maxQuietFactor * afterMs * 1000, lastLossUs - goneUs + afterMs * 1000)
  const lengths = [
    {
      phase: 'before',
      leastUs: beforeMs * 1000,
      mostUs: beforeMs * 1000,
      tookUs: getStepUs('disrupt-begin') - getStepUs('load-begin'),
    },
    { phase: 'after', leastUs: afterMs * 1000, mostUs: quietUs, tookUs: stopUs - goneUs },
  ]
  return lengths
    .filter(({ leastUs, mostUs, tookUs }) => tookUs < leastUs - maxShorteningUs || tookUs > mostUs + maxLengtheningUs)
    .map(
      ({ phase, leastUs, tookUs }) =>
        `the load ${phase} the disruption lasted ${formatDuration(tookUs)} of ${formatDuration(leastUs)}`,
    )
}

/** Steady load between disruptions. */
function findWrongWaits({ plan, evidence }: ClaimInput): string[] {
  const { steps } = plan.scenario
  const { spans } = findStepSpans(steps, evidence)
  return flattenNodes(splitSteps(steps).during).flatMap(({ number, step }) => {
    const span = spans?.get(number)
    if (step.kind !== 'steady' || !span) return []
    const tookUs = span.toUs - span.fromUs
    const leastUs = step.forMs * 1000
    if (tookUs >= leastUs - maxShorteningUs && tookUs <= leastUs + maxLengtheningUs) return []
    return [`${formatStep(span)} lasted ${formatDuration(tookUs)}`]
  })
}
