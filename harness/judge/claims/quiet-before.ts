/** A workload that loses requests by itself says nothing of what a disruption costs. */
import { conclusions } from '../../model/claims.ts'
import { plural } from '../figures/wording.ts'
import type { Claim } from './claim.ts'
import { figure, finding } from './claim.ts'

export const quietBefore: Claim = {
  name: 'quiet-before',
  says: 'Nothing was lost before anything was disrupted',
  evidence: 'every request that failed in the phase `before`',
  tolerance: 'none: whatever lost it may have lost the others',
  conclusions,
  disturbance: true,
  hold: ({ losses }) => {
    const early = losses.filter(({ phase }) => phase === 'before').length
    return finding(
      [early === 0 ? null : `${plural(early, 'request')} had been lost before anything was disrupted`],
      [figure('lost before', 'count', early, 0)],
    )
  },
}
