import { expect, test } from 'vitest'
import { buildSampleComparison, changeComparison, withDisturbance } from '../../testing/samples/sample-analyses.ts'
import { planImprovement } from './improve-command.ts'
import { findRowPatch, formatPatchSize, listPatchLines } from './row-patch.ts'
import { formatExpected, formatRowFigure, listRowReasons } from './row-texts.ts'
import { formatSumLine } from './sum-line.ts'

const sample = buildSampleComparison()
const findRow = ({ rows }: typeof sample, name: string) => rows.find(({ configuration }) => configuration === name)!

test('figure: lost in one rollout, per rollout over several, and what a zero is worth', () => {
  const lossFigures = { secondsWithLosses: null, worstSecond: null, lostInSpan: 20, dueInSpan: 2_000 }
  const once = { ...findRow(sample, 'naive'), lossFigures }
  expect(formatRowFigure(once)).toEqual({
    value: '129',
    unit: 'lost in 1 rollout',
    note: '1 % of what was due then',
  })
  const often = { ...findRow(buildSampleComparison(3), 'naive'), lossFigures }
  const lostPerDisruption = { median: 34, min: 28, max: 1_041, rounds: 3 }
  expect(formatRowFigure({ ...often, lostPerDisruption })).toMatchObject({
    value: '34',
    unit: 'lost per rollout (28–1,041)',
  })
  // With x = ln 20 / 4,998: 1/(1 − e^−x) = 1/x + 1/2 + … = 1,668.9.
  expect(formatRowFigure(findRow(sample, 'graceful'))).toEqual({
    value: '0',
    unit: 'lost in 1 rollout',
    note: 'of 4,998: fewer than 1 in 1,668 at 95 %',
  })
})

test('figure: what was seen of rounds without a verdict is told apart from what was concluded', () => {
  const late = changeComparison(sample, (run) => withDisturbance('driver overloaded', run))
  const row = findRow(late, 'naive')
  expect(formatRowFigure(row)).toEqual({
    value: '–',
    unit: '',
    note: '129 of 4,998 lost, without a verdict',
  })
  expect(listRowReasons(row)).toEqual(['No verdict: driver overloaded'])
})

test('expected: neutral words, and none where nothing decides', () => {
  const naive = findRow(sample, 'naive')
  expect(formatExpected(naive)).toBe('as expected')
  expect(formatExpected({ ...naive, result: { ...naive.result, held: false } })).toBe('expected to lose none')
  expect(formatExpected({ ...naive, result: { ...naive.result, held: null } })).toBe('')
  const gates = [{ name: 'lost', operator: '<=', limit: 0 }] as const
  const failed = { ...naive, gates, result: { ...naive.result, held: false } }
  expect(formatExpected(failed)).toBe('gates not kept')
  expect(listRowReasons(failed)).toContain('Gates: lost <= 0')
  const warned = { ...failed, gates: [...gates, { name: 'p99Ms', operator: '<', limit: 250, warn: true }] } as const
  expect(listRowReasons(warned)).toContain('Gates: lost <= 0')
})

test('command: more rounds of the safe one, and how long their load takes', () => {
  const row = findRow(sample, 'graceful')
  // The phases of a sample run take 25 s.
  expect(planImprovement(row, sample.runs, false)).toEqual({
    rounds: 10,
    command: 'npx nodrop run --config graceful --rounds 10',
    minutes: 4,
  })
  expect(planImprovement({ ...row, judged: 10 }, sample.runs, true)).toMatchObject({
    rounds: 20,
    command: 'npx nodrop run --config graceful --cluster local --rounds 20',
  })
  expect(planImprovement({ ...row, judged: 299 }, sample.runs, false)).toBeNull()
})

test('command: names are words of a shell; of a target of its own only the rounds are said', () => {
  const row = findRow(sample, 'graceful')
  const change = (fields: Partial<(typeof sample.runs)[number]['plan']>) =>
    planImprovement(
      row,
      sample.runs.map((run) => ({ ...run, plan: { ...run.plan, ...fields } })),
      false,
    )
  const { configuration, scenario, workload } = sample.runs[0]!.plan
  expect(
    change({ configuration: { ...configuration, name: "it's $HOME" }, scenario: { ...scenario, name: 'drain' } })
      ?.command,
  ).toBe(`npx nodrop run --scenario drain --config 'it'\\''s $HOME' --rounds 10`)
  expect(change({ workload: { ...workload, namespace: 'shop' } })).toMatchObject({ rounds: 10, command: null })
  expect(change({ cluster: 'kubeconfig' })?.command).toBeNull()
  expect(change({ firstSeq: 0 })).toBeNull()
})

test('patch: from what a row deployed to what the safe one did', () => {
  const patch = findRowPatch(findRow(sample, 'naive'), findRow(sample, 'graceful'), sample.runs)
  expect(patch).toMatchObject({ to: 'graceful', path: 'manifests/graceful.yaml' })
  expect(formatPatchSize(patch!)).toMatch(/^\+\d+ −\d+ lines in Deployment web$/)
  const lines = listPatchLines(patch!).map(({ text }) => text)
  expect(lines[0]).toBe('@@ Deployment web @@')
  expect(lines).toContainEqual(expect.stringMatching(/^\+ +- sleep 8$/))
  expect(lines).toContainEqual(expect.stringMatching(/^- +- gunicorn app$/))
  expect(findRowPatch(findRow(sample, 'graceful'), findRow(sample, 'graceful'), sample.runs)).toBeNull()
})

test('sum: every request once, or that it does not come out; and the pod that nothing disrupts', () => {
  expect(formatSumLine(sample.runs)).toEqual({
    balanced: true,
    says: 'Each of 30,000 planned requests ended exactly once: planned = sent + not sent and sent = ok + lost in all 6 runs.',
  })
  const { runs } = changeComparison(sample, ({ ledger, configuration }) => ({
    control: { ...ledger, sent: 100, lost: configuration === 'exec' ? 1 : 0 },
    ...(configuration === 'naive' && { ledger: { ...ledger, ok: ledger.ok + 1 } }),
  }))
  expect(formatSumLine(runs)).toEqual({
    balanced: false,
    says: 'The account of 1 of 6 runs does not balance: nothing can be concluded from it. The control pod, which nothing disrupted, lost 1 of 600.',
  })
  const never = changeComparison(sample, () => ({ ending: 'never-began' as const }))
  expect(formatSumLine(never.runs)).toBeNull()
})
