import type { ComparisonRow } from '../../model/comparison.ts'
import { formatChangeDetail } from '../baseline/change-text.ts'
import type { BaselineComparison } from '../baseline/compare-baselines.ts'
import { formatRowName, tellApart } from '../baseline/row-name.ts'
import { formatWorkflowCommand } from './workflow-command.ts'

/** A step may have ten of each kind; failures come first. */
const mostOfAKind = 10

/**
 * Workflow commands that match the exit code: an error for each row whose gates or hypothesis did not hold or that is worse than the
 * baseline, a warning for each that is undecided or has missing runs.
 */
export function listGithubAnnotations(
  rows: readonly ComparisonRow[],
  changes: BaselineComparison | null = null,
): string[] {
  const named = tellApart(rows)
  const worse = (changes?.rows ?? []).filter(({ change }) => change === 'worse')
  const errors = [
    ...named.filter(({ result }) => result.held === false).map((row) => ({ row, says: explainRow(row) })),
    ...worse.map((row) => ({ row, says: `worse than ${changes?.before}: ${formatChangeDetail(row)}` })),
  ]
  const warnings = named
    .filter(({ result: { held, missing } }) => held === null || (held && missing > 0))
    .map((row) => ({ row, says: explainRow(row) }))
  const format = (kind: 'error' | 'warning', all: typeof errors | typeof warnings): string[] =>
    all.slice(0, mostOfAKind).map(({ row, says }) => formatWorkflowCommand(kind, says, `nodrop: ${formatRowName(row)}`))
  return [...format('error', errors), ...format('warning', warnings)]
}

/** The sentence contains the first reason but may leave out which runs are missing. */
function explainRow({ sentence, account, result: { because, missing } }: ComparisonRow): string {
  return [sentence, ...because.slice(1), ...(missing > 0 && account !== null ? [account] : [])].join('\n')
}
