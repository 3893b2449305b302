/** The lane to the pod that nothing disrupts lost nothing, and was what it should be: see control.ts. */
import { conclusions } from '../../model/claims.ts'
import { controlDoubts } from '../verdict/control-lane.ts'
import type { Claim } from './claim.ts'
import { figure, finding } from './claim.ts'

export const controlClean: Claim = {
  name: 'control-clean',
  says: 'No request was lost to the pod that nothing disrupts',
  evidence: 'every request of the lane `control`',
  tolerance: 'none: what the machine or the network loses there it may lose anywhere',
  conclusions,
  disturbance: true,
  hold: ({ plan, account }) =>
    finding(controlDoubts(account.control, plan.scenario.load), [
      figure('sent', 'count', account.control?.sent ?? null),
      figure('lost', 'count', account.control?.lost ?? null, 0),
    ]),
}
