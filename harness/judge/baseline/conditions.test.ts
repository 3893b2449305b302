/** What comparisons are measured under, and which rows of them belong together. */
import { expect, test } from 'vitest'
import type { Baseline } from '../../model/baseline/baseline.ts'
import { simulateBaseline } from '../../testing/samples/sample-baselines.ts'
import { formatBaselineComparison } from './change-text.ts'
import { compareBaselines } from './compare-baselines.ts'

/** One row on two clusters, as in a folder into which runs of both were copied. */
function mergeClusters(comparison: string, local: Baseline, kind: Baseline): Baseline {
  const place = ({ rows }: Baseline, cluster: 'local' | 'kind') =>
    rows.map((row) => ({ ...row, conditions: { ...row.conditions, cluster } }))
  return { schema: 1, comparison, rows: [...place(local, 'local'), ...place(kind, 'kind')] }
}

test('the same row on two clusters: each is held against its own, and named by it', () => {
  const play = (share: number, seed: number) =>
    simulateBaseline('c', { app: { share, burst: 110 } }, { rounds: 10, seed })
  const before = mergeClusters('before', play(1, 30), play(0, 31))
  const after = mergeClusters('after', play(1, 32), play(1, 33))
  const comparison = compareBaselines(before, { ...after, rows: after.rows.toReversed() })
  expect(comparison.rows.map(({ onCluster, change }) => [onCluster, change])).toEqual([
    ['kind', 'worse'],
    ['local', '~'],
  ])
  expect(formatBaselineComparison(comparison)[0]).toBe('Worse than before: rollout × app (kind).')
  const missing = compareBaselines(before, { ...after, rows: after.rows.slice(0, 1) })
  expect(formatBaselineComparison(missing).at(-1)).toBe('Not measured now: rollout × app (kind).')
  expect(missing.rows.map(({ comparability }) => comparability.differs)).toEqual([[]])
})
