/** Damage to the story of the run: its steps, its beginning and its end. */
import { wholeRunSteps } from '../../model/step.ts'
import type { LogRecord } from '../../model/record.ts'
import type { Step } from '../../model/step.ts'
import { allButLosses, changedOf, every, everything, one, stepUs, two } from './mutation.ts'
import type { Mutation, RunLog } from './mutation.ts'

function moved(log: RunLog, step: Step, byUs: number): RunLog {
  return changedOf(log, 'step', (record) => (record.step === step ? { ...record, t: record.t + byUs } : record))
}

function ended(log: RunLog, keep: number, torn: boolean): RunLog {
  return { ...log, records: log.records.slice(0, keep), torn }
}

const dropped: readonly Mutation[] = wholeRunSteps.map((step) => ({
  name: `drop the step ${step}`,
  touches: 'the steps: the run did not come to its end, or nobody knows when',
  voids: everything,
  damage: (log) => changedOf(log, 'step', (record) => (record.step === step ? null : record)),
}))

export const ofSteps: readonly Mutation[] = [
  ...dropped,
  {
    name: 'repeat a step',
    touches: 'the steps: the run did something twice, or the log is of two runs',
    voids: everything,
    damage(log, random) {
      const again = one(every(log, 'step'), random)
      return changedOf(log, 'step', (record) => (record === again ? [record, record] : record))
    },
  },
  {
    name: 'swap the times of two steps',
    touches: 'the steps: one came before what must be done first',
    voids: everything,
    damage(log, random) {
      const both = two(every(log, 'step'), random)
      if (both === null) return null
      const [a, b] = both
      return changedOf(log, 'step', (record) =>
        record === a ? { ...a, t: b.t } : record === b ? { ...b, t: a.t } : record,
      )
    },
  },
  {
    name: 'swap two steps',
    touches: 'the steps: one came before what must be done first',
    voids: everything,
    damage(log, random) {
      const both = two(every(log, 'step'), random)
      if (both === null) return null
      const [a, b] = both
      return changedOf(log, 'step', (record) =>
        record === a ? { ...a, step: b.step } : record === b ? { ...b, step: a.step } : record,
      )
    },
  },
  {
    name: 'say that the run was interrupted',
    touches: 'the steps: the run was broken off',
    voids: everything,
    damage: (log, random) => broken(log, 'interrupted', random()),
  },
  {
    name: 'say that the run failed',
    touches: 'the steps: the run was broken off',
    voids: everything,
    damage: (log, random) => broken(log, 'failed', random()),
  },
  {
    name: 'begin the disruption 2 s sooner',
    touches: 'the phases: the load before was shorter than planned',
    voids: allButLosses,
    damage: (log) => moved(log, 'disrupt-begin', -2_000_000),
  },
  {
    name: 'begin the disruption when the first old pod is about to be gone',
    touches: 'the phases: what happened to the pods came before the disruption',
    voids: ['none-lost', 'how-many'],
    damage(log) {
      const atUs = stepUs(log, 'disrupt-begin')
      const gone = every(log, 'pod').find(({ t, change }) => change === 'deleted' && t > atUs)
      if (gone === undefined) return null
      const later = changedOf(log, 'step', (record) =>
        record.step === 'disrupt-end' ? { ...record, t: gone.t } : record,
      )
      return moved(later, 'disrupt-begin', gone.t - 1 - atUs)
    },
  },
  {
    name: 'call the old pods gone 2 s sooner',
    touches: 'the steps: the disruption ended before the old pods were gone',
    voids: everything,
    damage(log) {
      const byUs = Math.max(-2_000_000, stepUs(log, 'disrupt-end') - stepUs(log, 'old-pods-gone') + 1)
      return moved(log, 'old-pods-gone', byUs)
    },
  },
  {
    name: 'call the old pods gone 2 s later',
    touches: 'the phases: the load after was shorter than planned',
    voids: allButLosses,
    damage: (log) => moved(log, 'old-pods-gone', 2_000_000),
  },
  {
    name: 'begin the load 2 s later',
    touches: 'the phases: the load before was shorter than planned',
    voids: allButLosses,
    damage: (log) => moved(log, 'load-begin', 2_000_000),
  },
  {
    name: 'stop the load 2 s sooner',
    touches: 'the phases: the load after was shorter than planned',
    voids: allButLosses,
    damage: (log) => moved(log, 'load-stop', -2_000_000),
  },
  {
    name: 'stop the load 2 s later',
    touches: 'the phases: nothing was sent in the last 2 s',
    voids: allButLosses,
    damage(log) {
      const later = changedOf(log, 'step', (record) =>
        record.step === 'load-end' || record.step === 'end' ? { ...record, t: record.t + 2_000_000 } : record,
      )
      return moved(later, 'load-stop', 2_000_000)
    },
  },
  {
    name: 'end the log at any record',
    touches: 'the log: the run was killed',
    voids: everything,
    damage: (log, random) => ended(log, Math.floor(random() * log.records.length), false),
  },
  {
    name: 'end the log while the run cleans up',
    touches: 'the log: the run was killed while it cleaned up',
    voids: everything,
    damage(log, random) {
      const from = log.records.findIndex((record) => record.type === 'step' && record.step === 'load-end')
      const left = log.records.length - 1 - from
      return ended(log, from + 1 + Math.floor(random() * left), random() < 0.5)
    },
  },
  {
    name: 'tear the log’s end off, without a record',
    touches: 'the log: what was written last is damaged',
    voids: everything,
    damage: (log) => ended(log, log.records.length, true),
  },
  {
    name: 'begin the log at any record',
    touches: 'the log: its beginning is missing',
    voids: everything,
    damage(log, random) {
      const first = 1 + Math.floor(random() * (log.records.length / 2))
      return { ...log, records: log.records.slice(first) }
    },
  },
  {
    name: 'put the log behind itself',
    touches: 'the log: it is there twice',
    voids: everything,
    damage: (log) => ({ ...log, records: [...log.records, ...log.records] }),
  },
]

function broken(log: RunLog, step: 'interrupted' | 'failed', at: number): RunLog {
  const t = Math.floor(at * stepUs(log, 'end'))
  const record: LogRecord = { type: 'step', t, step, detail: null }
  return { ...log, records: [...log.records, record] }
}
