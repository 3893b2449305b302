/** Damage to which pod answered. */
import { changedRequests, one, podsIn, requestsIn, two } from './mutation.ts'
import type { Mutation } from './mutation.ts'
import { renamed, swapped } from './rename-pods.ts'

const met = ['none-lost', 'how-many', 'whose'] as const

/** An answer that each of these pods gave, and no other. */
const isAnsweredBy = (pods: readonly string[]) => (pod: string | null) => pod !== null && pods.includes(pod)

export const ofAnswers: readonly Mutation[] = [
  {
    name: 'rename a pod in the answers',
    touches: 'who answered: a pod that nobody has seen',
    voids: met,
    damage(log, random) {
      const { left, came } = podsIn(log)
      const pod = one([...left, ...came], random)
      return pod === null ? null : renamed(log, ['request'], new Map([[pod, `${pod}x`]]))
    },
  },
  {
    name: 'swap two pods in the answers',
    touches: 'who answered: another pod’s log has the requests',
    voids: met,
    damage(log, random) {
      const { left, came } = podsIn(log)
      return renamed(log, ['request'], swapped(two([...left, ...came], random)))
    },
  },
  {
    name: 'give one answer to another pod',
    touches: 'who answered: another pod’s log has the request',
    voids: met,
    damage(log, random) {
      const { came } = podsIn(log)
      const to = one(came, random)
      const given = one(
        requestsIn(log).filter(({ lane, pod }) => lane !== 'control' && pod !== null && pod !== to),
        random,
      )
      return to === null
        ? null
        : changedRequests(log, (request) => (request === given ? { ...request, pod: to } : request))
    },
  },
  {
    name: 'give every answer of an old pod to another old pod',
    touches: 'who answered: one pod that was disrupted was never asked',
    voids: met,
    damage(log, random) {
      const both = two(podsIn(log).left, random)
      return both && renamed(log, ['request'], new Map([both]))
    },
  },
  {
    name: 'take the pod’s name from half of the answers',
    touches: 'who answered: some say so and others do not',
    voids: met,
    damage: (log, random) =>
      changedRequests(log, (request) =>
        request.outcome === 'ok' && request.lane !== 'control' && random() < 0.5 ? { ...request, pod: null } : request,
      ),
  },
  {
    name: 'take the pod’s name from every answer',
    touches: 'who answered: no pod is known to have met the load, though the servers’ logs are there',
    voids: met,
    damage: (log) =>
      changedRequests(log, (request) => (request.lane === 'control' ? request : { ...request, pod: null })),
  },
  {
    name: 'drop what a pod that left answered well, and the name from the rest',
    touches: 'who answered: a pod that was disrupted was never asked',
    voids: met,
    damage(log, random) {
      const gone = one(podsIn(log).left, random)
      const isIts = isAnsweredBy(gone === null ? [] : [gone])
      return changedRequests(log, (request) => (isIts(request.pod) ? { ...request, pod: null } : request))
    },
  },
]
