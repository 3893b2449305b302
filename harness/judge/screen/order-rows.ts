/** The rows of the first screen: by what was done and where, the safest first. */
import type { ClusterKind } from '../../model/cluster-kind.ts'
import type { ComparisonRow } from '../../model/comparison.ts'

/** Rows that can be held against each other. */
export interface RowGroup {
  scenario: string
  cluster: ClusterKind
  rows: ComparisonRow[]
}

/** Groups in the order in which `rows` first names them; their rows from the safest to those of which nothing is known. */
export function groupRows(rows: readonly ComparisonRow[]): RowGroup[] {
  const groups = Map.groupBy(rows, ({ scenario, cluster }) => JSON.stringify([scenario, cluster]))
  return [...groups.values()].map((members) => ({
    scenario: members[0]!.scenario,
    cluster: members[0]!.cluster,
    rows: members.toSorted(compareRows),
  }))
}

/** The configuration that others are told to become: the safest of those that lost nothing. */
export function findSafest({ rows }: RowGroup): ComparisonRow | undefined {
  return rows.find(({ result }) => result.verdict === 'passed')
}

const ranks = { passed: 0, failed: 1, unknown: 2 }

/** Of those that lost nothing: more rounds, then more time to spare. Of those that lost: fewer requests for each disruption. */
function compareRows(a: ComparisonRow, b: ComparisonRow): number {
  const byVerdict = ranks[a.result.verdict] - ranks[b.result.verdict]
  if (byVerdict !== 0) return byVerdict
  const [first, second] = [rankWithin(a), rankWithin(b)]
  return first.map((value, index) => value - second[index]!).find((difference) => difference !== 0) ?? 0
}

/** Smaller is safer. */
function rankWithin({ result, judged, margin, lost, lostPerDisruption }: ComparisonRow): number[] {
  if (result.verdict === 'passed') return [-judged, -(margin?.fromUs ?? Number.MIN_SAFE_INTEGER)]
  return result.verdict === 'failed' ? [lostPerDisruption?.median ?? lost / Math.max(1, judged)] : [-judged, lost]
}
