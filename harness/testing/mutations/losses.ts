/** Damage to what was lost: losses that are hidden, that the disruption did not cause, or that never were. */
import type { Outcome, RequestRecord } from '../../model/record.ts'
import {
  allButLosses,
  changedRequests,
  disruption,
  every,
  everything,
  isIn,
  isLost,
  one,
  othersLost,
  podsIn,
  requestsIn,
  shifted,
  stepUs,
} from './mutation.ts'
import type { Mutation, Random, RunLog } from './mutation.ts'
import { without } from './remove-requests.ts'

function lostIn(log: RunLog): RequestRecord[] {
  return requestsIn(log).filter((request) => isLost(request) && request.lane !== 'control')
}

/** An answer as the request would have had it 101 ms after it was sent. */
function answeredBy(request: RequestRecord, pod: string | null): RequestRecord {
  const sentUs = request.sentUs ?? request.dueUs
  const times = { sentUs, connectedUs: sentUs + 300, firstByteUs: sentUs + 100_800, settledUs: sentUs + 101_000 }
  const answer = { outcome: 'ok' as const, status: 200, bytes: 480, connection: request.connection ?? 1, detail: null }
  return { ...request, ...times, ...answer, localPort: request.localPort ?? 40_000, pod }
}

function failedAs(request: RequestRecord, outcome: Outcome, status: number | null = null): RequestRecord {
  const sentUs = request.sentUs ?? request.dueUs
  const connectedUs = status === null && outcome !== 'wrong-target' ? null : sentUs + 300
  const answered = status === null ? null : sentUs + 1_000
  const times = { sentUs, connectedUs, firstByteUs: answered, settledUs: sentUs + 1_200 }
  const port = connectedUs === null ? null : (request.localPort ?? 40_000)
  return { ...request, ...times, outcome, status, bytes: status === null ? 0 : 200, localPort: port, pod: null }
}

/** Whether the log has any, for what only makes sense there. */
const ofLossy = (log: RunLog, damaged: RunLog | null): RunLog | null => (lostIn(log).length === 0 ? null : damaged)

function relabelled(outcome: Outcome, status: number | null, says: string): Mutation {
  return {
    name: `make every lost request ${outcome}${status === null ? '' : ` (${status})`}`,
    touches: `the cause of the losses: ${says}`,
    voids: ['some-lost'],
    damage: (log) =>
      ofLossy(
        log,
        changedRequests(log, (request) =>
          isLost(request) && request.lane !== 'control'
            ? { ...failedAs({ ...request, use: 1, previousPod: null, idleUs: 0 }, outcome, status), pod: null }
            : request,
        ),
      ),
  }
}

const hiding: readonly Mutation[] = [
  {
    name: 'call one lost request ok',
    touches: 'the outcome of a request: no answer is in the log',
    voids: everything,
    damage(log, random) {
      const hidden = one(lostIn(log), random)
      return hidden && changedRequests(log, (request) => (request === hidden ? { ...request, outcome: 'ok' } : request))
    },
  },
  {
    name: 'call every lost request ok, as if a pod that stayed had answered',
    touches: 'the outcomes: no server has them in its log',
    voids: othersLost,
    damage(log, random) {
      const pods = podsIn(log)
      const pod = one(pods.came, random)
      return ofLossy(
        log,
        changedRequests(log, (request) =>
          isLost(request) && request.lane !== 'control' ? answeredBy(request, pod) : request,
        ),
      )
    },
  },
  {
    name: 'call every lost request ok, as if the pod that lost it had answered',
    touches: 'the outcomes: that pod was gone, or its server has no line of them',
    voids: othersLost,
    damage(log, random) {
      const pods = podsIn(log)
      const pod = one(pods.left, random)
      return ofLossy(
        log,
        changedRequests(log, (request) =>
          isLost(request) && request.lane !== 'control' ? answeredBy(request, request.previousPod ?? pod) : request,
        ),
      )
    },
  },
  {
    name: 'drop every lost request and renumber the rest',
    touches: 'the schedule: each later one is due an interval late',
    voids: allButLosses,
    damage: (log) =>
      without(log, (request) => isLost(request) && request.lane !== 'control', { lanes: true, thorough: true }),
  },
  ...(['overload', 'stopped', 'driver-lost'] as const).map((outcome): Mutation => ({
    name: `say of every lost request that it was not sent: ${outcome}`,
    touches: 'what was sent: what would have become of them is not known',
    voids: allButLosses,
    damage: (log) =>
      ofLossy(
        log,
        changedRequests(log, (request) => {
          if (!isLost(request) || request.lane === 'control') return request
          const nothing = { sentUs: null, connectedUs: null, firstByteUs: null, status: null, connection: null }
          return { ...request, ...nothing, outcome, pod: null, bytes: 0, localPort: null }
        }),
      ),
  })),
  {
    name: 'put every lost request into the control lane',
    touches: 'the lanes: the plan has them in the workload’s',
    voids: allButLosses,
    damage: (log) =>
      ofLossy(
        log,
        changedRequests(log, (request) => (isLost(request) ? { ...request, lane: 'control' } : request)),
      ),
  },
]

const otherCauses: readonly Mutation[] = [
  relabelled('wrong-target', 200, 'another server answered'),
  relabelled('dns', null, 'the name was not found'),
  relabelled('tls', null, 'a certificate was refused'),
  relabelled('http-4xx', 404, 'the request was refused'),
  {
    name: 'move every loss to the end of the phase after the disruption',
    touches: 'the cause of the losses: no pod was ending any more',
    voids: ['some-lost'],
    damage(log) {
      const lost = lostIn(log)
      const fromUs = stepUs(log, 'old-pods-gone') + 2_000_000
      const late = requestsIn(log)
        .filter(({ dueUs, outcome, lane }) => dueUs > fromUs && outcome === 'ok' && lane === 'fresh')
        .slice(-lost.length)
      if (lost.length === 0 || late.length === 0) return null
      const [pod] = podsIn(log).came
      return changedRequests(log, (request) => {
        if (late.includes(request)) return failedAs(request, 'refused')
        return lost.includes(request) ? answeredBy(request, pod ?? null) : request
      })
    },
  },
  {
    name: 'move the losses to before the disruption',
    touches: 'the cause of the losses: nothing had been disrupted',
    voids: everything,
    damage(log) {
      const lost = lostIn(log)
      if (lost.length === 0) return null
      const beginUs = stepUs(log, 'disrupt-begin')
      const own = requestsIn(log).filter(({ settledUs, lane }) => settledUs < beginUs && lane === 'fresh')
      const early = new Set(own.slice(0, lost.length))
      return changedRequests(log, (request) => {
        if (early.has(request)) return failedAs(request, 'refused')
        return lost.includes(request) ? answeredBy(request, request.pod) : request
      })
    },
  },
  {
    name: 'move all instants of the losses to the time before the disruption',
    touches: 'the instants of the losses',
    voids: everything,
    damage(log) {
      const lost = lostIn(log)
      if (lost.length === 0) return null
      const { fromUs, toUs } = disruption(log)
      return changedRequests(log, (request) =>
        lost.includes(request) && isIn({ fromUs, toUs: toUs + 5_000_000 }, request.dueUs)
          ? shifted(request, stepUs(log, 'load-begin') + 100_000 - request.dueUs)
          : request,
      )
    },
  },
]

function forged(log: RunLog, random: Random, outcome: Outcome, afterUs: number): RunLog | null {
  // A loss that is there besides may be true.
  if (lostIn(log).length > 0) return null
  const span = disruption(log)
  const logged = new Set(
    every(log, 'served').flatMap(({ driver, lines }) => lines.map(({ seq }) => `${driver} ${seq}`)),
  )
  const answered = one(
    requestsIn(log).filter(
      ({ lane, dueUs, driver, seq }) => lane === 'fresh' && isIn(span, dueUs) && logged.has(`${driver} ${seq}`),
    ),
    random,
  )
  return changedRequests(log, (request) =>
    request === answered
      ? { ...failedAs(request, outcome), settledUs: (request.sentUs ?? request.dueUs) + afterUs }
      : request,
  )
}

const forging: readonly Mutation[] = [
  {
    name: 'say of a request that was answered that it was refused',
    touches: 'the loss: a server has the request in its log, though no connection came about',
    voids: ['some-lost', 'none-lost', 'how-many'],
    damage: (log, random) => forged(log, random, 'refused', 400),
  },
  {
    name: 'say of a request that was answered that its connection timed out',
    touches: 'the loss: a server has the request in its log, though no connection came about',
    voids: ['some-lost', 'none-lost', 'how-many'],
    damage: (log, random) => forged(log, random, 'connect-timeout', 5_000_000),
  },
  {
    name: 'call a good answer lost',
    touches: 'the outcome of a request, which its answer contradicts',
    voids: everything,
    damage(log, random) {
      const span = disruption(log)
      const answered = one(
        requestsIn(log).filter(
          ({ outcome, lane, dueUs }) => outcome === 'ok' && lane !== 'control' && isIn(span, dueUs),
        ),
        random,
      )
      return changedRequests(log, (request) =>
        request === answered ? { ...request, outcome: 'refused' as const } : request,
      )
    },
  },
]

export const ofLosses: readonly Mutation[] = [...hiding, ...otherCauses, ...forging]
