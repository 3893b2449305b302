/** Damage to the observations of endpoints and evictions, and to their completeness. */
import {
  lossBlame,
  mapRecordsOfType,
  listRecords,
  allConclusions,
  markLossesStand,
  pickOne,
  listPods,
  findStepUs,
} from './mutation.ts'
import type { Mutation } from './mutation.ts'

const routingMutations: readonly Mutation[] = [
  {
    name: 'drop all that was seen of the endpoints',
    touches: 'the endpoints: nothing shows when traffic was led to a pod',
    voids: lossBlame,
    damage: (log) => mapRecordsOfType(log, 'endpoints', () => null),
  },
  {
    name: 'drop a pod that answered from the endpoints',
    touches: 'the endpoints: a pod that was none answered',
    voids: lossBlame,
    damage(log, random) {
      const { left, came } = listPods(log)
      const gone = pickOne([...left, ...came], random)
      return mapRecordsOfType(log, 'endpoints', (record) => ({
        ...record,
        endpoints: record.endpoints.filter(({ pod }) => pod !== gone),
      }))
    },
  },
  {
    name: 'leave the old pods among the ready endpoints',
    touches: 'the endpoints: pods that are gone are ready',
    voids: lossBlame,
    damage(log) {
      const { left } = listPods(log)
      const { t, slice, service, endpoints } = listRecords(log, 'endpoints').findLast(({ endpoints }) =>
        endpoints.some(({ pod, ready }) => ready && left.includes(pod)),
      ) ?? { t: 0, slice: '', service: '', endpoints: [] }
      if (endpoints.length === 0) return null
      return mapRecordsOfType(log, 'endpoints', (record) =>
        record.service === service && record.slice === slice && record.t > t ? { ...record, endpoints } : record,
      )
    },
  },
  {
    name: 'add a gap in what was seen, in the middle of the disruption',
    touches: 'the watches: what happened to the pods then is not known',
    voids: lossBlame,
    damage(log, random) {
      const fromUs = findStepUs(log, 'disrupt-begin')
      const t = fromUs + Math.floor(random() * (findStepUs(log, 'old-pods-gone') - fromUs)) + 1
      return mapRecordsOfType(log, 'step', (record) =>
        record.step === 'load-stop'
          ? [{ type: 'gap', t, from: fromUs, what: 'pods', why: 'the watch was cut' }, record]
          : record,
      )
    },
  },
]

const evictionMutations: readonly Mutation[] = [
  {
    name: 'say that every eviction was refused',
    touches: 'the evictions: none was accepted',
    voids: allConclusions,
    damage: (log) =>
      listRecords(log, 'eviction').length === 0
        ? null
        : mapRecordsOfType(log, 'eviction', (record) => ({ ...record, status: 429, message: 'Too Many Requests' })),
  },
  {
    name: 'drop the answers to the evictions',
    touches: 'the evictions: nothing shows that any was asked for',
    voids: allConclusions,
    damage: (log) => (listRecords(log, 'eviction').length === 0 ? null : mapRecordsOfType(log, 'eviction', () => null)),
  },
]

export const watchMutations: readonly Mutation[] = [...markLossesStand(routingMutations), ...evictionMutations]
