import type { ComparisonRow } from '../../model/comparison.ts'
import { toJsonRow } from '../tables/comparison-columns.ts'
import { generateJsonText } from './generate-json.ts'

/** The comparison for programs: `{ schema: 1, rows }`, in a row each column by its key; times in µs, shares from 0 to 1. */
export function renderSummaryJson(rows: readonly ComparisonRow[]): Iterable<string> {
  return generateJsonText({ schema: 1, rows: rows.map(toJsonRow) })
}
