import { expect, test } from 'vitest'
import type { Analysis, GateResult } from '../../model/result.ts'
import type { WatchSession } from '../../model/watch/watch-session.ts'
import {
  changeComparison,
  withDisturbance,
  buildSampleComparison,
  withoutLoss,
} from '../../testing/samples/sample-analyses.ts'
import { hostileTexts, poisonTexts } from '../../testing/hostile-texts.ts'
import { renderJunit } from './junit-xml.ts'

const { rows, runs } = buildSampleComparison(2)
const first = { runs: buildSampleComparison().runs.slice(0, 1) }
const renderSample = (sample: { runs: typeof runs; rows: typeof rows }) => renderJunit(sample.runs, sample.rows)
const createSampleWith = (change: Parameters<typeof changeComparison>[1]) =>
  changeComparison(buildSampleComparison(4), change)

test('each run is one case, with a name of its own', () => {
  const xml = renderJunit(runs, rows)
  const names = [...xml.matchAll(/<testcase (classname="[^"]*" name="[^"]*")/g)].map(([, name]) => name)
  expect(names).toHaveLength(12)
  expect(new Set(names).size).toBe(12)
  expect(xml).toContain('<testsuites name="nodrop" tests="12" failures="0" errors="0" skipped="0" time="300.000">')
  expect(xml).toContain('name="graceful, round 2: expected to lose none"')
})

test('runs that cannot be told apart still get names of their own', () => {
  const xml = renderJunit([...runs.slice(0, 1), ...runs.slice(0, 1)], rows)
  expect(xml).toContain('round 1: expected to lose requests (2)"')
})

test('requests lost as expected are a pass, as for the exit code', () => {
  expect(runs.some(({ analysis }) => analysis.verdict === 'failed')).toBe(true)
  expect(renderJunit(runs, rows)).not.toMatch(/<failure|<error/)
})

test('a failed hypothesis is a failure, a run without a verdict an error', () => {
  expect(renderSample(changeComparison(first, withoutLoss))).toMatch(
    /failures="1".*<failure type="hypothesis" message="expected to lose requests, but 0 of 4998 requests lost in 1 rollout" \/>/s,
  )
  expect(renderSample(changeComparison(first, (run) => withDisturbance('a watch had a gap', run)))).toMatch(
    /errors="1".*<error type="unknown" message="a watch had a gap" \/>/s,
  )
})

test('a gate that failed is a failure of a gate, and rounds that are too few for gates are errors', () => {
  const gate = { name: 'lost', operator: '<=', limit: 1_000 } as const
  const gated = (met: boolean): GateResult[] => [{ gate, measured: 60, met, says: 'gate lost <= 1000: it was 60' }]
  const render = (change: (run: Analysis) => Partial<Analysis>): string => {
    const some = buildSampleComparison(4).runs.slice(0, 4)
    const withGates = some.map(({ plan, ...run }) => ({
      ...run,
      plan: { ...plan, configuration: { ...plan.configuration, gates: [gate] } },
    }))
    return renderSample(changeComparison({ runs: withGates }, change))
  }
  expect(render((run) => ({ gates: gated(run.round > 1) }))).toMatch(
    /failures="1" errors="0".*<failure type="gate" message="gate lost &lt;= 1000: it was 60\. /s,
  )
  const late = (run: Analysis): Partial<Analysis> => (run.round > 1 ? withDisturbance('late', run) : {})
  expect(render((run) => ({ gates: gated(true), ...late(run) }))).toMatch(/failures="0" errors="3" skipped="0"/)
})

test('a gate that only warns is no failure, and told in the output of its case', () => {
  const gate = { name: 'lost', operator: '<=', limit: 0, warn: true } as const
  const gates: GateResult[] = [{ gate, measured: 60, met: false, says: 'warning gate lost <= 0: it was 60' }]
  const warned = first.runs.map(({ plan, ...run }) => ({
    ...run,
    plan: { ...plan, configuration: { name: 'naive', hypothesis: '', gates: [gate] } },
  }))
  const xml = renderSample(changeComparison({ runs: warned }, () => ({ gates, hypothesis: null })))
  expect(xml).toMatch(
    /failures="0" errors="0" skipped="0".*name="naive, round 1: no gate".*\nwarning gate lost &lt;= 0: it was 60</s,
  )
})

test('a configuration that loses in some rounds: no round of it is a failure', () => {
  const xml = renderSample(
    createSampleWith((run) => (run.configuration === 'naive' && run.round > 1 ? withoutLoss(run) : {})),
  )
  expect(xml).toContain('<testsuites name="nodrop" tests="24" failures="0" errors="0" skipped="0"')
})

test('a round left out is skipped, or an error where too few are left', () => {
  const leaveOut = (least: number): string =>
    renderSample(
      createSampleWith((run) =>
        run.configuration === 'graceful' && run.round >= least ? withDisturbance('late', run) : {},
      ),
    )
  expect(leaveOut(4)).toMatch(/failures="0" errors="0" skipped="1".*<skipped message="left out: late" \/>/s)
  expect(leaveOut(3)).toMatch(/failures="0" errors="2" skipped="0".*<error type="unknown" message="late" \/>/s)
})

test('a run that did not happen is an error, whatever the others have shown', () => {
  const never = { ending: 'never-began' as const }
  const xml = renderSample(
    createSampleWith((run) => (run.round === 4 ? { ...withDisturbance('the run did not happen', run), ...never } : {})),
  )
  expect(xml).toMatch(/tests="24" failures="0" errors="6" skipped="0"/)
  expect(xml).toContain('<error type="unknown" message="the run did not happen" />')
})

test('a watch is a case: one that saw nothing, or not all, is an error, as exit code 4 says', () => {
  const session: WatchSession = {
    schema: 1,
    id: 'watch-1',
    target: 'deployment/shop',
    namespace: 'a&b',
    ratePerSecond: 20,
    began: '2026-01-01T00:00:00.000Z',
    durationUs: 60_000_000,
    ending: { why: 'limit', detail: null },
    unseen: 0,
    ledger: { planned: 10, background: 10, episodes: 0 },
    background: {
      outcomes: { ok: 10 },
      control: { sent: 0, lost: 0 },
      latency: { counts: [10], maxUs: 1 },
      spanUs: 1,
      spans: [],
    },
    episodes: [],
    forgotten: { passed: 0, failed: 0, unknown: 0 },
  }
  expect(renderJunit([], [], session)).toMatch(
    /tests="1" failures="0" errors="1" .*name="deployment\/shop in a&amp;b: .*<error type="unknown" message="No pod of deployment/s,
  )
  const passed = { ...session, forgotten: { ...session.forgotten, passed: 1 } }
  expect(renderJunit([], [], passed)).toMatch(/tests="1" failures="0" errors="0"/)
  const failed = { ...session, forgotten: { ...session.forgotten, failed: 1 } }
  expect(renderJunit([], [], failed)).toMatch(/tests="1" failures="1" errors="0" .*<failure type="watch"/s)
})

test('hostile text stays text: no control character, no element of its own', () => {
  const xml = renderSample(poisonTexts({ runs, rows }))
  // oxlint-disable-next-line no-control-regex
  expect(xml).not.toMatch(/[\u0000-\u0009\u000b-\u001f\ud800-\udfff\ufffe\uffff]/)
  expect(new Set([...xml.matchAll(/<\/?([a-z-]+)/g)].map(([, name]) => name))).toEqual(
    new Set(['testsuites', 'testsuite', 'testcase', 'system-out']),
  )
})

test('what a case says is at most 4 KB and ends between characters', () => {
  const because = [hostileTexts.join('🙂<&').repeat(100)]
  const xml = renderSample(changeComparison(first, () => ({ because })))
  const outputs = [...xml.matchAll(/<system-out>(.*?)<\/system-out>/gs)].map(([, text]) => text ?? '').slice(0, 1)
  expect(outputs).toHaveLength(1)
  for (const output of outputs) {
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(4_096)
    expect(output).toMatch(/…$/)
    expect(output.replaceAll(/&(amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[&<]/)
  }
})

test('no run at all is a document all the same', () => {
  expect(renderJunit([], [])).toContain('tests="0"')
})
