/** The rows of the first screen: grouped by disruption and cluster, safest first. */
import type { ClusterKind } from '../../model/cluster-kind.ts'
import type { ComparisonRow } from '../../model/comparison.ts'

/** Rows that can be compared with each other. */
export interface RowGroup {
  scenario: string
  cluster: ClusterKind
  rows: ComparisonRow[]
}

/** Groups in the order in which `rows` first names them; rows from the safest to those without a result. */
export function groupRows(rows: readonly ComparisonRow[]): RowGroup[] {
  const groups = Map.groupBy(rows, ({ scenario, cluster }) => JSON.stringify([scenario, cluster]))
  return [...groups.values()].map((members) => ({
    scenario: members[0]!.scenario,
    cluster: members[0]!.cluster,
    rows: members.toSorted(compareRows),
  }))
}

/** The configuration that others should change to: the safest of those that lost nothing. */
export function findSafest({ rows }: RowGroup): ComparisonRow | undefined {
  return rows.find(({ result }) => result.verdict === 'passed')
}

const ranks = { passed: 0, failed: 1, unknown: 2 }

/** Of rows that lost nothing, first more rounds, then a larger margin. Of rows that lost: fewer requests for each disruption. */
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
