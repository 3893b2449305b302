/** Damage to the drivers' reports: their beginnings and ends, how they kept up, and their clocks. */
import {
  conclusionsButLosses,
  lossBlame,
  mapRecordsOfType,
  getDisruptionSpan,
  listRecords,
  allConclusions,
  isIn,
  markLossesStand,
  pickOne,
  lossCounts,
} from './mutation.ts'
import type { Mutation, RunLog } from './mutation.ts'

function changePlanDigests(log: RunLog, planDigest: string): RunLog {
  const begun = mapRecordsOfType(log, 'begin', (begin) => ({ ...begin, planDigest }))
  return mapRecordsOfType(begun, 'deployed', (deployed) => ({ ...deployed, planDigest }))
}

const endMutations: readonly Mutation[] = [
  {
    name: 'drop the beginning',
    touches: 'the log: it does not say whose it is',
    voids: allConclusions,
    damage: (log) => mapRecordsOfType(log, 'begin', () => null),
  },
  {
    name: 'repeat the beginning',
    touches: 'the log: it is of two runs',
    voids: allConclusions,
    damage: (log) => mapRecordsOfType(log, 'begin', (begin) => [begin, begin]),
  },
  {
    name: 'give the log to another run',
    touches: 'the log: it is of another run than the plan',
    voids: allConclusions,
    damage: (log) => mapRecordsOfType(log, 'begin', (begin) => ({ ...begin, runId: `${begin.runId}-2` })),
  },
  {
    name: 'change the digest of the plan',
    touches: 'the log: it is of another plan',
    voids: allConclusions,
    damage: (log) => changePlanDigests(log, '0'.repeat(64)),
  },
  {
    name: 'drop the digest of the plan',
    touches: 'the log: it does not say which plan was carried out',
    voids: allConclusions,
    damage: (log) => mapRecordsOfType(log, 'begin', (begin) => ({ ...begin, planDigest: null })),
  },
  {
    name: 'drop a driver’s end',
    touches: 'the ledger: it is unknown what it had planned',
    voids: allConclusions,
    damage(log, random) {
      const gone = pickOne(listRecords(log, 'end'), random)
      return mapRecordsOfType(log, 'end', (end) => (end === gone ? null : end))
    },
  },
  {
    name: 'repeat a driver’s end',
    touches: 'the ledger: it ended twice',
    voids: allConclusions,
    damage(log, random) {
      const again = pickOne(listRecords(log, 'end'), random)
      return mapRecordsOfType(log, 'end', (end) => (end === again ? [end, end] : end))
    },
  },
  {
    name: 'give a driver’s end to another',
    touches: 'the ledger: it is unknown what the first had planned',
    voids: allConclusions,
    damage: (log) => mapRecordsOfType(log, 'end', (end) => ({ ...end, driver: end.driver + 1 })),
  },
  {
    name: 'plan one request more at the end',
    touches: 'the ledger: it does not balance',
    voids: allConclusions,
    damage: (log) => mapRecordsOfType(log, 'end', (end) => ({ ...end, planned: end.planned + 1 })),
  },
  {
    name: 'plan one request fewer at the end',
    touches: 'the ledger: it does not balance',
    voids: allConclusions,
    damage: (log) => mapRecordsOfType(log, 'end', (end) => ({ ...end, planned: end.planned - 1 })),
  },
  {
    name: 'say at the end that the driver was lost',
    touches: 'the ledger: what it did not tell is not known',
    voids: allConclusions,
    damage: (log) => mapRecordsOfType(log, 'end', (end) => ({ ...end, lost: 'the driver’s pod was gone' })),
  },
]

const changeHealth = (log: RunLog, change: (health: Health, t: number) => Partial<Health>): RunLog =>
  mapRecordsOfType(log, 'driver', (record) => ({
    ...record,
    health: { ...record.health, ...change(record.health, record.t) },
  }))
type Health = ReturnType<typeof listRecords<'driver'>>[number]['health']

const healthMutations: readonly Mutation[] = [
  {
    name: 'drop all that drivers say of how they kept up',
    touches: 'the drivers’ reports: nothing shows that they were there in time',
    voids: conclusionsButLosses,
    damage: (log) => mapRecordsOfType(log, 'driver', () => null),
  },
  {
    name: 'drop what drivers say of how they kept up in the disruption',
    touches: 'the drivers’ reports: nothing shows that they were there in time while pods ended',
    voids: lossCounts,
    damage(log) {
      const span = getDisruptionSpan(log)
      return mapRecordsOfType(log, 'driver', (record) => (isIn(span, record.t) ? null : record))
    },
  },
  {
    name: 'say that a driver stood still for 0.9 s in the disruption',
    touches: 'the drivers’ reports: they contradict the instants at which requests were sent',
    voids: lossCounts,
    damage(log, random) {
      const span = getDisruptionSpan(log)
      const still = pickOne(
        listRecords(log, 'driver').filter(({ t }) => isIn(span, t)),
        random,
      )
      return mapRecordsOfType(log, 'driver', (record) =>
        record === still ? { ...record, health: { ...record.health, loopDelayMaxUs: 900_000 } } : record,
      )
    },
  },
  {
    name: 'say that a driver had no time to spare',
    touches: 'the drivers’ reports: latencies are theirs',
    voids: conclusionsButLosses,
    damage: (log) => changeHealth(log, () => ({ cpuShare: 0.99 })),
  },
]

const reportMutations: readonly Mutation[] = [
  {
    name: 'say in a driver’s report that it had planned more than it did by its end',
    touches: 'the ledger: requests are missing that the driver knew of',
    voids: allConclusions,
    damage: (log) => changeHealth(log, ({ planned, inFlight }) => ({ planned: planned + 50, inFlight: inFlight + 50 })),
  },
  {
    name: 'say in a driver’s reports that fewer requests had ended than the log has',
    touches: 'the ledger: in its reports planned, ended and in flight do not agree',
    voids: allConclusions,
    damage: (log) => changeHealth(log, ({ settled }) => ({ settled: Math.floor(settled / 2) })),
  },
]

const clockMutations: readonly Mutation[] = [
  {
    name: 'drop all that is known of the clocks',
    touches: 'the clocks: no instant can be trusted',
    voids: lossBlame,
    damage: (log) => mapRecordsOfType(log, 'clock', () => null),
  },
  {
    name: 'drop what is known of one driver’s clock',
    touches: 'the clocks: none of its instants can be trusted',
    voids: lossBlame,
    damage: (log) => mapRecordsOfType(log, 'clock', (record) => (record.driver === 0 ? null : record)),
  },
  {
    name: 'set a clock by 5 s in the middle',
    touches: 'the clocks: one was set while the load went on',
    voids: lossBlame,
    damage(log) {
      const { fromUs, toUs } = getDisruptionSpan(log)
      return mapRecordsOfType(log, 'clock', (record) =>
        record.t > (fromUs + toUs) / 2 ? { ...record, offsetUs: record.offsetUs + 5_000_000 } : record,
      )
    },
  },
  {
    name: 'set a clock by 50 ms and back',
    touches: 'the clocks: one was set while the load went on',
    voids: lossBlame,
    damage(log, random) {
      const set = pickOne(listRecords(log, 'clock').slice(1), random)
      return set === null
        ? null
        : mapRecordsOfType(log, 'clock', (record) =>
            record === set ? { ...set, offsetUs: set.offsetUs + 50_000 } : record,
          )
    },
  },
  {
    name: 'widen a clock’s error to 1 s',
    touches: 'the clocks: no instant is known to a second',
    voids: lossBlame,
    damage: (log) => mapRecordsOfType(log, 'clock', (record) => ({ ...record, errorUs: 1_000_000 })),
  },
  {
    name: 'let a clock drift by 2 %',
    touches: 'the clocks: one runs at another rate',
    voids: lossBlame,
    damage: (log) =>
      mapRecordsOfType(log, 'clock', (record) => ({
        ...record,
        offsetUs: record.offsetUs + Math.floor(record.t / 50),
      })),
  },
]

export const driverMutations: readonly Mutation[] = [
  ...endMutations,
  ...reportMutations,
  ...markLossesStand([...healthMutations, ...clockMutations]),
]
