/** The lane to the pod that nothing disrupts lost nothing and met its plan: see control.ts. */
import { conclusions } from '../../model/claims.ts'
import { findControlProblems } from '../verdict/control-lane.ts'
import type { Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const controlClean: Claim = {
  name: 'control-clean',
  says: 'No request was lost to the pod that nothing disrupts',
  evidence: 'every request of the lane `control`',
  tolerance: 'none: what the machine or the network loses there it may lose anywhere',
  conclusions,
  disturbance: true,
  check: ({ plan, account }) =>
    toClaimCheck(findControlProblems(account.control, plan.scenario.load), [
      createFigure('sent', 'count', account.control?.sent ?? null),
      createFigure('lost', 'count', account.control?.lost ?? null, 0),
    ]),
}
