/** Requests that are taken out of a log. */
import { lanes } from '../../model/plan.ts'
import type { RequestRecord } from '../../model/record.ts'
import { early, within } from './pick.ts'
import { allButLosses, changedOf, changedRequests, everything, isIn, one, requestsIn, stepUs } from './mutation.ts'
import type { Mutation, RunLog, Span } from './mutation.ts'
import { without } from './remove-requests.ts'
import type { Renumbering } from './remove-requests.ts'

const is = (request: RequestRecord | null) => (other: RequestRecord) => other === request

const dropIn = (log: RunLog, span: Span | null, how: Renumbering = {}): RunLog | null =>
  span === null ? null : without(log, ({ dueUs }) => isIn(span, dueUs), how)

export const ofMissing: readonly Mutation[] = [
  {
    name: 'drop a request',
    touches: 'the ledger: what became of it is not known',
    voids: everything,
    damage(log, random) {
      const gone = early(log, random)
      return changedRequests(log, (request) => (request === gone ? null : request))
    },
  },
  {
    name: 'drop a request, and plan one fewer at the end',
    touches: 'the ledger: another number than the last is missing',
    voids: everything,
    damage(log, random) {
      const gone = early(log, random)
      const short = changedRequests(log, (request) => (request === gone ? null : request))
      return changedOf(short, 'end', (end) => ({
        ...end,
        planned: end.planned - (end.driver === gone?.driver ? 1 : 0),
      }))
    },
  },
  {
    name: 'drop the last five requests, and plan five fewer at the end',
    touches: 'the ledger: the driver reported more while it went on than it planned in the end',
    voids: everything,
    damage(log) {
      const own = requestsIn(log)
        .filter(({ driver }) => driver === 0)
        .toSorted((a, b) => b.seq - a.seq)
        .slice(0, 5)
      const last = new Set(own)
      return without(log, (request) => last.has(request))
    },
  },
  {
    name: 'drop a request and renumber those after it',
    touches: 'the schedule: each later one is in the place of another',
    voids: allButLosses,
    damage: (log, random) => without(log, is(early(log, random))),
  },
  {
    name: 'drop a request, renumber those after it and deal their lanes anew',
    touches: 'the schedule: each later one is due an interval late',
    voids: allButLosses,
    damage: (log, random) => without(log, is(early(log, random)), { lanes: true }),
  },
  {
    name: 'drop a request everywhere, in the servers’ logs too, and deal the lanes anew',
    touches: 'the schedule: each later one is due an interval late',
    voids: allButLosses,
    damage: (log, random) => without(log, is(early(log, random)), { lanes: true, thorough: true }),
  },
  {
    name: 'drop nine of ten requests and renumber the rest',
    touches: 'the rate: a tenth of what was asked for is in the log',
    voids: allButLosses,
    damage: (log) => without(log, ({ seq }) => seq % 10 !== 0),
  },
  {
    name: 'plan a tenth of the rate',
    touches: 'the rate: the load is a tenth of what was asked for, as a driver with another plan would have it',
    voids: allButLosses,
    damage(log) {
      const { drivers } = log.plan
      return without(log, ({ seq, driver }) => ((seq - driver) / drivers) % 10 !== 0, { lanes: true, thorough: true })
    },
  },
  {
    name: 'drop 3.9 s of requests in the middle of the disruption and renumber the rest',
    touches: 'the schedule: nothing was due for 3.9 s, while pods were ending',
    voids: allButLosses,
    damage: (log, random) => dropIn(log, within(log, 3_900_000, random)),
  },
  {
    name: 'drop 3.9 s of requests everywhere and deal the lanes anew',
    touches: 'the schedule: nothing was due for 3.9 s, while pods were ending',
    voids: allButLosses,
    damage: (log, random) => dropIn(log, within(log, 3_900_000, random), { lanes: true, thorough: true }),
  },
  {
    name: 'drop a window of 100 ms and renumber the rest',
    touches: 'the schedule: nothing was due for 100 ms, while pods were ending',
    voids: allButLosses,
    damage: (log, random) => dropIn(log, within(log, 100_000, random), { lanes: true, thorough: true }),
  },
  {
    name: 'drop every window of 100 ms in each second and renumber the rest',
    touches: 'the schedule: nothing was due for a tenth of the time',
    voids: allButLosses,
    damage: (log) => without(log, ({ dueUs }) => dueUs % 1_000_000 < 100_000, { lanes: true, thorough: true }),
  },
  {
    name: 'drop a lane and renumber the rest',
    touches: 'the lanes: one kind of client was not there',
    voids: allButLosses,
    damage(log, random) {
      const lane = one(lanes.slice(0, -1), random)
      return without(log, (request) => request.lane === lane)
    },
  },
  {
    name: 'drop what was due before the disruption and renumber the rest',
    touches: 'the phase before: nobody knows how the workload was without a disruption',
    voids: allButLosses,
    damage(log) {
      const beginUs = stepUs(log, 'disrupt-begin')
      return without(log, ({ dueUs }) => dueUs < beginUs, { lanes: true, thorough: true })
    },
  },
  {
    name: 'drop what was due in the last 2 s',
    touches: 'the phase after: the load ended before it was told to',
    voids: allButLosses,
    damage(log) {
      const stopUs = stepUs(log, 'load-stop')
      return without(log, ({ dueUs }) => dueUs > stopUs - 2_000_000, { thorough: true })
    },
  },
]
