/** Damage to the lane of the pod that nothing disrupts. */
import type { ContainerMoment, LogRecord } from '../../model/record.ts'
import {
  allButLosses,
  changed,
  changedOf,
  changedRequests,
  disruption,
  every,
  everything,
  one,
  podsIn,
  requestsIn,
  stepUs,
} from './mutation.ts'
import type { Mutation, RunLog } from './mutation.ts'
import { without } from './remove-requests.ts'

const own = ['some-lost', 'none-lost', 'how-many', 'how-late'] as const

const controlPod = (log: RunLog): string =>
  requestsIn(log).find(({ lane, pod }) => lane === 'control' && pod !== null)?.pod ?? 'control'

function told(log: RunLog, ...moments: ContainerMoment[]): RunLog {
  const { fromUs, toUs } = disruption(log)
  const at = Math.floor((fromUs + toUs) / 2)
  const pod = controlPod(log)
  const place = { source: 'kubelet' as const, errorUs: 1, pod, container: 'app', detail: null }
  const added = moments.map((moment, place_): LogRecord => ({
    type: 'container',
    t: at + place_,
    at: at + place_,
    ...place,
    moment,
  }))
  return { ...log, records: [...log.records, ...added] }
}

function answers(log: RunLog, podOf: (dueUs: number, pod: string | null) => string | null): RunLog {
  return changedRequests(log, (request) =>
    request.lane === 'control' ? { ...request, pod: podOf(request.dueUs, request.pod) } : request,
  )
}

export const ofControl: readonly Mutation[] = [
  {
    name: 'drop the control lane',
    touches: 'the ledger: its requests have no end',
    voids: everything,
    damage: (log) => changedRequests(log, (request) => (request.lane === 'control' ? null : request)),
  },
  {
    name: 'drop the control lane, renumber the rest and plan none',
    touches: 'the schedule: nothing tells what the machine loses',
    voids: allButLosses,
    damage(log) {
      const { scenario } = log.plan
      const plan = { ...log.plan, scenario: { ...scenario, load: { ...scenario.load, controlPerSecond: 0 } } }
      const rest = without(log, ({ lane }) => lane === 'control', { thorough: true })
      return rest && { ...rest, plan }
    },
  },
  {
    name: 'drop half of the control lane and renumber the rest',
    touches: 'the schedule: the lane has half of its requests',
    voids: allButLosses,
    damage: (log, random) => without(log, ({ lane }) => lane === 'control' && random() < 0.5, { thorough: true }),
  },
  {
    name: 'have a pod of the workload answer the control lane',
    touches: 'the control lane: what answers it is disrupted',
    voids: own,
    damage(log, random) {
      const { left, came } = podsIn(log)
      const pod = one([...left, ...came], random)
      return answers(log, () => pod)
    },
  },
  {
    name: 'have a pod of the workload answer the control lane once',
    touches: 'the control lane: what answers it is disrupted',
    voids: own,
    damage(log, random) {
      const pod = one(podsIn(log).left, random)
      const answered = one(
        requestsIn(log).filter(({ lane, outcome }) => lane === 'control' && outcome === 'ok'),
        random,
      )
      return changedRequests(log, (request) => (request === answered ? { ...request, pod } : request))
    },
  },
  {
    name: 'have another pod answer the control lane from the middle on',
    touches: 'the control lane: its pod was replaced',
    voids: own,
    damage(log) {
      const { fromUs, toUs } = disruption(log)
      return answers(log, (dueUs, pod) => (dueUs < (fromUs + toUs) / 2 ? pod : 'control-2'))
    },
  },
  {
    name: 'take the pod’s name from the control lane’s answers',
    touches: 'the control lane: nobody knows who answered it',
    voids: own,
    damage: (log) => answers(log, () => null),
  },
  {
    name: 'take the pod’s name from half of the control lane’s answers',
    touches: 'the control lane: nobody knows who gave those',
    voids: own,
    damage: (log, random) => answers(log, (_, pod) => (random() < 0.5 ? null : pod)),
  },
  {
    name: 'end the control lane’s pod in the disruption',
    touches: 'the control lane: its pod was disrupted',
    voids: own,
    damage: (log) => told(log, 'exited'),
  },
  {
    name: 'restart the control lane’s pod in the disruption',
    touches: 'the control lane: its pod was disrupted',
    voids: own,
    damage: (log) => told(log, 'exited', 'started'),
  },
  {
    name: 'start the control lane’s pod again in the disruption',
    touches: 'the control lane: its pod had ended',
    voids: own,
    damage: (log) => told(log, 'started'),
  },
  {
    name: 'signal the control lane’s pod in the disruption',
    touches: 'the control lane: its pod was disrupted',
    voids: own,
    damage: (log) => told(log, 'signal'),
  },
  {
    name: 'take the control lane’s pod from its endpoints for a while',
    touches: 'the control lane: it led to nobody',
    voids: own,
    damage: (log) => outOfService(log, () => []),
  },
  {
    name: 'have the control lane’s pod not ready for a while',
    touches: 'the control lane: it led to nobody',
    voids: own,
    damage: (log) => outOfService(log, (endpoints) => endpoints.map((each) => ({ ...each, ready: false }))),
  },
  {
    name: 'lose a request of the control lane',
    touches: 'the control lane: the machine loses requests by itself',
    voids: everything,
    damage(log, random) {
      const lost = one(
        requestsIn(log).filter(({ lane, sentUs }) => lane === 'control' && sentUs !== null),
        random,
      )
      const failed = { outcome: 'refused', connectedUs: null, firstByteUs: null, status: null, bytes: 0 } as const
      return changedRequests(log, (request) =>
        request === lost ? { ...request, ...failed, pod: null, settledUs: (request.sentUs ?? 0) + 300 } : request,
      )
    },
  },
  {
    name: 'give up a request of the control lane as too late',
    touches: 'the control lane: what would have become of the request is not known',
    voids: allButLosses,
    damage(log, random) {
      const late = one(
        requestsIn(log).filter(({ lane }) => lane === 'control'),
        random,
      )
      const nothing = { sentUs: null, connectedUs: null, firstByteUs: null, status: null, connection: null } as const
      return changedRequests(log, (request) =>
        request === late
          ? { ...request, ...nothing, outcome: 'overload', pod: null, settledUs: request.dueUs + 1_000_001 }
          : request,
      )
    },
  },
  {
    name: 'have the control lane answered after a second',
    touches: 'the control lane: the machine had no room',
    voids: allButLosses,
    damage: (log) =>
      changed(log, (record) => {
        if (record.type !== 'request' || record.request.lane !== 'control' || record.request.firstByteUs === null)
          return record
        const { firstByteUs, settledUs } = record.request
        const later = { firstByteUs: firstByteUs + 1_000_000, settledUs: settledUs + 1_000_000 }
        return { type: 'request', request: { ...record.request, ...later } }
      }),
  },
]

type Endpoints = ReturnType<typeof every<'endpoints'>>[number]['endpoints']

function outOfService(log: RunLog, change: (endpoints: Endpoints) => Endpoints): RunLog | null {
  const pod = controlPod(log)
  const last = every(log, 'endpoints').findLast(
    ({ t, endpoints }) => t < stepUs(log, 'disrupt-begin') && endpoints.some((each) => each.pod === pod),
  )
  if (last === undefined) return null
  const { fromUs } = disruption(log)
  const away = { ...last, t: fromUs + 1_000_000, endpoints: change(last.endpoints) }
  const back = { ...last, t: fromUs + 2_000_000 }
  return changedOf(log, 'step', (record) => (record.step === 'load-stop' ? [away, back, record] : record))
}
