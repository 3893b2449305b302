/** Workflow commands: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
import type { ComparisonRow } from '../../model/comparison.ts'
import { formatChangeDetail, formatRowName } from '../baseline/change-text.ts'
import type { BaselineComparison } from '../baseline/compare-baselines.ts'
import { showInvisible } from '../report/escape-html.ts'

/** A step may have ten of each kind; those that fail come first. */
const mostOfAKind = 10

/** An error for each row whose gates or hypothesis did not hold or that is worse than the baseline, a warning for each undecided one. */
export function renderGithubAnnotations(rows: readonly ComparisonRow[], changes: BaselineComparison | null): string {
  const worse = (changes?.rows ?? []).filter(({ change }) => change === 'worse')
  const errors = [
    ...rows.filter(({ result }) => result.held === false).map((row) => ({ row, says: row.sentence })),
    ...worse.map((row) => ({ row, says: `worse than ${changes?.before}: ${formatChangeDetail(row)}` })),
  ]
  const warnings = rows
    .filter(({ result }) => result.held === null)
    .map((row) => ({ row, says: row.result.because[0] ?? row.sentence }))
  const format = (kind: string, all: typeof errors | typeof warnings): string[] =>
    all
      .slice(0, mostOfAKind)
      .map(
        ({ row, says }) => `::${kind} title=${escapeProperty(`nodrop: ${formatRowName(row)}`)}::${escapeData(says)}\n`,
      )
  return [...format('error', errors), ...format('warning', warnings)].join('')
}

function escapeData(text: string): string {
  return showInvisible(text).replaceAll('%', '%25')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
