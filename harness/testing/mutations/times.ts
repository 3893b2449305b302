/** Damage to when requests were due, sent and answered. */
import { toUnsent, pickSpan } from './pick.ts'
import {
  conclusionsButLosses,
  mapRecords,
  mapRecordsOfType,
  mapRequests,
  getDisruptionSpan,
  listRecords,
  isIn,
  markLossesStand,
  pickOne,
  lossCounts,
  listRequests,
  shiftRequest,
} from './mutation.ts'
import type { Mutation } from './mutation.ts'

const unsentMutations: readonly Mutation[] = [
  {
    name: 'give up 3.9 s of requests in the disruption as too late',
    touches: 'what was sent: what would have become of them is not known',
    voids: conclusionsButLosses,
    damage(log, random) {
      const span = pickSpan(log, 3_900_000, random)
      return (
        span && mapRequests(log, (request) => (isIn(span, request.dueUs) ? toUnsent(request, 'overload') : request))
      )
    },
  },
  {
    name: 'stop the load for 3.9 s in the disruption',
    touches: 'what was sent: what would have become of them is not known',
    voids: conclusionsButLosses,
    damage(log, random) {
      const span = pickSpan(log, 3_900_000, random)
      return span && mapRequests(log, (request) => (isIn(span, request.dueUs) ? toUnsent(request, 'stopped') : request))
    },
  },
]

const delayMutations: readonly Mutation[] = [
  {
    name: 'hold sending up for 0.9 s at each old pod’s stop signal',
    touches: 'when requests were sent: none while the pods ended',
    voids: lossCounts,
    damage(log) {
      const { fromUs, toUs } = getDisruptionSpan(log)
      const ends = listRecords(log, 'container').filter(
        ({ moment, at }) => ['signal', 'stopping', 'exited'].includes(moment) && fromUs <= at && at < toUs,
      )
      const spans = ends.map(({ at }) => ({ fromUs: at, toUs: at + 900_000 }))
      if (spans.length === 0) return null
      return mapRequests(log, (request) => {
        const span = spans.find((each) => isIn(each, request.dueUs))
        return span === undefined
          ? request
          : { ...shiftRequest(request, span.toUs - request.dueUs), dueUs: request.dueUs }
      })
    },
  },
  {
    name: 'make one request of the disruption late by 0.5 s',
    touches: 'when it was sent',
    voids: lossCounts,
    damage(log, random) {
      const span = getDisruptionSpan(log)
      const late = pickOne(
        listRequests(log).filter(
          ({ dueUs, lane, outcome }) => isIn(span, dueUs) && lane !== 'control' && outcome === 'ok',
        ),
        random,
      )
      return mapRequests(log, (request) =>
        request === late ? { ...shiftRequest(request, 500_000), dueUs: request.dueUs } : request,
      )
    },
  },
  {
    name: 'move the due time of 1 s of requests to when they were sent',
    touches: 'the schedule: what was late looks as if it had been on time',
    voids: conclusionsButLosses,
    damage(log, random) {
      const span = pickSpan(log, 1_000_000, random)
      return (
        span && mapRequests(log, (request) => (isIn(span, request.dueUs) ? shiftRequest(request, 900_000) : request))
      )
    },
  },
  {
    name: 'move all requests by −300 ms',
    touches: 'the clocks: by the servers’ logs they were answered later',
    voids: ['none-lost', 'whose'],
    damage: (log) => mapRequests(log, (request) => shiftRequest(request, -300_000)),
  },
  {
    name: 'move all requests by 300 ms',
    touches: 'the clocks: by the servers’ logs they were answered earlier',
    voids: ['none-lost', 'whose'],
    damage: (log) => mapRequests(log, (request) => shiftRequest(request, 300_000)),
  },
  {
    name: 'move the requests of the second half by 10 ms',
    touches: 'the schedule: the driver’s clock was not corrected by as much',
    voids: conclusionsButLosses,
    damage(log) {
      const { fromUs, toUs } = getDisruptionSpan(log)
      const middleUs = (fromUs + toUs) / 2
      return mapRequests(log, (request) => (request.dueUs < middleUs ? request : shiftRequest(request, 10_000)))
    },
  },
  {
    name: 'say that each request was sent at the very instant at which it was due, by a driver without time to spare',
    touches: 'when requests were sent, which no sender keeps to the microsecond; the driver’s share of a core',
    voids: conclusionsButLosses,
    damage(log) {
      const busy = mapRecordsOfType(log, 'driver', (record) => ({
        ...record,
        health: { ...record.health, cpuShare: 0.99 },
      }))
      return mapRequests(busy, (request) => (request.sentUs === null ? request : { ...request, sentUs: request.dueUs }))
    },
  },
  {
    name: 'say that answers came a millisecond after they were asked for',
    touches: 'latencies: the servers had the requests for longer',
    voids: lossCounts,
    damage: (log) =>
      mapRecords(log, (record) => {
        if (record.type !== 'request' || record.request.outcome !== 'ok' || record.request.sentUs === null)
          return record
        const { sentUs } = record.request
        const quick = { connectedUs: sentUs, firstByteUs: sentUs + 900, settledUs: sentUs + 1_000 }
        return { type: 'request', request: { ...record.request, ...quick } }
      }),
  },
]

export const timeMutations: readonly Mutation[] = [...unsentMutations, ...markLossesStand(delayMutations)]
