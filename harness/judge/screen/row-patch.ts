/** The change that makes a row with losses equal to the safe one, from what both deployed. */
import { formatCount, formatPlural } from '../../base/figures.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { findDeployed } from '../diff/configuration-diffs.ts'
import { diffDeployed } from '../diff/deployed-diff.ts'
import type { DiffLine, ObjectDiff } from '../diff/deployed-diff.ts'
import { diffSigns } from '../diff/diff-sentences.ts'
import type { ReportedRun } from '../report/reported-run.ts'

export interface RowPatch {
  /** The resulting configuration. */
  to: string
  /** The file of that configuration; `null` if there is none. */
  path: string | null
  objects: ObjectDiff[]
}

/** `null` if it is unknown what one of them deployed, or if both deployed the same. */
export function findRowPatch(row: ComparisonRow, safe: ComparisonRow, runs: readonly ReportedRun[]): RowPatch | null {
  const [before, after] = [findDeployed(row, runs), findDeployed(safe, runs)]
  if (before === undefined || after === undefined) return null
  const objects = diffDeployed(before, after)
  return objects.length === 0 ? null : { to: safe.configuration, path: after.source.path, objects }
}

/** `+4 −2 lines in Deployment web`. */
export function formatPatchSize({ objects }: RowPatch): string {
  const lines = objects.flatMap((object) => object.lines)
  const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length
  const where = objects.length === 1 ? (objects[0]?.name ?? '') : formatPlural(objects.length, 'object')
  return `+${formatCount(count('added'))} −${formatCount(count('removed'))} lines in ${where}`
}

export interface PatchLine {
  kind: DiffLine['kind']
  text: string
}

/** Each object below its name, its lines with their signs: the text to copy. */
export function listPatchLines({ objects }: RowPatch): PatchLine[] {
  return objects.flatMap(({ name, lines }) => [
    { kind: 'gap' as const, text: `@@ ${name} @@` },
    ...lines.map(({ kind, text }) => ({ kind, text: kind === 'gap' ? diffSigns.gap : `${diffSigns[kind]} ${text}` })),
  ])
}
