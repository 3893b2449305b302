/** `docs/claims.md`: each claim with its evidence, its tolerance, what depends on it, and the damage that is shown to break it. */
import type { Claim } from '../../judge/claims/claim.ts'
import { conclusions as all } from '../../model/claims.ts'
import type { Conclusion } from '../../model/claims.ts'

const conclusionPhrases: Record<Conclusion, string> = {
  'some-lost': '*the disruption lost requests* (verdict `failed`)',
  'none-lost': '*no request was lost* (verdict `passed`)',
  'how-many': '*how many were lost* (otherwise “at least”)',
  'how-late': '*latencies*',
  whose: '*which pod and moment each loss belongs to*',
}

const pageHead = `# Claims

Made by \`npm run documents\` from \`harness/judge/claims/\`; a test fails when it is not.

A verdict is derived from statements about a run's evidence, each a pure function of the event log and the plan. Each names what rests on
it: while it does not hold, that is not concluded, and nothing else is withheld. So a late driver voids latencies and “none was lost”, and
never a loss that was seen. What is missing counts as not holding. The report of a run shows the list with its figures.

- \`failed\`: requests were lost by the disruption, and every claim holds on which *the disruption lost requests* rests.
- \`passed\`: none was lost, and every claim holds on which *no request was lost* rests.
- \`unknown\`: anything else. The reasons are the claims that do not hold, the weightiest first.

The damage below each claim is done to a clean log by \`harness/judge/claims/claims.test.ts\`, which fails unless the claim notices it.
`

/** `cases`: for each claim's name, when it is shown not to hold. */
export function renderClaimsPage(claims: readonly Claim[], cases: ReadonlyMap<string, readonly string[]>): string {
  const index = claims.map(({ name, says }) => `1. [${says}](#${name})`).join('\n')
  return `${pageHead}\n${index}\n${claims.map((claim) => renderClaimSection(claim, cases.get(claim.name) ?? [])).join('')}`
}

function renderClaimSection(
  { name, says, evidence, tolerance, conclusions, disturbance }: Claim,
  cases: readonly string[],
): string {
  return `
## ${name}

${says}.

- **Evidence:** ${evidence}.
- **Tolerance:** ${tolerance}.
- **Conclusions:** ${conclusions.length === all.length ? 'all' : conclusions.map((one) => conclusionPhrases[one]).join(', ')}.
- **Among several rounds:** ${formatRoundEffect(conclusions, disturbance)}.
- **Shown not to hold when** ${cases.join('; ')}.
`
}

/** The effect on a round in which a claim does not hold. */
function formatRoundEffect(conclusions: readonly Conclusion[], disturbance: boolean): string {
  if (!conclusions.includes('none-lost') && !conclusions.includes('some-lost'))
    return conclusions.includes('how-late') ? 'its latencies are not counted' : 'it counts as the others do'
  return disturbance
    ? 'without a verdict it is repeated, then left out while at least half of the rounds, and three, remain'
    : 'without a verdict it is repeated, and never left out'
}

/** The titles of the cases by claim, from the text of their test; see the table \`red\` there. */
export function collectCases(source: string): Map<string, string[]> {
  const cases = new Map<string, string[]>()
  let own: string[] | undefined
  const table = source.slice(source.indexOf('const red:'))
  // The formatter indents a claim's name by two spaces, and puts a case's title right after its bracket or on the next line.
  for (const [, name, short, long] of table.matchAll(/^ {2}'?([a-z-]+)'?: \[$|^ {4}\['([^']+)'|^ {6}'([^']+)',$/gm)) {
    if (name !== undefined) cases.set(name, (own = []))
    else own?.push(short ?? long ?? '')
  }
  return cases
}
