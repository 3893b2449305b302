/** Damage to losses: hidden ones, ones not caused by the disruption, and invented ones. */
import type { Outcome, RequestRecord } from '../../model/record.ts'
import {
  conclusionsButLosses,
  mapRequests,
  getDisruptionSpan,
  listRecords,
  allConclusions,
  isIn,
  isLost,
  pickOne,
  lossCounts,
  listPods,
  listRequests,
  shiftRequest,
  findStepUs,
} from './mutation.ts'
import type { Mutation, Random, RunLog } from './mutation.ts'
import { removeRequests } from './remove-requests.ts'

function listLost(log: RunLog): RequestRecord[] {
  return listRequests(log).filter((request) => isLost(request) && request.lane !== 'control')
}

/** The answer that the request would have got 101 ms after it was sent. */
function toAnswered(request: RequestRecord, pod: string | null): RequestRecord {
  const sentUs = request.sentUs ?? request.dueUs
  const times = { sentUs, connectedUs: sentUs + 300, firstByteUs: sentUs + 100_800, settledUs: sentUs + 101_000 }
  const answer = { outcome: 'ok' as const, status: 200, bytes: 480, connection: request.connection ?? 1, detail: null }
  return { ...request, ...times, ...answer, localPort: request.localPort ?? 40_000, pod }
}

function toFailed(request: RequestRecord, outcome: Outcome, status: number | null = null): RequestRecord {
  const sentUs = request.sentUs ?? request.dueUs
  const connectedUs = status === null && outcome !== 'wrong-target' ? null : sentUs + 300
  const answered = status === null ? null : sentUs + 1_000
  const times = { sentUs, connectedUs, firstByteUs: answered, settledUs: sentUs + 1_200 }
  const port = connectedUs === null ? null : (request.localPort ?? 40_000)
  return { ...request, ...times, outcome, status, bytes: status === null ? 0 : 200, localPort: port, pod: null }
}

/** Only if the log has losses, for damage that otherwise makes no sense. */
const onlyWithLosses = (log: RunLog, damaged: RunLog | null): RunLog | null =>
  listLost(log).length === 0 ? null : damaged

function buildRelabelling(outcome: Outcome, status: number | null, says: string): Mutation {
  return {
    name: `make every lost request ${outcome}${status === null ? '' : ` (${status})`}`,
    touches: `the cause of the losses: ${says}`,
    voids: ['some-lost'],
    damage: (log) =>
      onlyWithLosses(
        log,
        mapRequests(log, (request) =>
          isLost(request) && request.lane !== 'control'
            ? { ...toFailed({ ...request, use: 1, previousPod: null, idleUs: 0 }, outcome, status), pod: null }
            : request,
        ),
      ),
  }
}

const hidingMutations: readonly Mutation[] = [
  {
    name: 'call one lost request ok',
    touches: 'the outcome of a request: no answer is in the log',
    voids: allConclusions,
    damage(log, random) {
      const hidden = pickOne(listLost(log), random)
      return hidden && mapRequests(log, (request) => (request === hidden ? { ...request, outcome: 'ok' } : request))
    },
  },
  {
    name: 'call every lost request ok, as if a pod that stayed had answered',
    touches: 'the outcomes: no server has them in its log',
    voids: lossCounts,
    damage(log, random) {
      const pods = listPods(log)
      const pod = pickOne(pods.came, random)
      return onlyWithLosses(
        log,
        mapRequests(log, (request) =>
          isLost(request) && request.lane !== 'control' ? toAnswered(request, pod) : request,
        ),
      )
    },
  },
  {
    name: 'call every lost request ok, as if the pod that lost it had answered',
    touches: 'the outcomes: that pod was gone, or its server has no line of them',
    voids: lossCounts,
    damage(log, random) {
      const pods = listPods(log)
      const pod = pickOne(pods.left, random)
      return onlyWithLosses(
        log,
        mapRequests(log, (request) =>
          isLost(request) && request.lane !== 'control' ? toAnswered(request, request.previousPod ?? pod) : request,
        ),
      )
    },
  },
  {
    name: 'drop every lost request and renumber the rest',
    touches: 'the schedule: each later one is due an interval late',
    voids: conclusionsButLosses,
    damage: (log) =>
      removeRequests(log, (request) => isLost(request) && request.lane !== 'control', { lanes: true, thorough: true }),
  },
  ...(['overload', 'stopped', 'driver-lost'] as const).map((outcome): Mutation => ({
    name: `say of every lost request that it was not sent: ${outcome}`,
    touches: 'what was sent: what would have become of them is not known',
    voids: conclusionsButLosses,
    damage: (log) =>
      onlyWithLosses(
        log,
        mapRequests(log, (request) => {
          if (!isLost(request) || request.lane === 'control') return request
          const nothing = { sentUs: null, connectedUs: null, firstByteUs: null, status: null, connection: null }
          return { ...request, ...nothing, outcome, pod: null, bytes: 0, localPort: null }
        }),
      ),
  })),
  {
    name: 'put every lost request into the control lane',
    touches: 'the lanes: the plan has them in the workload’s',
    voids: conclusionsButLosses,
    damage: (log) =>
      onlyWithLosses(
        log,
        mapRequests(log, (request) => (isLost(request) ? { ...request, lane: 'control' } : request)),
      ),
  },
]

const otherCauseMutations: readonly Mutation[] = [
  buildRelabelling('wrong-target', 200, 'another server answered'),
  buildRelabelling('dns', null, 'the name was not found'),
  buildRelabelling('tls', null, 'a certificate was refused'),
  buildRelabelling('http-4xx', 404, 'the request was refused'),
  {
    name: 'move every loss to the end of the phase after the disruption',
    touches: 'the cause of the losses: no pod was ending any more',
    voids: ['some-lost'],
    damage(log) {
      const lost = listLost(log)
      const fromUs = findStepUs(log, 'old-pods-gone') + 2_000_000
      const late = listRequests(log)
        .filter(({ dueUs, outcome, lane }) => dueUs > fromUs && outcome === 'ok' && lane === 'fresh')
        .slice(-lost.length)
      if (lost.length === 0 || late.length === 0) return null
      const [pod] = listPods(log).came
      return mapRequests(log, (request) => {
        if (late.includes(request)) return toFailed(request, 'refused')
        return lost.includes(request) ? toAnswered(request, pod ?? null) : request
      })
    },
  },
  {
    name: 'move the losses to before the disruption',
    touches: 'the cause of the losses: nothing had been disrupted',
    voids: allConclusions,
    damage(log) {
      const lost = listLost(log)
      if (lost.length === 0) return null
      const beginUs = findStepUs(log, 'disrupt-begin')
      const own = listRequests(log).filter(({ settledUs, lane }) => settledUs < beginUs && lane === 'fresh')
      const early = new Set(own.slice(0, lost.length))
      return mapRequests(log, (request) => {
        if (early.has(request)) return toFailed(request, 'refused')
        return lost.includes(request) ? toAnswered(request, request.pod) : request
      })
    },
  },
  {
    name: 'move all instants of the losses to the time before the disruption',
    touches: 'the instants of the losses',
    voids: allConclusions,
    damage(log) {
      const lost = listLost(log)
      if (lost.length === 0) return null
      const { fromUs, toUs } = getDisruptionSpan(log)
      return mapRequests(log, (request) =>
        lost.includes(request) && isIn({ fromUs, toUs: toUs + 5_000_000 }, request.dueUs)
          ? shiftRequest(request, findStepUs(log, 'load-begin') + 100_000 - request.dueUs)
          : request,
      )
    },
  },
]

function forgeLoss(log: RunLog, random: Random, outcome: Outcome, afterUs: number): RunLog | null {
  // Another loss in the log may be true.
  if (listLost(log).length > 0) return null
  const span = getDisruptionSpan(log)
  const logged = new Set(
    listRecords(log, 'served').flatMap(({ driver, lines }) => lines.map(({ seq }) => `${driver} ${seq}`)),
  )
  const answered = pickOne(
    listRequests(log).filter(
      ({ lane, dueUs, driver, seq }) => lane === 'fresh' && isIn(span, dueUs) && logged.has(`${driver} ${seq}`),
    ),
    random,
  )
  return mapRequests(log, (request) =>
    request === answered
      ? { ...toFailed(request, outcome), settledUs: (request.sentUs ?? request.dueUs) + afterUs }
      : request,
  )
}

const forgingMutations: readonly Mutation[] = [
  {
    name: 'say of a request that was answered that it was refused',
    touches: 'the loss: a server has the request in its log, though no connection came about',
    voids: ['some-lost', 'none-lost', 'how-many'],
    damage: (log, random) => forgeLoss(log, random, 'refused', 400),
  },
  {
    name: 'say of a request that was answered that its connection timed out',
    touches: 'the loss: a server has the request in its log, though no connection came about',
    voids: ['some-lost', 'none-lost', 'how-many'],
    damage: (log, random) => forgeLoss(log, random, 'connect-timeout', 5_000_000),
  },
  {
    name: 'call a good answer lost',
    touches: 'the outcome of a request, which its answer contradicts',
    voids: allConclusions,
    damage(log, random) {
      const span = getDisruptionSpan(log)
      const answered = pickOne(
        listRequests(log).filter(
          ({ outcome, lane, dueUs }) => outcome === 'ok' && lane !== 'control' && isIn(span, dueUs),
        ),
        random,
      )
      return mapRequests(log, (request) =>
        request === answered ? { ...request, outcome: 'refused' as const } : request,
      )
    },
  },
]

export const lossMutations: readonly Mutation[] = [...hidingMutations, ...otherCauseMutations, ...forgingMutations]
