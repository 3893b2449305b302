/** If a workload loses requests by itself, its losses do not show the cost of a disruption. */
import { conclusions } from '../../model/claims.ts'
import { formatPlural } from '../../base/figures.ts'
import type { Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const quietBefore: Claim = {
  name: 'quiet-before',
  says: 'Nothing was lost before anything was disrupted',
  evidence: 'every request that failed in the phase `before`',
  tolerance: 'none: whatever lost it may have lost the others',
  conclusions,
  disturbance: true,
  check: ({ losses }) => {
    const early = losses.filter(({ phase }) => phase === 'before').length
    return toClaimCheck(
      [early === 0 ? null : `${formatPlural(early, 'request')} had been lost before anything was disrupted`],
      [createFigure('lost before', 'count', early, 0)],
    )
  },
}
