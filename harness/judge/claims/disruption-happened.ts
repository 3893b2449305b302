/** The planned disruption took place: see verdict/disruption-observed.ts. */
import { conclusions } from '../../model/claims.ts'
import { explainDisruptionNotObserved } from '../verdict/disruption-observed.ts'
import type { Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const disruptionHappened: Claim = {
  name: 'disruption-happened',
  says: 'What the scenario asks for was done to the pods',
  evidence:
    'each `pod` from its creation to its deletion, the answers to evictions, the steps `disrupt-begin` and `old-pods-gone`, `step-begin` and `step-end` of each step of the scenario',
  tolerance:
    'none: each step was done once and in its order, each pod that must leave by it was seen to leave before the workload had settled, and each that must come to get ready; where a user’s own code is all that was done, a pod came or left',
  conclusions,
  disturbance: true,
  check: ({ plan, evidence, pods }) => {
    const old = pods.filter((pod) => pod.old)
    return toClaimCheck(
      [explainDisruptionNotObserved(plan.scenario, evidence, pods)],
      [
        createFigure('pods before the disruption', 'count', old.length),
        createFigure('of them gone', 'count', old.filter(({ goneUs }) => goneUs !== null).length),
        createFigure('pods made by it', 'count', pods.filter((pod) => !pod.old).length),
      ],
    )
  },
}
