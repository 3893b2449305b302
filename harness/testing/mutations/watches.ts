/** Damage to what was seen of endpoints and evictions, and to that all was seen. */
import { blame, changedOf, every, everything, leavingLosses, one, podsIn, stepUs } from './mutation.ts'
import type { Mutation } from './mutation.ts'

const routed: readonly Mutation[] = [
  {
    name: 'drop all that was seen of the endpoints',
    touches: 'the endpoints: nothing shows when traffic was led to a pod',
    voids: blame,
    damage: (log) => changedOf(log, 'endpoints', () => null),
  },
  {
    name: 'drop a pod that answered from the endpoints',
    touches: 'the endpoints: a pod that was none answered',
    voids: blame,
    damage(log, random) {
      const { left, came } = podsIn(log)
      const gone = one([...left, ...came], random)
      return changedOf(log, 'endpoints', (record) => ({
        ...record,
        endpoints: record.endpoints.filter(({ pod }) => pod !== gone),
      }))
    },
  },
  {
    name: 'leave the old pods among the ready endpoints',
    touches: 'the endpoints: pods that are gone are ready',
    voids: blame,
    damage(log) {
      const { left } = podsIn(log)
      const { t, slice, service, endpoints } = every(log, 'endpoints').findLast(({ endpoints }) =>
        endpoints.some(({ pod, ready }) => ready && left.includes(pod)),
      ) ?? { t: 0, slice: '', service: '', endpoints: [] }
      if (endpoints.length === 0) return null
      return changedOf(log, 'endpoints', (record) =>
        record.service === service && record.slice === slice && record.t > t ? { ...record, endpoints } : record,
      )
    },
  },
  {
    name: 'add a gap in what was seen, in the middle of the disruption',
    touches: 'the watches: what happened to the pods then is not known',
    voids: blame,
    damage(log, random) {
      const fromUs = stepUs(log, 'disrupt-begin')
      const t = fromUs + Math.floor(random() * (stepUs(log, 'old-pods-gone') - fromUs)) + 1
      return changedOf(log, 'step', (record) =>
        record.step === 'load-stop'
          ? [{ type: 'gap', t, from: fromUs, what: 'pods', why: 'the watch was cut' }, record]
          : record,
      )
    },
  },
]

const evicted: readonly Mutation[] = [
  {
    name: 'say that every eviction was refused',
    touches: 'the evictions: none was accepted',
    voids: everything,
    damage: (log) =>
      every(log, 'eviction').length === 0
        ? null
        : changedOf(log, 'eviction', (record) => ({ ...record, status: 429, message: 'Too Many Requests' })),
  },
  {
    name: 'drop the answers to the evictions',
    touches: 'the evictions: nothing shows that any was asked for',
    voids: everything,
    damage: (log) => (every(log, 'eviction').length === 0 ? null : changedOf(log, 'eviction', () => null)),
  },
]

export const ofWatches: readonly Mutation[] = [...leavingLosses(routed), ...evicted]
