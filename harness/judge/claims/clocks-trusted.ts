/** The drivers' clocks are known as well as what is told by them needs. */
import type { RecordOf } from '../facts/evidence.ts'
import type { Evidence } from '../facts/evidence.ts'
import { phaseEndUs } from '../figures/phases.ts'
import { servedLags } from '../servers/served-lag.ts'
import type { ServedLag } from '../servers/served-lag.ts'
import { duration } from '../figures/wording.ts'
import type { Case, Claim } from './claim.ts'
import { figure, finding } from './claim.ts'

/** Losses are told to come tens of ms after a signal, and up to seconds after a deletion: an error bar beyond this blurs both. */
const errorUs = 100_000
/** The rates of two clocks differ by 500 ppm each at most, see load/clock-offset.ts. */
const driftPerUs = 1e-3
/** Clocks are compared every five seconds, and while an API server is out of reach not at all. */
const unknownUs = 60_000_000
/** A server writes its line when it has answered: between that and the client's last byte there is the way of the answer. */
const lineUs = 250_000

export const clocksTrusted: Claim = {
  name: 'clocks-trusted',
  says: 'The drivers’ clocks can be trusted',
  evidence:
    '`clock` of each driver: offset and error bar, at the beginning and every five seconds; when servers logged the requests',
  tolerance: `an error bar of ${duration(errorUs)}; offsets that differ by no more than their error bars and 1 ms for each second; each server’s lines within ${duration(lineUs)} and their error bars of the answers, where they are not written in batches: a loss is told to come tens of ms after a signal`,
  conclusions: ['none-lost', 'whose'],
  disturbance: true,
  hold: (run) => {
    const { evidence, plan } = run
    const clocks = evidence.seen.clock
    const worst = clocks.reduce<number | null>((most, one) => Math.max(most ?? 0, one.errorUs), null)
    const drivers = Array.from({ length: plan.drivers }, (_, driver) => clocks.filter((one) => one.driver === driver))
    const lag = worstLag(evidence)
    return finding(
      [
        ...drivers.map((own, driver) => clockSays(own, nameOf(driver, plan.drivers), run)),
        lag === null || Math.abs(lag.us) <= lineUs + lag.errorUs
          ? null
          : `by the log of ${lag.pod} requests were answered ${duration(Math.abs(lag.us))} ${lag.us > 0 ? 'earlier' : 'later'} than by the drivers’ clocks`,
      ],
      [
        figure('largest error bar', 'us', worst, errorUs),
        figure(
          'answers against the servers’ lines',
          'us',
          lag === null ? null : Math.abs(lag.us),
          lag === null ? null : lineUs + lag.errorUs,
        ),
      ],
    )
  },
}

/** Of the servers’ logs the one that is furthest from the clients, beside its error bar. */
function worstLag(evidence: Evidence): ServedLag | null {
  const beyond = ({ us, errorUs }: ServedLag): number => Math.abs(us) - errorUs
  return servedLags(evidence).reduce<ServedLag | null>(
    (worst, lag) => (worst === null || beyond(lag) > beyond(worst) ? lag : worst),
    null,
  )
}

function clockSays(own: readonly RecordOf<'clock'>[], name: string, { evidence }: Case): string | null {
  if (own.length === 0) return `the clock of ${name} was never compared`
  const worst = own.reduce((most, one) => Math.max(most, one.errorUs), 0)
  if (worst > errorUs) return `the clock of ${name} is known to ±${duration(worst)} only`
  const stepped = own.find((one, place) => place > 0 && isStep(own[place - 1]!, one))
  if (stepped) return `the clock of ${name} was set while the load went on, or what was read of it is wrong`
  const silent = longestSilence(own, evidence)
  return silent > unknownUs ? `the clock of ${name} was not compared for ${duration(silent)}` : null
}

function isStep(before: RecordOf<'clock'>, after: RecordOf<'clock'>): boolean {
  const driftUs = driftPerUs * Math.max(0, after.t - before.t)
  return Math.abs(after.offsetUs - before.offsetUs) > before.errorUs + after.errorUs + driftUs
}

function longestSilence(own: readonly RecordOf<'clock'>[], evidence: Evidence): number {
  const times = [...own.map(({ t }) => t), phaseEndUs(evidence)]
  return times.reduce((longest, t, place) => (place === 0 ? 0 : Math.max(longest, t - times[place - 1]!)), 0)
}

function nameOf(driver: number, drivers: number): string {
  return drivers === 1 ? 'the load driver' : `load driver ${driver + 1} of ${drivers}`
}
