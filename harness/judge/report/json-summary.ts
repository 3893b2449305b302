import type { ComparisonRow } from '../../model/comparison.ts'
import type { Decision } from '../../model/figures/decision.ts'
import { describeCertainty } from '../statistics/certainty.ts'
import { toJsonRow } from '../tables/comparison-columns.ts'
import { generateJsonText } from './generate-json.ts'

/**
 * The comparison for programs: `{ schema: 1, rows, decisions, certainty }`. A row has each column by its key, with times in µs and shares
 * from 0 to 1. `decisions` say which row of each pair is better, `certainty` what the rounds of each row prove.
 */
export function renderSummaryJson(
  rows: readonly ComparisonRow[],
  decisions: readonly Decision[] = [],
): Iterable<string> {
  const certainty = rows.map(describeCertainty)
  return generateJsonText({ schema: 1, rows: rows.map(toJsonRow), decisions, certainty })
}
