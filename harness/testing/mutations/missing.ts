/** Removes requests from a log. */
import { lanes } from '../../model/plan.ts'
import type { RequestRecord } from '../../model/record.ts'
import { pickEarlyRequest, pickSpan } from './pick.ts'
import {
  conclusionsButLosses,
  mapRecordsOfType,
  mapRequests,
  allConclusions,
  isIn,
  pickOne,
  listRequests,
  findStepUs,
} from './mutation.ts'
import type { Mutation, RunLog, Span } from './mutation.ts'
import { removeRequests } from './remove-requests.ts'
import type { Renumbering } from './remove-requests.ts'

const isSame = (request: RequestRecord | null) => (other: RequestRecord) => other === request

const dropSpan = (log: RunLog, span: Span | null, how: Renumbering = {}): RunLog | null =>
  span === null ? null : removeRequests(log, ({ dueUs }) => isIn(span, dueUs), how)

export const missingMutations: readonly Mutation[] = [
  {
    name: 'drop a request',
    touches: 'the ledger: what became of it is not known',
    voids: allConclusions,
    damage(log, random) {
      const gone = pickEarlyRequest(log, random)
      return mapRequests(log, (request) => (request === gone ? null : request))
    },
  },
  {
    name: 'drop a request, and plan one fewer at the end',
    touches: 'the ledger: another number than the last is missing',
    voids: allConclusions,
    damage(log, random) {
      const gone = pickEarlyRequest(log, random)
      const short = mapRequests(log, (request) => (request === gone ? null : request))
      return mapRecordsOfType(short, 'end', (end) => ({
        ...end,
        planned: end.planned - (end.driver === gone?.driver ? 1 : 0),
      }))
    },
  },
  {
    name: 'drop the last five requests, and plan five fewer at the end',
    touches: 'the ledger: the driver reported more while it went on than it planned in the end',
    voids: allConclusions,
    damage(log) {
      const own = listRequests(log)
        .filter(({ driver }) => driver === 0)
        .toSorted((a, b) => b.seq - a.seq)
        .slice(0, 5)
      const last = new Set(own)
      return removeRequests(log, (request) => last.has(request))
    },
  },
  {
    name: 'drop a request and renumber those after it',
    touches: 'the schedule: each later one is in the place of another',
    voids: conclusionsButLosses,
    damage: (log, random) => removeRequests(log, isSame(pickEarlyRequest(log, random))),
  },
  {
    name: 'drop a request, renumber those after it and deal their lanes anew',
    touches: 'the schedule: each later one is due an interval late',
    voids: conclusionsButLosses,
    damage: (log, random) => removeRequests(log, isSame(pickEarlyRequest(log, random)), { lanes: true }),
  },
  {
    name: 'drop a request everywhere, in the servers’ logs too, and deal the lanes anew',
    touches: 'the schedule: each later one is due an interval late',
    voids: conclusionsButLosses,
    damage: (log, random) =>
      removeRequests(log, isSame(pickEarlyRequest(log, random)), { lanes: true, thorough: true }),
  },
  {
    name: 'drop nine of ten requests and renumber the rest',
    touches: 'the rate: a tenth of what was asked for is in the log',
    voids: conclusionsButLosses,
    damage: (log) => removeRequests(log, ({ seq }) => seq % 10 !== 0),
  },
  {
    name: 'plan a tenth of the rate',
    touches: 'the rate: the load is a tenth of what was asked for, as a driver with another plan would have it',
    voids: conclusionsButLosses,
    damage(log) {
      const { drivers } = log.plan
      return removeRequests(log, ({ seq, driver }) => ((seq - driver) / drivers) % 10 !== 0, {
        lanes: true,
        thorough: true,
      })
    },
  },
  {
    name: 'drop 3.9 s of requests in the middle of the disruption and renumber the rest',
    touches: 'the schedule: nothing was due for 3.9 s, while pods were ending',
    voids: conclusionsButLosses,
    damage: (log, random) => dropSpan(log, pickSpan(log, 3_900_000, random)),
  },
  {
    name: 'drop 3.9 s of requests everywhere and deal the lanes anew',
    touches: 'the schedule: nothing was due for 3.9 s, while pods were ending',
    voids: conclusionsButLosses,
    damage: (log, random) => dropSpan(log, pickSpan(log, 3_900_000, random), { lanes: true, thorough: true }),
  },
  {
    name: 'drop a window of 100 ms and renumber the rest',
    touches: 'the schedule: nothing was due for 100 ms, while pods were ending',
    voids: conclusionsButLosses,
    damage: (log, random) => dropSpan(log, pickSpan(log, 100_000, random), { lanes: true, thorough: true }),
  },
  {
    name: 'drop every window of 100 ms in each second and renumber the rest',
    touches: 'the schedule: nothing was due for a tenth of the time',
    voids: conclusionsButLosses,
    damage: (log) => removeRequests(log, ({ dueUs }) => dueUs % 1_000_000 < 100_000, { lanes: true, thorough: true }),
  },
  {
    name: 'drop a lane and renumber the rest',
    touches: 'the lanes: one kind of client was not there',
    voids: conclusionsButLosses,
    damage(log, random) {
      const lane = pickOne(lanes.slice(0, -1), random)
      return removeRequests(log, (request) => request.lane === lane)
    },
  },
  {
    name: 'drop what was due before the disruption and renumber the rest',
    touches: 'the phase before: it is unknown how the workload was without a disruption',
    voids: conclusionsButLosses,
    damage(log) {
      const beginUs = findStepUs(log, 'disrupt-begin')
      return removeRequests(log, ({ dueUs }) => dueUs < beginUs, { lanes: true, thorough: true })
    },
  },
  {
    name: 'drop what was due in the last 2 s',
    touches: 'the phase after: the load ended before it was told to',
    voids: conclusionsButLosses,
    damage(log) {
      const stopUs = findStepUs(log, 'load-stop')
      return removeRequests(log, ({ dueUs }) => dueUs > stopUs - 2_000_000, { thorough: true })
    },
  },
]
