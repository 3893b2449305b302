/** Damage to the sequence of a run: its steps, its beginning and its end. */
import { wholeRunSteps } from '../../model/step.ts'
import type { LogRecord } from '../../model/record.ts'
import type { Step } from '../../model/step.ts'
import {
  conclusionsButLosses,
  mapRecordsOfType,
  listRecords,
  allConclusions,
  pickOne,
  findStepUs,
  pickTwo,
} from './mutation.ts'
import type { Mutation, Random, RunLog } from './mutation.ts'

function moveStep(log: RunLog, step: Step, byUs: number): RunLog {
  return mapRecordsOfType(log, 'step', (record) => (record.step === step ? { ...record, t: record.t + byUs } : record))
}

type StepRecord = Extract<LogRecord, { type: 'step' }>

/** Swaps something between two steps. */
function swapSteps(
  log: RunLog,
  random: Random,
  swap: (own: StepRecord, other: StepRecord) => StepRecord,
): RunLog | null {
  const both = pickTwo(listRecords(log, 'step'), random)
  if (both === null) return null
  const [a, b] = both
  return mapRecordsOfType(log, 'step', (record) => (record === a ? swap(a, b) : record === b ? swap(b, a) : record))
}

function truncateLog(log: RunLog, keep: number, torn: boolean): RunLog {
  return { ...log, records: log.records.slice(0, keep), torn }
}

const droppedStepMutations: readonly Mutation[] = wholeRunSteps.map((step) => ({
  name: `drop the step ${step}`,
  touches: 'the steps: the run did not come to its end, or it is unknown when',
  voids: allConclusions,
  damage: (log) => mapRecordsOfType(log, 'step', (record) => (record.step === step ? null : record)),
}))

export const stepMutations: readonly Mutation[] = [
  ...droppedStepMutations,
  {
    name: 'repeat a step',
    touches: 'the steps: the run did something twice, or the log is of two runs',
    voids: allConclusions,
    damage(log, random) {
      const again = pickOne(listRecords(log, 'step'), random)
      return mapRecordsOfType(log, 'step', (record) => (record === again ? [record, record] : record))
    },
  },
  {
    name: 'swap the times of two steps',
    touches: 'the steps: one came before what must be done first',
    voids: allConclusions,
    damage: (log, random) => swapSteps(log, random, (own, other) => ({ ...own, t: other.t })),
  },
  {
    name: 'swap two steps',
    touches: 'the steps: one came before what must be done first',
    voids: allConclusions,
    damage: (log, random) => swapSteps(log, random, (own, other) => ({ ...own, step: other.step })),
  },
  {
    name: 'say that the run was interrupted',
    touches: 'the steps: the run was broken off',
    voids: allConclusions,
    damage: (log, random) => breakOff(log, 'interrupted', random()),
  },
  {
    name: 'say that the run failed',
    touches: 'the steps: the run was broken off',
    voids: allConclusions,
    damage: (log, random) => breakOff(log, 'failed', random()),
  },
  {
    name: 'begin the disruption 2 s sooner',
    touches: 'the phases: the load before was shorter than planned',
    voids: conclusionsButLosses,
    damage: (log) => moveStep(log, 'disrupt-begin', -2_000_000),
  },
  {
    name: 'begin the disruption when the first old pod is about to be gone',
    touches: 'the phases: what happened to the pods came before the disruption',
    voids: ['none-lost', 'how-many'],
    damage(log) {
      const atUs = findStepUs(log, 'disrupt-begin')
      const gone = listRecords(log, 'pod').find(({ t, change }) => change === 'deleted' && t > atUs)
      if (gone === undefined) return null
      const later = mapRecordsOfType(log, 'step', (record) =>
        record.step === 'disrupt-end' ? { ...record, t: gone.t } : record,
      )
      return moveStep(later, 'disrupt-begin', gone.t - 1 - atUs)
    },
  },
  {
    name: 'call the old pods gone 2 s sooner',
    touches: 'the steps: the disruption ended before the old pods were gone',
    voids: allConclusions,
    damage(log) {
      const byUs = Math.max(-2_000_000, findStepUs(log, 'disrupt-end') - findStepUs(log, 'old-pods-gone') + 1)
      return moveStep(log, 'old-pods-gone', byUs)
    },
  },
  {
    name: 'call the old pods gone 2 s later',
    touches: 'the phases: the load after was shorter than planned',
    voids: conclusionsButLosses,
    damage: (log) => moveStep(log, 'old-pods-gone', 2_000_000),
  },
  {
    name: 'begin the load 2 s later',
    touches: 'the phases: the load before was shorter than planned',
    voids: conclusionsButLosses,
    damage: (log) => moveStep(log, 'load-begin', 2_000_000),
  },
  {
    name: 'stop the load 2 s sooner',
    touches: 'the phases: the load after was shorter than planned',
    voids: conclusionsButLosses,
    damage: (log) => moveStep(log, 'load-stop', -2_000_000),
  },
  {
    name: 'stop the load 2 s later',
    touches: 'the phases: nothing was sent in the last 2 s',
    voids: conclusionsButLosses,
    damage(log) {
      const later = mapRecordsOfType(log, 'step', (record) =>
        record.step === 'load-end' || record.step === 'end' ? { ...record, t: record.t + 2_000_000 } : record,
      )
      return moveStep(later, 'load-stop', 2_000_000)
    },
  },
  {
    name: 'end the log at any record',
    touches: 'the log: the run was killed',
    voids: allConclusions,
    damage: (log, random) => truncateLog(log, Math.floor(random() * log.records.length), false),
  },
  {
    name: 'end the log while the run cleans up',
    touches: 'the log: the run was killed while it cleaned up',
    voids: allConclusions,
    damage(log, random) {
      const from = log.records.findIndex((record) => record.type === 'step' && record.step === 'load-end')
      const left = log.records.length - 1 - from
      return truncateLog(log, from + 1 + Math.floor(random() * left), random() < 0.5)
    },
  },
  {
    name: 'tear the log’s end off, without a record',
    touches: 'the log: what was written last is damaged',
    voids: allConclusions,
    damage: (log) => truncateLog(log, log.records.length, true),
  },
  {
    name: 'begin the log at any record',
    touches: 'the log: its beginning is missing',
    voids: allConclusions,
    damage(log, random) {
      const first = 1 + Math.floor(random() * (log.records.length / 2))
      return { ...log, records: log.records.slice(first) }
    },
  },
  {
    name: 'put the log behind itself',
    touches: 'the log: it is there twice',
    voids: allConclusions,
    damage: (log) => ({ ...log, records: [...log.records, ...log.records] }),
  },
]

function breakOff(log: RunLog, step: 'interrupted' | 'failed', at: number): RunLog {
  const t = Math.floor(at * findStepUs(log, 'end'))
  const record: LogRecord = { type: 'step', t, step, detail: null }
  return { ...log, records: [...log.records, record] }
}
