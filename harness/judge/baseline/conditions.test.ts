/** The conditions of comparisons, and which of their rows correspond. */
import { expect, test } from 'vitest'
import type { Baseline } from '../../model/baseline/baseline.ts'
import type { RunPlan } from '../../model/plan.ts'
import { disruptOnce } from '../../model/steps/order.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { simulateBaseline } from '../../testing/samples/sample-baselines.ts'
import { buildBaseline } from './build-baseline.ts'
import { formatBaselineComparison } from './change-text.ts'
import { compareBaselines } from './compare-baselines.ts'

test('what is sent, and what is done, are conditions: only whether a round lost requests is compared then', () => {
  const { runs } = buildSampleComparison(2)
  type Change = (plan: RunPlan) => Partial<RunPlan>
  const differ = (change: Change): string[] => {
    const changed = runs.map((run) => ({ ...run, plan: { ...run.plan, ...change(run.plan) } }))
    const [row] = compareBaselines(buildBaseline('before', runs), buildBaseline('after', changed)).rows
    expect(row?.comparability).toMatchObject({ losses: 'rounds', times: false })
    return row!.comparability.differs
  }
  const withLoad =
    (load: Partial<RunPlan['scenario']['load']>): Change =>
    ({ scenario }) => ({ scenario: { ...scenario, load: { ...scenario.load, ...load } } })
  expect(differ(withLoad({ responseBytes: 1_000_000 }))).toEqual(['bytes of an answer none → 1000000'])
  expect(differ(withLoad({ requests: [{ path: '/a?secret=1' }, { method: 'POST', weight: 3 }] }))).toEqual([
    expect.stringMatching(/^requests .* → GET \/a, 3 × POST \(path of the workload\)$/),
  ])
  expect(differ(withLoad({ requests: { fresh: { method: 'PUT', bodyBytes: 9 } } }))).toHaveLength(1)
  expect(differ(withLoad({ reuse: { idleMs: 4_000 } }))).toHaveLength(1)
  expect(differ(withLoad({ bodyTimeoutMs: 1 }))).toEqual(['ms of time-out for a body 5000 → 1'])
  expect(differ(withLoad({ tls: { unverified: true } }))).toEqual(['TLS none → not verified'])
  expect(differ(({ workload }) => ({ workload: { ...workload, path: '/other?ms=100' } }))).toHaveLength(1)
  const twice: Change = ({ scenario }) => ({ scenario: { ...scenario, steps: [...scenario.steps, ...scenario.steps] } })
  expect(differ(twice)).toEqual(['steps restarts the rollout → restarts the rollout, restarts the rollout'])
})

test('what each version that is tried has of its own: the words of a command are under test, and in no baseline', () => {
  const build = (...words: string[]): Baseline => {
    const runs = buildSampleComparison(2).runs.map(({ plan, ...run }) => {
      const steps = disruptOnce(
        { kind: 'command', argv: ['helm', 'upgrade', ...words] },
        { beforeMs: 1_000, afterMs: 1 },
      )
      return { ...run, plan: { ...plan, scenario: { ...plan.scenario, steps } } }
    })
    return buildBaseline('now', runs)
  }
  const after = build('--set', 'tag=2,token=secret')
  expect(compareBaselines(build('--set', 'tag=1'), after).rows[0]?.comparability).toMatchObject({ losses: 'counts' })
  expect(JSON.stringify(after)).not.toContain('secret')
})

test('a baseline that an earlier nodrop wrote: what it does not tell of the load is not held against it', () => {
  const after = buildBaseline('after', buildSampleComparison(2).runs)
  const [row] = after.rows
  const { path, requests, responseBytes, connectTimeoutMs, bodyTimeoutMs, reuse, tls, steps, ...load } =
    row!.conditions.load
  expect([path, requests, steps].every((text) => typeof text === 'string' && text !== '')).toBe(true)
  expect([responseBytes, connectTimeoutMs, bodyTimeoutMs, tls]).toEqual([null, 5_000, 5_000, null])
  expect(reuse).toBeTypeOf('string')
  const before = { ...after, rows: after.rows.map((one) => ({ ...one, conditions: { ...one.conditions, load } })) }
  expect(compareBaselines(before, after).rows[0]?.comparability).toMatchObject({ losses: 'counts', times: true })
})

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
