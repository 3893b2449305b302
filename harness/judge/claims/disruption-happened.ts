/** The disruption that the plan asks for took place: see verdict/disruption-observed.ts. */
import { conclusions } from '../../model/claims.ts'
import type { Scenario } from '../../model/plan.ts'
import { explainDisruptionNotObserved } from '../verdict/disruption-observed.ts'
import type { Evidence } from '../facts/evidence.ts'
import type { Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const disruptionHappened: Claim = {
  name: 'disruption-happened',
  says: 'What the scenario asks for was done to the pods',
  evidence:
    'each `pod` from its creation to its deletion, the answers to evictions, the steps `disrupt-begin` and `old-pods-gone`',
  tolerance:
    'none: each pod that must leave was seen to leave before the disruption ended, and each that must come to get ready',
  conclusions,
  disturbance: true,
  check: ({ plan, evidence, pods }) => {
    const old = pods.filter((pod) => pod.old)
    return toClaimCheck(
      [findOtherChange(plan.scenario, evidence), explainDisruptionNotObserved(plan.scenario, evidence, pods)],
      [
        createFigure('pods before the disruption', 'count', old.length),
        createFigure('of them gone', 'count', old.filter(({ goneUs }) => goneUs !== null).length),
        createFigure('pods made by it', 'count', pods.filter((pod) => !pod.old).length),
      ],
    )
  },
}

/** The step names what was done; logs of other times may not. */
function findOtherChange({ disruption }: Scenario, { seen }: Evidence): string | null {
  const done = seen.step.find(({ step }) => step === 'disrupt-begin')?.detail ?? null
  return done === null || done === disruption.kind
    ? null
    : `the plan asks for ${disruption.kind}, and what was done is ${done}`
}
