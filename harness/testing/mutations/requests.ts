/** Damage to the outcomes of requests, and to their pods. */
import { pickEarlyRequest, toUnsent } from './pick.ts'
import {
  conclusionsButLosses,
  mapRecordsOfType,
  mapRequests,
  allConclusions,
  pickOne,
  listRequests,
  pickTwo,
} from './mutation.ts'
import type { Mutation } from './mutation.ts'

export const requestMutations: readonly Mutation[] = [
  {
    name: 'repeat a request',
    touches: 'the ledger: it ended twice',
    voids: allConclusions,
    damage(log, random) {
      const again = pickOne(listRequests(log), random)
      return mapRecordsOfType(log, 'request', (record) => (record.request === again ? [record, record] : record))
    },
  },
  {
    name: 'repeat a request as of another driver',
    touches: 'the ledger: that driver has no such place in the plan',
    voids: allConclusions,
    damage(log, random) {
      const again = pickOne(listRequests(log), random)
      return mapRecordsOfType(log, 'request', (record) =>
        record.request === again ? [record, { ...record, request: { ...again, driver: again.driver + 1 } }] : record,
      )
    },
  },
  {
    name: 'give a request the number of another',
    touches: 'the ledger: one number ended twice, another never',
    voids: allConclusions,
    damage(log, random) {
      const both = pickTwo(listRequests(log), random)
      return both && mapRequests(log, (request) => (request === both[0] ? { ...request, seq: both[1].seq } : request))
    },
  },
  {
    name: 'give requests to a driver that is not in the plan',
    touches: 'the ledger: what this driver planned has no end',
    voids: allConclusions,
    damage: (log) => mapRequests(log, (request) => ({ ...request, driver: request.driver + 7 })),
  },
  {
    name: 'swap the numbers of two requests',
    touches: 'the schedule: each is due at the instant of another',
    voids: conclusionsButLosses,
    damage(log, random) {
      const both = pickTwo(
        listRequests(log).filter(({ driver }) => driver === 0),
        random,
      )
      if (both === null) return null
      const [a, b] = both
      return mapRequests(log, (request) =>
        request === a ? { ...a, seq: b.seq } : request === b ? { ...b, seq: a.seq } : request,
      )
    },
  },
  {
    name: 'put a request into another lane',
    touches: 'the lanes: the plan has it in its own',
    voids: conclusionsButLosses,
    damage(log, random) {
      const moved = pickEarlyRequest(log, random)
      return mapRequests(log, (request) =>
        request === moved ? { ...request, lane: request.lane === 'fresh' ? 'reused-post' : 'fresh' } : request,
      )
    },
  },
  {
    name: 'make an answer come before it was asked for',
    touches: 'the instants of a request',
    voids: allConclusions,
    damage(log, random) {
      const turned = pickEarlyRequest(log, random)
      return mapRequests(log, (request) =>
        request === turned ? { ...request, settledUs: request.dueUs - 5_000 } : request,
      )
    },
  },
  {
    name: 'give a good answer a status of 503',
    touches: 'the outcome of a request, which its status contradicts',
    voids: allConclusions,
    damage(log, random) {
      const turned = pickOne(
        listRequests(log).filter(({ outcome }) => outcome === 'ok'),
        random,
      )
      return mapRequests(log, (request) => (request === turned ? { ...request, status: 503 } : request))
    },
  },
  {
    name: 'take the answer from a request that was answered well',
    touches: 'the outcome of a request: nothing was received',
    voids: allConclusions,
    damage(log, random) {
      const turned = pickOne(
        listRequests(log).filter(({ outcome }) => outcome === 'ok'),
        random,
      )
      return mapRequests(log, (request) =>
        request === turned ? { ...request, connectedUs: null, firstByteUs: null, status: null, bytes: 0 } : request,
      )
    },
  },
  {
    name: 'leave a request in flight at the end',
    touches: 'the ledger: the driver has told its end, and knew what became of each',
    voids: allConclusions,
    damage(log, random) {
      const open = pickEarlyRequest(log, random)
      const none = { firstByteUs: null, status: null, bytes: 0, pod: null }
      return mapRequests(log, (request) => (request === open ? { ...request, ...none, outcome: 'in-flight' } : request))
    },
  },
  {
    name: 'say of a request that its driver was lost',
    touches: 'the ledger: the driver has told its end, and was not lost',
    voids: allConclusions,
    damage(log, random) {
      const open = pickEarlyRequest(log, random)
      return mapRequests(log, (request) => (request === open ? toUnsent(request, 'driver-lost') : request))
    },
  },
]
