import type { ComparisonRow } from '../../model/comparison.ts'
import type { Decision } from '../../model/figures/decision.ts'
import { describeCertainty } from '../statistics/certainty.ts'
import { toJsonRow } from '../tables/comparison-columns.ts'
import { generateJsonText } from './generate-json.ts'

/**
 * The comparison for programs: `{ schema: 1, rows, decisions, certainty }`. In a row each column by its key; times in µs, shares from 0 to
 * 1. `decisions` tell of each pair of rows which is better, `certainty` of each row what its rounds prove.
 */
export function renderSummaryJson(
  rows: readonly ComparisonRow[],
  decisions: readonly Decision[] = [],
): Iterable<string> {
  const certainty = rows.map(describeCertainty)
  return generateJsonText({ schema: 1, rows: rows.map(toJsonRow), decisions, certainty })
}
