/** Damage to the observations of the pods. */
import {
  mapRecordsOfType,
  listRecords,
  allConclusions,
  pickOne,
  listPods,
  listRequests,
  findStepUs,
} from './mutation.ts'
import type { Mutation } from './mutation.ts'
import { renamePods, swapNames } from './rename-pods.ts'

const conclusionsOfPods = ['none-lost', 'how-many', 'whose'] as const

export const podMutations: readonly Mutation[] = [
  {
    name: 'drop all that was seen of a new pod',
    touches: 'the pods: one that no watch has shown answers',
    voids: conclusionsOfPods,
    damage(log, random) {
      const gone = pickOne(listPods(log).came, random)
      return gone === null ? null : mapRecordsOfType(log, 'pod', (record) => (record.pod.name === gone ? null : record))
    },
  },
  {
    name: 'drop all that was seen of an old pod',
    touches: 'the pods: one that no watch has shown answers, and one fewer was disrupted',
    voids: conclusionsOfPods,
    damage(log, random) {
      const gone = pickOne(listPods(log).left, random)
      return gone === null ? null : mapRecordsOfType(log, 'pod', (record) => (record.pod.name === gone ? null : record))
    },
  },
  {
    name: 'drop all that was seen of the pods',
    touches: 'the pods: nothing shows that any was disrupted',
    voids: allConclusions,
    damage: (log) => mapRecordsOfType(log, 'pod', () => null),
  },
  {
    name: 'drop the deletion of an old pod',
    touches: 'the pods: one that was to leave was not seen to be gone',
    voids: allConclusions,
    damage(log, random) {
      const stays = pickOne(listPods(log).left, random)
      return mapRecordsOfType(log, 'pod', (record) =>
        record.change === 'deleted' && record.pod.name === stays ? null : record,
      )
    },
  },
  {
    name: 'take it back that an old pod was ending and gone',
    touches: 'the pods: one that was to leave stays',
    voids: allConclusions,
    damage(log, random) {
      const stays = pickOne(listPods(log).left, random)
      return mapRecordsOfType(log, 'pod', (record) => {
        if (record.pod.name !== stays) return record
        return record.change === 'deleted' ? null : { ...record, pod: { ...record.pod, terminating: false } }
      })
    },
  },
  {
    name: 'delay an old pod’s end until the disruption is over',
    touches: 'the pods: the disruption ended before the old pods were gone',
    voids: allConclusions,
    damage(log, random) {
      const late = pickOne(listPods(log).left, random)
      const t = findStepUs(log, 'old-pods-gone') + 500_000
      return mapRecordsOfType(log, 'pod', (record) =>
        record.change === 'deleted' && record.pod.name === late ? { ...record, t } : record,
      )
    },
  },
  {
    name: 'move an old pod’s end to before the disruption',
    touches: 'the pods: one was gone before, and answered all the same',
    voids: conclusionsOfPods,
    damage(log, random) {
      const early = pickOne(listPods(log).left, random)
      const t = findStepUs(log, 'disrupt-begin') - 500_000
      return mapRecordsOfType(log, 'pod', (record) =>
        record.change === 'deleted' && record.pod.name === early ? { ...record, t } : record,
      )
    },
  },
  {
    name: 'move an old pod’s end to 1.5 s before its last answer',
    touches: 'the pods: one was gone, and answered all the same',
    voids: conclusionsOfPods,
    damage(log, random) {
      const early = pickOne(listPods(log).left, random)
      const last = listRequests(log).reduce(
        (us, { pod, outcome, sentUs }) => (pod === early && outcome === 'ok' ? Math.max(us, sentUs ?? 0) : us),
        0,
      )
      return mapRecordsOfType(log, 'pod', (record) =>
        record.change === 'deleted' && record.pod.name === early ? { ...record, t: last - 1_500_000 } : record,
      )
    },
  },
  {
    name: 'say that a new pod never got ready',
    touches: 'the pods: fewer were ready than the plan asks for',
    voids: conclusionsOfPods,
    damage(log, random) {
      const unready = pickOne(listPods(log).came, random)
      return unready === null
        ? null
        : mapRecordsOfType(log, 'pod', (record) =>
            record.pod.name === unready ? { ...record, pod: { ...record.pod, ready: false } } : record,
          )
    },
  },
  {
    name: 'add a ready pod that no request ever met',
    touches: 'the pods: more were ready than the plan asks for, and one was never asked',
    voids: conclusionsOfPods,
    damage(log) {
      const first = listRecords(log, 'pod').find(({ pod }) => pod.ready)
      if (first === undefined) return null
      const extra = { ...first.pod, name: `${first.pod.name}-2`, uid: 'another', ip: '10.244.9.9' }
      return mapRecordsOfType(log, 'pod', (record) => (record === first ? [record, { ...record, pod: extra }] : record))
    },
  },
  {
    name: 'rename a pod in what was seen of the pods',
    touches: 'the pods: one that no watch has shown answers',
    voids: conclusionsOfPods,
    damage(log, random) {
      const { left, came } = listPods(log)
      const pod = pickOne([...left, ...came], random)
      return pod === null ? null : renamePods(log, ['pod'], new Map([[pod, `${pod}x`]]))
    },
  },
  {
    name: 'swap an old and a new pod in what was seen of the pods',
    touches: 'the pods: each answered when it was not there',
    voids: conclusionsOfPods,
    damage(log, random) {
      const { left, came } = listPods(log)
      const [old, young] = [pickOne(left, random), pickOne(came, random)]
      return old === null || young === null ? null : renamePods(log, ['pod'], swapNames([old, young]))
    },
  },
]
