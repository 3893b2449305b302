/** The drivers' clocks are known precisely enough for the conclusions about them. */
import type { RecordOf } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { findLoadStopUs } from '../figures/phases.ts'
import { computeServedLags } from '../servers/served-lag.ts'
import type { ServedLag } from '../servers/served-lag.ts'
import { formatDuration } from '../../base/figures.ts'
import type { ClaimInput, Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

/** Losses are reported tens of ms after a signal, and up to seconds after a deletion: a larger error blurs both. */
const maxClockErrorUs = 100_000
/** The rates of two clocks differ by at most 500 ppm each, see load/client/clock-offset.ts. */
const maxDriftPerUs = 1e-3
/** Clocks are compared every five seconds, but not while the API server is unreachable. */
const maxSilenceUs = 60_000_000
/** A server writes its line when it has answered; the client gets the last byte later by the way of the answer. */
const maxLineOffsetUs = 250_000

export const clocksTrusted: Claim = {
  name: 'clocks-trusted',
  says: 'The drivers’ clocks can be trusted',
  evidence:
    '`clock` of each driver: offset and error bar, at the beginning and every five seconds; when servers logged the requests',
  tolerance: `an error bar of ${formatDuration(maxClockErrorUs)}; offsets that differ by no more than their error bars and 1 ms for each second; each server’s lines within ${formatDuration(maxLineOffsetUs)} and their error bars of the answers, where they are not written in batches: a loss is told to come tens of ms after a signal`,
  conclusions: ['none-lost', 'whose'],
  disturbance: true,
  check: (run) => {
    const { evidence, plan } = run
    const clocks = evidence.seen.clock
    const worst = clocks.reduce<number | null>((most, one) => Math.max(most ?? 0, one.errorUs), null)
    const drivers = Array.from({ length: plan.drivers }, (_, driver) => clocks.filter((one) => one.driver === driver))
    const lag = findWorstLag(evidence)
    return toClaimCheck(
      [
        ...drivers.map((own, driver) => findClockProblem(own, formatDriverClock(driver, plan.drivers), run)),
        lag === null || Math.abs(lag.us) <= maxLineOffsetUs + lag.errorUs
          ? null
          : `by the log of ${lag.pod} requests were answered ${formatDuration(Math.abs(lag.us))} ${lag.us > 0 ? 'earlier' : 'later'} than by the drivers’ clocks`,
      ],
      [
        createFigure('largest error bar', 'us', worst, maxClockErrorUs),
        createFigure(
          'answers against the servers’ lines',
          'us',
          lag === null ? null : Math.abs(lag.us),
          lag === null ? null : maxLineOffsetUs + lag.errorUs,
        ),
      ],
    )
  },
}

/** The server log that deviates most from the clients, relative to its error. */
function findWorstLag(evidence: Evidence): ServedLag | null {
  const computeExcessUs = ({ us, errorUs }: ServedLag): number => Math.abs(us) - errorUs
  return computeServedLags(evidence).reduce<ServedLag | null>(
    (worst, lag) => (worst === null || computeExcessUs(lag) > computeExcessUs(worst) ? lag : worst),
    null,
  )
}

function findClockProblem(own: readonly RecordOf<'clock'>[], name: string, { evidence }: ClaimInput): string | null {
  if (own.length === 0) return `the clock of ${name} was never compared`
  const worst = own.reduce((most, one) => Math.max(most, one.errorUs), 0)
  if (worst > maxClockErrorUs) return `the clock of ${name} is known to ±${formatDuration(worst)} only`
  const stepped = own.find((one, place) => place > 0 && isStep(own[place - 1]!, one))
  if (stepped) return `the clock of ${name} was set while the load went on, or what was read of it is wrong`
  const silent = computeLongestSilenceUs(own, evidence)
  return silent > maxSilenceUs ? `the clock of ${name} was not compared for ${formatDuration(silent)}` : null
}

function isStep(before: RecordOf<'clock'>, after: RecordOf<'clock'>): boolean {
  const driftUs = maxDriftPerUs * Math.max(0, after.t - before.t)
  return Math.abs(after.offsetUs - before.offsetUs) > before.errorUs + after.errorUs + driftUs
}

function computeLongestSilenceUs(own: readonly RecordOf<'clock'>[], evidence: Evidence): number {
  const times = [...own.map(({ t }) => t), findLoadStopUs(evidence)]
  return times.reduce((longest, t, place) => (place === 0 ? 0 : Math.max(longest, t - times[place - 1]!)), 0)
}

function formatDriverClock(driver: number, drivers: number): string {
  return drivers === 1 ? 'the load driver' : `load driver ${driver + 1} of ${drivers}`
}
