/** Damage to the names of the pods that answered. */
import { mapRequests, pickOne, listPods, listRequests, pickTwo } from './mutation.ts'
import type { Mutation } from './mutation.ts'
import { renamePods, swapNames } from './rename-pods.ts'

const conclusionsOfAnswers = ['none-lost', 'how-many', 'whose'] as const

/** An answer that each of these pods gave, and no other. */
const isAnsweredBy = (pods: readonly string[]) => (pod: string | null) => pod !== null && pods.includes(pod)

export const answerMutations: readonly Mutation[] = [
  {
    name: 'rename a pod in the answers',
    touches: 'who answered: a pod that no watch has shown',
    voids: conclusionsOfAnswers,
    damage(log, random) {
      const { left, came } = listPods(log)
      const pod = pickOne([...left, ...came], random)
      return pod === null ? null : renamePods(log, ['request'], new Map([[pod, `${pod}x`]]))
    },
  },
  {
    name: 'swap two pods in the answers',
    touches: 'who answered: another pod’s log has the requests',
    voids: conclusionsOfAnswers,
    damage(log, random) {
      const { left, came } = listPods(log)
      return renamePods(log, ['request'], swapNames(pickTwo([...left, ...came], random)))
    },
  },
  {
    name: 'give one answer to another pod',
    touches: 'who answered: another pod’s log has the request',
    voids: conclusionsOfAnswers,
    damage(log, random) {
      const { came } = listPods(log)
      const to = pickOne(came, random)
      const given = pickOne(
        listRequests(log).filter(({ lane, pod }) => lane !== 'control' && pod !== null && pod !== to),
        random,
      )
      return to === null ? null : mapRequests(log, (request) => (request === given ? { ...request, pod: to } : request))
    },
  },
  {
    name: 'give every answer of an old pod to another old pod',
    touches: 'who answered: one pod that was disrupted was never asked',
    voids: conclusionsOfAnswers,
    damage(log, random) {
      const both = pickTwo(listPods(log).left, random)
      return both && renamePods(log, ['request'], new Map([both]))
    },
  },
  {
    name: 'take the pod’s name from half of the answers',
    touches: 'who answered: some say so and others do not',
    voids: conclusionsOfAnswers,
    damage: (log, random) =>
      mapRequests(log, (request) =>
        request.outcome === 'ok' && request.lane !== 'control' && random() < 0.5 ? { ...request, pod: null } : request,
      ),
  },
  {
    name: 'take the pod’s name from every answer',
    touches: 'who answered: no pod is known to have met the load, though the servers’ logs are there',
    voids: conclusionsOfAnswers,
    damage: (log) => mapRequests(log, (request) => (request.lane === 'control' ? request : { ...request, pod: null })),
  },
  {
    name: 'drop what a pod that left answered well, and the name from the rest',
    touches: 'who answered: a pod that was disrupted was never asked',
    voids: conclusionsOfAnswers,
    damage(log, random) {
      const gone = pickOne(listPods(log).left, random)
      const isIts = isAnsweredBy(gone === null ? [] : [gone])
      return mapRequests(log, (request) => (isIts(request.pod) ? { ...request, pod: null } : request))
    },
  },
]
