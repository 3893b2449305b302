/** Damage to a log that only counts most of its requests. */
import { mapRecordsOfType, listRecords, allConclusions, pickOne } from './mutation.ts'
import type { Mutation, RecordOf, RunLog } from './mutation.ts'

type Summary = RecordOf<'summary'>['summary']

/** The log with one summary of the workload's lanes changed by `change`. */
function changeOneSummary(
  log: RunLog,
  random: () => number,
  change: (summary: Summary) => Summary | Summary[],
): RunLog | null {
  const own = listRecords(log, 'summary').filter(
    ({ summary: { groups, seqs } }) => groups[0]?.lane !== 'control' && (seqs[0]?.count ?? 0) > 1,
  )
  const chosen = pickOne(own, random)
  if (chosen === null) return null
  return mapRecordsOfType(log, 'summary', (record) =>
    record === chosen ? [change(chosen.summary)].flat().map((summary) => ({ type: 'summary', summary })) : record,
  )
}

export const summaryMutations: readonly Mutation[] = [
  {
    name: 'drop a summary',
    touches: 'the ledger: requests are missing',
    voids: allConclusions,
    damage: (log, random) => changeOneSummary(log, random, () => []),
  },
  {
    name: 'repeat a summary',
    touches: 'the ledger: requests ended twice',
    voids: allConclusions,
    damage: (log, random) => changeOneSummary(log, random, (summary) => [summary, summary]),
  },
  {
    name: 'move a summary by 50 ms',
    touches: 'the schedule: its requests were due at other instants',
    voids: ['none-lost', 'how-many', 'how-late'],
    damage: (log, random) =>
      changeOneSummary(log, random, (summary) => ({
        ...summary,
        firstDueUs: summary.firstDueUs + 50_000,
        lastDueUs: summary.lastDueUs + 50_000,
      })),
  },
  {
    name: 'give a summary to another driver',
    touches: 'the ledger: its driver has no such places in the plan',
    voids: allConclusions,
    damage: (log, random) => changeOneSummary(log, random, (summary) => ({ ...summary, driver: summary.driver + 1 })),
  },
  {
    name: 'have a stranger answer what a summary counts',
    touches: 'who answered: a pod that no watch has shown',
    voids: ['none-lost', 'how-many', 'whose'],
    damage: (log, random) =>
      changeOneSummary(log, random, (summary) => ({
        ...summary,
        groups: summary.groups.map((group) => ({ ...group, pod: 'stranger' })),
      })),
  },
  {
    name: 'take the pod’s name from what a summary counts',
    touches: 'who answered: some answers say so and others do not',
    voids: ['none-lost', 'how-many', 'whose'],
    damage: (log, random) =>
      changeOneSummary(log, random, (summary) => ({
        ...summary,
        groups: summary.groups.map((group) => ({ ...group, pod: null })),
      })),
  },
  {
    name: 'put a summary into the control lane',
    touches: 'the control lane: a pod of the workload answered it',
    voids: ['some-lost', 'none-lost', 'how-many', 'how-late'],
    damage: (log, random) =>
      changeOneSummary(log, random, (summary) => ({
        ...summary,
        groups: summary.groups.map((group) => ({ ...group, lane: 'control' as const })),
      })),
  },
]
