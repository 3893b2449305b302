/** Damage to what was seen of the pods. */
import { changedOf, every, everything, one, podsIn, requestsIn, stepUs } from './mutation.ts'
import type { Mutation } from './mutation.ts'
import { renamed, swapped } from './rename-pods.ts'

const met = ['none-lost', 'how-many', 'whose'] as const

export const ofPods: readonly Mutation[] = [
  {
    name: 'drop all that was seen of a new pod',
    touches: 'the pods: one that nobody has seen answers',
    voids: met,
    damage(log, random) {
      const gone = one(podsIn(log).came, random)
      return gone === null ? null : changedOf(log, 'pod', (record) => (record.pod.name === gone ? null : record))
    },
  },
  {
    name: 'drop all that was seen of an old pod',
    touches: 'the pods: one that nobody has seen answers, and one fewer was disrupted',
    voids: met,
    damage(log, random) {
      const gone = one(podsIn(log).left, random)
      return gone === null ? null : changedOf(log, 'pod', (record) => (record.pod.name === gone ? null : record))
    },
  },
  {
    name: 'drop all that was seen of the pods',
    touches: 'the pods: nothing shows that any was disrupted',
    voids: everything,
    damage: (log) => changedOf(log, 'pod', () => null),
  },
  {
    name: 'drop the deletion of an old pod',
    touches: 'the pods: one that was to leave was not seen to be gone',
    voids: everything,
    damage(log, random) {
      const stays = one(podsIn(log).left, random)
      return changedOf(log, 'pod', (record) =>
        record.change === 'deleted' && record.pod.name === stays ? null : record,
      )
    },
  },
  {
    name: 'take it back that an old pod was ending and gone',
    touches: 'the pods: one that was to leave stays',
    voids: everything,
    damage(log, random) {
      const stays = one(podsIn(log).left, random)
      return changedOf(log, 'pod', (record) => {
        if (record.pod.name !== stays) return record
        return record.change === 'deleted' ? null : { ...record, pod: { ...record.pod, terminating: false } }
      })
    },
  },
  {
    name: 'delay an old pod’s end until the disruption is over',
    touches: 'the pods: the disruption ended before the old pods were gone',
    voids: everything,
    damage(log, random) {
      const late = one(podsIn(log).left, random)
      const t = stepUs(log, 'old-pods-gone') + 500_000
      return changedOf(log, 'pod', (record) =>
        record.change === 'deleted' && record.pod.name === late ? { ...record, t } : record,
      )
    },
  },
  {
    name: 'move an old pod’s end to before the disruption',
    touches: 'the pods: one was gone before, and answered all the same',
    voids: met,
    damage(log, random) {
      const early = one(podsIn(log).left, random)
      const t = stepUs(log, 'disrupt-begin') - 500_000
      return changedOf(log, 'pod', (record) =>
        record.change === 'deleted' && record.pod.name === early ? { ...record, t } : record,
      )
    },
  },
  {
    name: 'move an old pod’s end to 1.5 s before its last answer',
    touches: 'the pods: one was gone, and answered all the same',
    voids: met,
    damage(log, random) {
      const early = one(podsIn(log).left, random)
      const last = requestsIn(log).reduce(
        (us, { pod, outcome, sentUs }) => (pod === early && outcome === 'ok' ? Math.max(us, sentUs ?? 0) : us),
        0,
      )
      return changedOf(log, 'pod', (record) =>
        record.change === 'deleted' && record.pod.name === early ? { ...record, t: last - 1_500_000 } : record,
      )
    },
  },
  {
    name: 'say that a new pod never got ready',
    touches: 'the pods: fewer were ready than the plan asks for',
    voids: met,
    damage(log, random) {
      const unready = one(podsIn(log).came, random)
      return unready === null
        ? null
        : changedOf(log, 'pod', (record) =>
            record.pod.name === unready ? { ...record, pod: { ...record.pod, ready: false } } : record,
          )
    },
  },
  {
    name: 'add a ready pod that no request ever met',
    touches: 'the pods: more were ready than the plan asks for, and one was never asked',
    voids: met,
    damage(log) {
      const first = every(log, 'pod').find(({ pod }) => pod.ready)
      if (first === undefined) return null
      const extra = { ...first.pod, name: `${first.pod.name}-2`, uid: 'another', ip: '10.244.9.9' }
      return changedOf(log, 'pod', (record) => (record === first ? [record, { ...record, pod: extra }] : record))
    },
  },
  {
    name: 'rename a pod in what was seen of the pods',
    touches: 'the pods: one that nobody has seen answers',
    voids: met,
    damage(log, random) {
      const { left, came } = podsIn(log)
      const pod = one([...left, ...came], random)
      return pod === null ? null : renamed(log, ['pod'], new Map([[pod, `${pod}x`]]))
    },
  },
  {
    name: 'swap an old and a new pod in what was seen of the pods',
    touches: 'the pods: each answered when it was not there',
    voids: met,
    damage(log, random) {
      const { left, came } = podsIn(log)
      const [old, young] = [one(left, random), one(came, random)]
      return old === null || young === null ? null : renamed(log, ['pod'], swapped([old, young]))
    },
  },
]
