/** How close a run's load is to the rate at which the workload's p99 doubles, if that is known. */
import type { RunPlan } from '../../model/plan.ts'
import { formatCount, formatPercent } from '../../base/figures.ts'

type LoadOfPlan = Pick<RunPlan, 'capacity' | 'scenario'>

/** Above this, latencies depend on the load too, and the workload may not have a pod to spare. */
const maxCapacityShare = 0.5

/** `null` where the capacity is unknown, or the load has no rate. */
export function formatCapacity(plan: LoadOfPlan): string | null {
  const { capacity, scenario } = plan
  if (!capacity || scenario.load.closedLoop) return null
  const { kneePerSecond, belowPerSecond, measured } = capacity
  const day = measured.slice(0, 10)
  if (kneePerSecond === null)
    return `p99 does not double up to ${formatCount(belowPerSecond)} requests/s (measured ${day})`
  const part = formatPercent(scenario.load.ratePerSecond, kneePerSecond)
  const note = formatCapacityWarning(plan) === null ? '' : ': more than half, so latencies depend on the load too'
  return `p99 doubles at ${formatCount(kneePerSecond)} requests/s (measured ${day}), the load is ${part} of it${note}`
}

/** Why the requested rate is too high; `null` if it is not, or if the capacity is unknown. */
export function formatCapacityWarning({ capacity, scenario }: LoadOfPlan): string | null {
  const { ratePerSecond, closedLoop } = scenario.load
  if (!capacity || closedLoop) return null
  const { kneePerSecond, belowPerSecond } = capacity
  if (kneePerSecond === null) {
    if (ratePerSecond <= belowPerSecond) return null
    return `${formatCount(ratePerSecond)} requests/s are more than the ${formatCount(belowPerSecond)}/s up to which p99 is known not to double`
  }
  if (ratePerSecond <= maxCapacityShare * kneePerSecond) return null
  const half = formatCount(Math.floor(maxCapacityShare * kneePerSecond))
  return (
    `${formatCount(ratePerSecond)} requests/s are more than half of the ${formatCount(kneePerSecond)}/s at which p99 doubles: ` +
    `latencies will depend on the load too (--rate ${half} is half)`
  )
}
