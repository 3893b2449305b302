import { expect, test } from 'vitest'
import { sampleComparison } from '../testing/analyses.ts'
import { hostileTexts, poisoned } from '../testing/hostile.ts'
import { renderJunit } from './junit.ts'

const { rows, runs } = sampleComparison(2)
const having = (held: boolean | null, because: string[]) =>
  runs
    .slice(0, 1)
    .map((run) => ({ ...run, analysis: { ...run.analysis, hypothesis: { expects: 'loses' as const, held }, because } }))

test('each run is one case, with a name of its own', () => {
  const xml = renderJunit(runs, rows)
  const names = [...xml.matchAll(/<testcase (classname="[^"]*" name="[^"]*")/g)].map(([, name]) => name)
  expect(names).toHaveLength(12)
  expect(new Set(names).size).toBe(12)
  expect(xml).toContain('<testsuites name="nodrop" tests="12" failures="0" errors="0" time="300.000">')
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

test('a hypothesis that did not hold is a failure and a run without a verdict an error: neither passes', () => {
  expect(renderJunit(having(false, ['x']), [])).toMatch(
    /failures="1".*<failure type="hypothesis" message="expected to lose requests, but 129 of 4998 requests lost in 1 rollout" \/>/s,
  )
  expect(renderJunit(having(null, ['a watch had a gap']), [])).toMatch(
    /errors="1".*<error type="unknown" message="a watch had a gap" \/>/s,
  )
})

test('hostile text stays text: no control character, no element of its own', () => {
  const xml = renderJunit(poisoned(runs), poisoned(rows))
  // oxlint-disable-next-line no-control-regex
  expect(xml).not.toMatch(/[\u0000-\u0009\u000b-\u001f\ud800-\udfff\ufffe\uffff]/)
  expect(new Set([...xml.matchAll(/<\/?([a-z-]+)/g)].map(([, name]) => name))).toEqual(
    new Set(['testsuites', 'testsuite', 'testcase', 'system-out']),
  )
})

test('what a case says is at most 4 KB and ends between characters', () => {
  const long = having(true, [hostileTexts.join('🙂<&').repeat(100)])
  const outputs = [...renderJunit(long, []).matchAll(/<system-out>(.*?)<\/system-out>/gs)].map(([, text]) => text ?? '')
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
