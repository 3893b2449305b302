/** Law 1 as a claim: see ledger.ts. */
import { conclusions } from '../../model/claims.ts'
import { plural } from '../wording.ts'
import type { Claim } from './claim.ts'
import { figure, finding } from './claim.ts'

export const ledgerBalanced: Claim = {
  name: 'ledger-balanced',
  says: 'Every planned request ended exactly once, in its own time',
  evidence:
    'every `request` and `summary`, by driver and number; the instants of each; what each driver’s `end` says it had planned',
  tolerance: 'none: one request without an end, or with two, and no figure can be trusted',
  conclusions,
  hold: ({ account, evidence }) => {
    const { contradictory } = evidence
    const strange =
      contradictory === 0 ? null : `the instants of ${plural(contradictory, 'request')} contradict each other`
    return finding(
      [...account.complaints, strange],
      [
        figure('planned', 'count', account.ledger.planned),
        figure('ended more than once, missing or never planned', 'count', account.complaints.length, 0),
        figure('with instants out of order', 'count', contradictory, 0),
      ],
    )
  },
}
