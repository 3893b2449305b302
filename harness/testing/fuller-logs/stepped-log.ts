/** A recorded log with records of each step of its scenario, and damage to those. */
import type { LogRecord } from '../../model/record.ts'
import { nameStep } from '../../model/steps/labels.ts'
import { listSteps } from '../../model/steps/order.ts'
import { allConclusions, findStepUs, listRecords, mapRecordsOfType, pickOne } from '../mutations/mutation.ts'
import type { Mutation, RecordOf, RunLog } from '../mutations/mutation.ts'

type StepRecord = RecordOf<'step'>

/** With undisturbed load, one disruption, a wait until the workload has settled, and undisturbed load again. */
export function addSteps(log: RunLog): RunLog {
  const edges = ['load-begin', 'disrupt-begin', 'disrupt-end', 'old-pods-gone', 'load-stop'] as const
  const times = edges.map((edge) => findStepUs(log, edge))
  const told = listSteps(log.plan.scenario.steps).flatMap(({ number, step }): LogRecord[] => [
    { type: 'step', t: times[number - 1]!, step: 'step-begin', detail: nameStep(step), number },
    { type: 'step', t: times[number]!, step: 'step-end', detail: null, number },
  ])
  return { ...log, records: [...log.records, ...told] }
}

/** The log with one record of a scenario's step changed by `change`. */
function changeOne(
  log: RunLog,
  change: (record: StepRecord) => LogRecord | LogRecord[] | null,
  choose: (records: StepRecord[]) => StepRecord | null | undefined,
): RunLog | null {
  const chosen = choose(listRecords(log, 'step').filter(({ number }) => number !== undefined))
  return chosen ? mapRecordsOfType(log, 'step', (record) => (record === chosen ? change(record) : record)) : null
}
const isBegin = ({ step }: StepRecord): boolean => step === 'step-begin'

export const scenarioStepMutations: readonly Mutation[] = [
  {
    name: 'drop the beginning of a step of the scenario',
    touches: 'the steps: one was not done',
    voids: allConclusions,
    damage: (log, random) =>
      changeOne(
        log,
        () => null,
        (all) => pickOne(all.filter(isBegin), random),
      ),
  },
  {
    name: 'drop the end of a step of the scenario',
    touches: 'the steps: one did not come to its end',
    voids: allConclusions,
    damage: (log, random) =>
      changeOne(
        log,
        () => null,
        (all) =>
          pickOne(
            all.filter((one) => !isBegin(one)),
            random,
          ),
      ),
  },
  {
    name: 'repeat a record of a step of the scenario',
    touches: 'the steps: one was done twice',
    voids: allConclusions,
    damage: (log, random) =>
      changeOne(
        log,
        (record) => [record, record],
        (all) => pickOne(all, random),
      ),
  },
  {
    name: 'give a record of a step to one that the plan does not have',
    touches: 'the steps: the run did something that was not asked for',
    voids: allConclusions,
    damage: (log, random) =>
      changeOne(
        log,
        (record) => ({ ...record, number: 9 }),
        (all) => pickOne(all, random),
      ),
  },
  {
    name: 'call a step of the scenario another',
    touches: 'the steps: something else was done',
    voids: allConclusions,
    damage: (log, random) =>
      changeOne(
        log,
        (record) => ({ ...record, detail: 'drain' }),
        (all) => pickOne(all.filter(isBegin), random),
      ),
  },
  {
    name: 'begin a step before the one before it had ended',
    touches: 'the steps: they were not done one after another',
    voids: allConclusions,
    damage: (log) =>
      changeOne(
        log,
        (record) => ({ ...record, t: record.t - 1 }),
        (all) => all.find((one) => isBegin(one) && one.number === 3),
      ),
  },
]
