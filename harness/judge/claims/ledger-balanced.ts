/** Law 1 as a claim: see ledger.ts. */
import { conclusions } from '../../model/claims.ts'
import { isMiscounted } from '../facts/contradictions.ts'
import type { Evidence } from '../facts/evidence.ts'
import { formatCount, formatPlural } from '../../base/figures.ts'
import type { Claim } from './claim.ts'
import { createFigure, toClaimCheck } from './claim.ts'

export const ledgerBalanced: Claim = {
  name: 'ledger-balanced',
  says: 'Every planned request ended exactly once, in its own time',
  evidence:
    'every `request` and `summary`, by driver and number; instants, outcome and answer of each; what each `driver` reports and its `end` says it had planned',
  tolerance: 'none: one request without an end, or with two, and no figure can be trusted',
  conclusions,
  disturbance: false,
  check: ({ account, evidence }) => {
    const { contradictory } = evidence
    const strange =
      contradictory === 0
        ? null
        : `what the log says of ${formatPlural(contradictory, 'request')} contradicts itself: the instants, or the outcome and the answer`
    return toClaimCheck(
      [...account.problems, strange, ...findMiscountedReports(evidence)],
      [
        createFigure('planned', 'count', account.ledger.planned),
        createFigure('ended more than once, missing or never planned', 'count', account.problems.length, 0),
        createFigure('that contradict themselves', 'count', contradictory, 0),
      ],
    )
  },
}

/** A driver that has planned more than its end record says has lost the end of its plan. */
function findMiscountedReports({ seen }: Evidence): string[] {
  const miscounted = seen.driver.filter(({ health }) => isMiscounted(health)).length
  const beyond = seen.end.flatMap(({ driver, planned }) => {
    const most = seen.driver.reduce((sum, one) => (one.driver === driver ? Math.max(sum, one.health.planned) : sum), 0)
    return most <= planned
      ? []
      : [
          `the ledger does not balance: a driver reported ${formatCount(most)} planned, and ${formatCount(planned)} in the end`,
        ]
  })
  if (miscounted > 0)
    beyond.push(`${formatPlural(miscounted, 'report')} of the drivers ${miscounted === 1 ? 'does' : 'do'} not add up`)
  return beyond
}
