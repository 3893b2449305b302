/** Requests were sent while pods were ending: what happens to a pod while none is sent is not seen. */
import type { LoadPlan } from '../../model/plan.ts'
import type { PodTimeline } from '../../model/result.ts'
import { SendCoverage } from '../facts/send-coverage.ts'
import type { SendGap } from '../facts/send-coverage.ts'
import { findStepUs } from '../facts/evidence.ts'
import { computeMeanHealth } from '../figures/driver-overload.ts'
import type { RequestTable } from '../facts/request-table.ts'
import { findStopBegunUs } from '../pods/pod-moments.ts'
import type { Span } from '../pods/presence.ts'
import { formatDuration, formatPercent } from '../../base/figures.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'
import { aftermathUs } from './losses-caused.ts'

/**
 * Even a driver that is on time can miss an outage shorter than the interval between two requests. A gap of this many planned intervals, or
 * the fixed pause, is no worse than that: at 200 requests/s one pod of three gets a new connection every 30 ms, and a pause of 100 ms would
 * have hidden three of them.
 */
const maxPlannedIntervals = 4
const maxPauseUs = 100_000
/** Actions on a pod's containers may be known this long before its deletion. */
const leadUs = 500_000

/** Drivers report with each batch of records, ten times a second; if an API server is unreachable for longer there is also a gap. */
const maxReportSilenceUs = 5_000_000
/** Above this a driver has no time left to be punctual. */
const maxCpuShare = 0.95
/** Of this many requests at least one is taken up a microsecond late. */
const minExactRate = 100

export const disruptionCovered: Claim = {
  name: 'disruption-covered',
  says: 'Requests went out, and in time, all the while that pods were ending',
  evidence:
    'when each request was due and sent, from the first deletion to the last old pod’s end and shortly after it, and around the end of each pod; each `driver` in that time',
  tolerance: `no stretch without a sending, and no send lag, longer than ${formatDuration(maxPauseUs)} and ${maxPlannedIntervals} of the plan’s own: a shorter outage may be missed by a driver that is on time as well`,
  conclusions: ['none-lost', 'how-many'],
  disturbance: true,
  check: (run) => {
    const allowedUs = computeAllowedUs(run.plan.scenario.load)
    const stretch = findDisruptedSpan(run)
    if (stretch === null) return toClaimCheck([])
    const coverage = new SendCoverage(run.evidence.requests, run.plan.scenario.load)
    const whole = coverage.findLongestGap(stretch)
    const worst = findWorstPodEnd(run.pods, coverage, stretch)
    const late = findLatestSending(run.evidence.requests, stretch)
    const reports = collectDriverReports(run, stretch)
    const around = worst === null ? null : `around the end of ${worst.pod}`
    return toClaimCheck(
      [
        worst === null || worst.us <= allowedUs ? null : formatGap(worst, stretch, around ?? ''),
        whole.us <= allowedUs || whole.fromUs === worst?.fromUs
          ? null
          : formatGap(whole, stretch, 'during the disruption'),
        findLateSending(late, stretch, allowedUs),
        ...findReportProblems(run, reports, allowedUs),
        (run.load.sendLag.p99Us ?? 0) <= allowedUs
          ? null
          : `driver overloaded: 1 % of the requests were sent ${formatDuration(run.load.sendLag.p99Us ?? 0)} or more after they were due`,
      ],
      [
        createFigure('longest stretch without a sending, in the disruption', 'us', whole.us, allowedUs),
        createFigure('longest around a pod’s end', 'us', worst?.us ?? null, allowedUs),
        createFigure('longest send lag in the disruption', 'us', late.us, allowedUs),
        createFigure('longest time without a report of a driver', 'us', reports.silentUs, maxReportSilenceUs),
        createFigure('longest time for which a driver stood still, by its reports', 'us', reports.stillUs, allowedUs),
        createFigure('share of a core used in the disruption', 'share', reports.cpuShare, maxCpuShare),
        createFigure('p99 of the send lag over the run', 'us', run.load.sendLag.p99Us, allowedUs),
      ],
    )
  },
}

interface DriverReports {
  /** The longest time without a report, of any driver. */
  silentUs: number
  /** The longest time for which a driver's event loop was blocked. */
  stillUs: number
  cpuShare: number
}

function collectDriverReports({ plan, evidence }: ClaimInput, { fromUs, toUs }: Span): DriverReports {
  const reports = evidence.seen.driver
  const silent = Array.from({ length: plan.drivers }, (_, driver) => {
    const times = reports.flatMap((one) => (one.driver === driver && fromUs < one.t && one.t < toUs ? [one.t] : []))
    return [...times, toUs].reduce(
      (longest, t, place) => Math.max(longest, t - (place === 0 ? fromUs : times[place - 1]!)),
      0,
    )
  })
  const stillUs = reports.reduce(
    (most, { t, health }) => (fromUs < t && t < toUs ? Math.max(most, health.loopDelayMaxUs) : most),
    0,
  )
  const cpuShare = computeMeanHealth(evidence, [{ phase: 'during', fromUs, toUs }], 'cpuShare')
  return { silentUs: Math.max(...silent), stillUs, cpuShare }
}

/** The driver's own reports on whether it was on time, in addition to its requests; in a closed loop requests wait for it by design. */
function findReportProblems(
  { plan, load, evidence }: ClaimInput,
  reports: DriverReports,
  allowedUs: number,
): (string | null)[] {
  const { closedLoop } = plan.scenario.load
  const isExact =
    load.ledger.sent >= minExactRate && load.sendLag.maxUs === 0 && evidence.requests.aggregated.size === 0
  return [
    reports.silentUs <= maxReportSilenceUs
      ? null
      : `for ${formatDuration(reports.silentUs)} of the disruption a driver did not report how it kept up`,
    closedLoop || reports.cpuShare <= maxCpuShare
      ? null
      : `driver overloaded: it used ${formatPercent(reports.cpuShare, 1)} of a core during the disruption`,
    closedLoop || reports.stillUs <= allowedUs
      ? null
      : `driver overloaded: by its own report it stood still for ${formatDuration(reports.stillUs)} during the disruption`,
    !closedLoop && isExact
      ? 'the log does not say when requests were sent: each at the very instant at which it was due'
      : null,
  ]
}

/** The longest send lag of a span, and when that request was due. */
function findLatestSending(requests: RequestTable, { fromUs, toUs }: Span): { us: number; dueUs: number } {
  let latest = { us: 0, dueUs: fromUs }
  for (let index = 0; index < requests.size; index++) {
    const [dueUs, us] = [requests.dueUs(index), requests.lagUs(index)]
    if (fromUs <= dueUs && dueUs < toUs && us > latest.us) latest = { us, dueUs }
  }
  return latest
}

function findLateSending(late: { us: number; dueUs: number }, { fromUs }: Span, allowedUs: number): string | null {
  if (late.us <= allowedUs) return null
  const due = `due ${formatDuration(late.dueUs - fromUs)} after the disruption began`
  return `driver overloaded: a request that was ${due} was sent ${formatDuration(late.us)} later`
}

/** For a closed loop: the time without a request in flight, see coverage.ts. */
function computeAllowedUs({ ratePerSecond, closedLoop }: LoadPlan): number {
  return Math.round(maxPauseUs + (closedLoop ? 0 : (maxPlannedIntervals * 1e6) / ratePerSecond))
}

/** `null` where it never began. */
function findDisruptedSpan({ evidence, phases }: ClaimInput): Span | null {
  const fromUs = findStepUs(evidence, 'disrupt-begin')
  const endUs = findStepUs(evidence, 'load-stop') ?? phases.at(-1)?.toUs ?? 0
  const goneUs = findStepUs(evidence, 'old-pods-gone') ?? endUs
  return fromUs === null ? null : { fromUs, toUs: Math.max(fromUs, Math.min(goneUs + aftermathUs, endUs)) }
}

/** The longest gap around any pod's end, and the pod. */
function findWorstPodEnd(
  pods: readonly PodTimeline[],
  coverage: SendCoverage,
  within: Span,
): (SendGap & { pod: string }) | null {
  const ends = pods.filter(({ deletionUs, goneUs }) => deletionUs !== null && goneUs !== null)
  const gaps = ends.map((life) => ({ pod: life.pod, ...coverage.findLongestGap(computePodEndSpan(life, within)) }))
  return gaps.reduce<(SendGap & { pod: string }) | null>(
    (worst, gap) => (worst !== null && worst.us >= gap.us ? worst : gap),
    null,
  )
}

function computePodEndSpan(life: PodTimeline, within: Span): Span {
  const begunUs = Math.min(life.deletionUs ?? Infinity, findStopBegunUs(life, within.fromUs) ?? Infinity) - leadUs
  const goneUs = (life.goneUs ?? within.toUs) + aftermathUs
  return { fromUs: Math.max(within.fromUs, begunUs), toUs: Math.min(within.toUs, goneUs) }
}

function formatGap({ fromUs, us }: SendGap, { fromUs: originUs }: Span, where: string): string {
  const from = fromUs - originUs
  return `no request was sent for ${formatDuration(us)} ${where}, from ${formatDuration(from)} after the disruption began on`
}
