/** Law 6: the lane of the pod that nothing disrupts must be clean, or other losses may have a cause outside the configuration. */
import type { LoadPlan } from '../../model/plan.ts'
import type { Ledger } from '../../model/result.ts'
import { hasControlLane } from '../../model/load/schedule.ts'
import { listLostOutcomes } from './run-sentence.ts'
import { formatCount, formatList, formatPlural } from '../../base/figures.ts'

/** The problems of the lane `control`; empty if the plan has no such lane. */
export function findControlProblems(control: Ledger | null, load: LoadPlan): string[] {
  if (control === null) {
    return hasControlLane(load)
      ? ['the control lane is empty: losses of the machine cannot be distinguished from those of the workload']
      : []
  }
  const { sent, lost, outcomes } = control
  if (lost === 0) return []
  const kinds = listLostOutcomes(outcomes).map((one) => `${formatCount(one.count)} ${one.outcome.replaceAll('-', ' ')}`)
  return [
    `the control lane is dirty: ${formatCount(lost)} of ${formatPlural(sent, 'request')} to a pod that nothing disrupted were lost ` +
      `(${formatList(kinds)}), so the machine or the network loses requests by itself`,
  ]
}
