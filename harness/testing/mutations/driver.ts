/** Damage to what drivers say of themselves: their beginnings and ends, how they kept up, and their clocks. */
import {
  allButLosses,
  blame,
  changedOf,
  disruption,
  every,
  everything,
  isIn,
  leavingLosses,
  one,
  othersLost,
} from './mutation.ts'
import type { Mutation, RunLog } from './mutation.ts'

const ofEnds: readonly Mutation[] = [
  {
    name: 'drop the beginning',
    touches: 'the log: it does not say whose it is',
    voids: everything,
    damage: (log) => changedOf(log, 'begin', () => null),
  },
  {
    name: 'repeat the beginning',
    touches: 'the log: it is of two runs',
    voids: everything,
    damage: (log) => changedOf(log, 'begin', (begin) => [begin, begin]),
  },
  {
    name: 'give the log to another run',
    touches: 'the log: it is of another run than the plan',
    voids: everything,
    damage: (log) => changedOf(log, 'begin', (begin) => ({ ...begin, runId: `${begin.runId}-2` })),
  },
  {
    name: 'change the digest of the plan',
    touches: 'the log: it is of another plan',
    voids: everything,
    damage: (log) => changedOf(log, 'begin', (begin) => ({ ...begin, planDigest: '0'.repeat(64) })),
  },
  {
    name: 'drop the digest of the plan',
    touches: 'the log: it does not say which plan was carried out',
    voids: everything,
    damage: (log) => changedOf(log, 'begin', (begin) => ({ ...begin, planDigest: null })),
  },
  {
    name: 'drop a driver’s end',
    touches: 'the ledger: nobody knows what it had planned',
    voids: everything,
    damage(log, random) {
      const gone = one(every(log, 'end'), random)
      return changedOf(log, 'end', (end) => (end === gone ? null : end))
    },
  },
  {
    name: 'repeat a driver’s end',
    touches: 'the ledger: it ended twice',
    voids: everything,
    damage(log, random) {
      const again = one(every(log, 'end'), random)
      return changedOf(log, 'end', (end) => (end === again ? [end, end] : end))
    },
  },
  {
    name: 'give a driver’s end to another',
    touches: 'the ledger: nobody knows what the first had planned',
    voids: everything,
    damage: (log) => changedOf(log, 'end', (end) => ({ ...end, driver: end.driver + 1 })),
  },
  {
    name: 'plan one request more at the end',
    touches: 'the ledger: it does not balance',
    voids: everything,
    damage: (log) => changedOf(log, 'end', (end) => ({ ...end, planned: end.planned + 1 })),
  },
  {
    name: 'plan one request fewer at the end',
    touches: 'the ledger: it does not balance',
    voids: everything,
    damage: (log) => changedOf(log, 'end', (end) => ({ ...end, planned: end.planned - 1 })),
  },
  {
    name: 'say at the end that the driver was lost',
    touches: 'the ledger: what it did not tell is not known',
    voids: everything,
    damage: (log) => changedOf(log, 'end', (end) => ({ ...end, lost: 'the driver’s pod was gone' })),
  },
]

const health = (log: RunLog, change: (health: Health, t: number) => Partial<Health>): RunLog =>
  changedOf(log, 'driver', (record) => ({
    ...record,
    health: { ...record.health, ...change(record.health, record.t) },
  }))
type Health = ReturnType<typeof every<'driver'>>[number]['health']

const ofHealth: readonly Mutation[] = [
  {
    name: 'drop all that drivers say of how they kept up',
    touches: 'the drivers’ reports: nothing shows that they were there in time',
    voids: allButLosses,
    damage: (log) => changedOf(log, 'driver', () => null),
  },
  {
    name: 'drop what drivers say of how they kept up in the disruption',
    touches: 'the drivers’ reports: nothing shows that they were there in time while pods ended',
    voids: othersLost,
    damage(log) {
      const span = disruption(log)
      return changedOf(log, 'driver', (record) => (isIn(span, record.t) ? null : record))
    },
  },
  {
    name: 'say that a driver stood still for 0.9 s in the disruption',
    touches: 'the drivers’ reports: they contradict the instants at which requests were sent',
    voids: othersLost,
    damage(log, random) {
      const span = disruption(log)
      const still = one(
        every(log, 'driver').filter(({ t }) => isIn(span, t)),
        random,
      )
      return changedOf(log, 'driver', (record) =>
        record === still ? { ...record, health: { ...record.health, loopDelayMaxUs: 900_000 } } : record,
      )
    },
  },
  {
    name: 'say that a driver had no time to spare',
    touches: 'the drivers’ reports: latencies are theirs',
    voids: allButLosses,
    damage: (log) => health(log, () => ({ cpuShare: 0.99 })),
  },
]

const ofReports: readonly Mutation[] = [
  {
    name: 'say in a driver’s report that it had planned more than it did by its end',
    touches: 'the ledger: requests are missing that the driver knew of',
    voids: everything,
    damage: (log) => health(log, ({ planned, inFlight }) => ({ planned: planned + 50, inFlight: inFlight + 50 })),
  },
  {
    name: 'say in a driver’s reports that fewer requests had ended than the log has',
    touches: 'the ledger: in its reports planned, ended and in flight do not agree',
    voids: everything,
    damage: (log) => health(log, ({ settled }) => ({ settled: Math.floor(settled / 2) })),
  },
]

const ofClocks: readonly Mutation[] = [
  {
    name: 'drop all that is known of the clocks',
    touches: 'the clocks: no instant can be trusted',
    voids: blame,
    damage: (log) => changedOf(log, 'clock', () => null),
  },
  {
    name: 'drop what is known of one driver’s clock',
    touches: 'the clocks: none of its instants can be trusted',
    voids: blame,
    damage: (log) => changedOf(log, 'clock', (record) => (record.driver === 0 ? null : record)),
  },
  {
    name: 'set a clock by 5 s in the middle',
    touches: 'the clocks: one was set while the load went on',
    voids: blame,
    damage(log) {
      const { fromUs, toUs } = disruption(log)
      return changedOf(log, 'clock', (record) =>
        record.t > (fromUs + toUs) / 2 ? { ...record, offsetUs: record.offsetUs + 5_000_000 } : record,
      )
    },
  },
  {
    name: 'set a clock by 50 ms and back',
    touches: 'the clocks: one was set while the load went on',
    voids: blame,
    damage(log, random) {
      const set = one(every(log, 'clock').slice(1), random)
      return set === null
        ? null
        : changedOf(log, 'clock', (record) => (record === set ? { ...set, offsetUs: set.offsetUs + 50_000 } : record))
    },
  },
  {
    name: 'widen a clock’s error to 1 s',
    touches: 'the clocks: no instant is known to a second',
    voids: blame,
    damage: (log) => changedOf(log, 'clock', (record) => ({ ...record, errorUs: 1_000_000 })),
  },
  {
    name: 'let a clock drift by 2 %',
    touches: 'the clocks: one runs at another rate',
    voids: blame,
    damage: (log) =>
      changedOf(log, 'clock', (record) => ({ ...record, offsetUs: record.offsetUs + Math.floor(record.t / 50) })),
  },
]

export const ofDrivers: readonly Mutation[] = [...ofEnds, ...ofReports, ...leavingLosses([...ofHealth, ...ofClocks])]
