/** The losses of the samples' disruptions, and the margins of their pods. */
import { computeLossFigures } from '../../judge/figures/loss-figures.ts'
import { computePodMargins } from '../../judge/margins/pod-margins.ts'
import type { RunPlan } from '../../model/plan.ts'
import type { Analysis, Loss, PodTimeline } from '../../model/result.ts'

const second = 1_000_000

/** At 200 requests a second, half of them on new connections. */
export function buildFigures(
  plan: RunPlan,
  { pods, losses, times }: { pods: PodTimeline[]; losses: Loss[]; times: number },
): Pick<Analysis, 'lossFigures' | 'margins'> {
  const beganUs = 5 * second
  const countDue = (fromUs: number, toUs: number): number => Math.round(((toUs - fromUs) / second) * 200 * times)
  return {
    lossFigures: computeLossFigures({ countDue }, losses, { pods, beganUs, endUs: 26 * second }),
    margins: computePodMargins({
      plan,
      pods,
      losses,
      beganUs,
      connectionsPerSecond: 100,
      clockErrorUs: 200,
      rulesErrorUs: 10_000,
    }),
  }
}
