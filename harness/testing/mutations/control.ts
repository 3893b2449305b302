/** Damage to the lane of the pod that nothing disrupts. */
import type { ContainerMoment, LogRecord } from '../../model/record.ts'
import {
  conclusionsButLosses,
  mapRecords,
  mapRecordsOfType,
  mapRequests,
  getDisruptionSpan,
  listRecords,
  allConclusions,
  pickOne,
  listPods,
  listRequests,
  findStepUs,
} from './mutation.ts'
import type { Mutation, RunLog } from './mutation.ts'
import { removeRequests } from './remove-requests.ts'

const conclusionsOfControl = ['some-lost', 'none-lost', 'how-many', 'how-late'] as const

const findControlPod = (log: RunLog): string =>
  listRequests(log).find(({ lane, pod }) => lane === 'control' && pod !== null)?.pod ?? 'control'

function addContainerMoments(log: RunLog, ...moments: ContainerMoment[]): RunLog {
  const { fromUs, toUs } = getDisruptionSpan(log)
  const at = Math.floor((fromUs + toUs) / 2)
  const pod = findControlPod(log)
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

function replaceAnswers(log: RunLog, podOf: (dueUs: number, pod: string | null) => string | null): RunLog {
  return mapRequests(log, (request) =>
    request.lane === 'control' ? { ...request, pod: podOf(request.dueUs, request.pod) } : request,
  )
}

export const controlMutations: readonly Mutation[] = [
  {
    name: 'drop the control lane',
    touches: 'the ledger: its requests have no end',
    voids: allConclusions,
    damage: (log) => mapRequests(log, (request) => (request.lane === 'control' ? null : request)),
  },
  {
    name: 'drop the control lane, renumber the rest and plan none',
    touches: 'the schedule: nothing tells what the machine loses',
    voids: conclusionsButLosses,
    damage(log) {
      const { scenario } = log.plan
      const plan = { ...log.plan, scenario: { ...scenario, load: { ...scenario.load, controlPerSecond: 0 } } }
      const rest = removeRequests(log, ({ lane }) => lane === 'control', { thorough: true })
      return rest && { ...rest, plan }
    },
  },
  {
    name: 'drop half of the control lane and renumber the rest',
    touches: 'the schedule: the lane has half of its requests',
    voids: conclusionsButLosses,
    damage: (log, random) =>
      removeRequests(log, ({ lane }) => lane === 'control' && random() < 0.5, { thorough: true }),
  },
  {
    name: 'have a pod of the workload answer the control lane',
    touches: 'the control lane: what answers it is disrupted',
    voids: conclusionsOfControl,
    damage(log, random) {
      const { left, came } = listPods(log)
      const pod = pickOne([...left, ...came], random)
      return replaceAnswers(log, () => pod)
    },
  },
  {
    name: 'have a pod of the workload answer the control lane once',
    touches: 'the control lane: what answers it is disrupted',
    voids: conclusionsOfControl,
    damage(log, random) {
      const pod = pickOne(listPods(log).left, random)
      const answered = pickOne(
        listRequests(log).filter(({ lane, outcome }) => lane === 'control' && outcome === 'ok'),
        random,
      )
      return mapRequests(log, (request) => (request === answered ? { ...request, pod } : request))
    },
  },
  {
    name: 'have another pod answer the control lane from the middle on',
    touches: 'the control lane: its pod was replaced',
    voids: conclusionsOfControl,
    damage(log) {
      const { fromUs, toUs } = getDisruptionSpan(log)
      return replaceAnswers(log, (dueUs, pod) => (dueUs < (fromUs + toUs) / 2 ? pod : 'control-2'))
    },
  },
  {
    name: 'take the pod’s name from the control lane’s answers',
    touches: 'the control lane: it is unknown which pod answered it',
    voids: conclusionsOfControl,
    damage: (log) => replaceAnswers(log, () => null),
  },
  {
    name: 'take the pod’s name from half of the control lane’s answers',
    touches: 'the control lane: it is unknown which pod gave those',
    voids: conclusionsOfControl,
    damage: (log, random) => replaceAnswers(log, (_, pod) => (random() < 0.5 ? null : pod)),
  },
  {
    name: 'end the control lane’s pod in the disruption',
    touches: 'the control lane: its pod was disrupted',
    voids: conclusionsOfControl,
    damage: (log) => addContainerMoments(log, 'exited'),
  },
  {
    name: 'restart the control lane’s pod in the disruption',
    touches: 'the control lane: its pod was disrupted',
    voids: conclusionsOfControl,
    damage: (log) => addContainerMoments(log, 'exited', 'started'),
  },
  {
    name: 'start the control lane’s pod again in the disruption',
    touches: 'the control lane: its pod had ended',
    voids: conclusionsOfControl,
    damage: (log) => addContainerMoments(log, 'started'),
  },
  {
    name: 'signal the control lane’s pod in the disruption',
    touches: 'the control lane: its pod was disrupted',
    voids: conclusionsOfControl,
    damage: (log) => addContainerMoments(log, 'signal'),
  },
  {
    name: 'take the control lane’s pod from its endpoints for a while',
    touches: 'the control lane: it led to no pod',
    voids: conclusionsOfControl,
    damage: (log) => removeFromEndpoints(log, () => []),
  },
  {
    name: 'have the control lane’s pod not ready for a while',
    touches: 'the control lane: it led to no pod',
    voids: conclusionsOfControl,
    damage: (log) => removeFromEndpoints(log, (endpoints) => endpoints.map((each) => ({ ...each, ready: false }))),
  },
  {
    name: 'lose a request of the control lane',
    touches: 'the control lane: the machine loses requests by itself',
    voids: allConclusions,
    damage(log, random) {
      const lost = pickOne(
        listRequests(log).filter(({ lane, sentUs }) => lane === 'control' && sentUs !== null),
        random,
      )
      const failed = { outcome: 'refused', connectedUs: null, firstByteUs: null, status: null, bytes: 0 } as const
      return mapRequests(log, (request) =>
        request === lost ? { ...request, ...failed, pod: null, settledUs: (request.sentUs ?? 0) + 300 } : request,
      )
    },
  },
  {
    name: 'give up a request of the control lane as too late',
    touches: 'the control lane: what would have become of the request is not known',
    voids: conclusionsButLosses,
    damage(log, random) {
      const late = pickOne(
        listRequests(log).filter(({ lane }) => lane === 'control'),
        random,
      )
      const nothing = { sentUs: null, connectedUs: null, firstByteUs: null, status: null, connection: null } as const
      return mapRequests(log, (request) =>
        request === late
          ? { ...request, ...nothing, outcome: 'overload', pod: null, settledUs: request.dueUs + 1_000_001 }
          : request,
      )
    },
  },
  {
    name: 'have the control lane answered after a second',
    touches: 'the control lane: the machine had no room',
    voids: conclusionsButLosses,
    damage: (log) =>
      mapRecords(log, (record) => {
        if (record.type !== 'request' || record.request.lane !== 'control' || record.request.firstByteUs === null)
          return record
        const { firstByteUs, settledUs } = record.request
        const later = { firstByteUs: firstByteUs + 1_000_000, settledUs: settledUs + 1_000_000 }
        return { type: 'request', request: { ...record.request, ...later } }
      }),
  },
]

type Endpoints = ReturnType<typeof listRecords<'endpoints'>>[number]['endpoints']

function removeFromEndpoints(log: RunLog, change: (endpoints: Endpoints) => Endpoints): RunLog | null {
  const pod = findControlPod(log)
  const last = listRecords(log, 'endpoints').findLast(
    ({ t, endpoints }) => t < findStepUs(log, 'disrupt-begin') && endpoints.some((each) => each.pod === pod),
  )
  if (last === undefined) return null
  const { fromUs } = getDisruptionSpan(log)
  const away = { ...last, t: fromUs + 1_000_000, endpoints: change(last.endpoints) }
  const back = { ...last, t: fromUs + 2_000_000 }
  return mapRecordsOfType(log, 'step', (record) => (record.step === 'load-stop' ? [away, back, record] : record))
}
