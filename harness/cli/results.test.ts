/** For all results of a comparison: its different outputs agree. */
import fc from 'fast-check'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { reportRuns } from '../judge/judge-directory.ts'
import type { ReportedRuns } from '../judge/judge-directory.ts'
import { judgeGates } from '../judge/gates/judge-gates.ts'
import type { ComparisonRow } from '../model/comparison.ts'
import { parseGates } from '../model/gates/gate-notation.ts'
import type { Gates } from '../model/gates/gate-notation.ts'
import type { Gate } from '../model/gates/gates.ts'
import type { Expectation } from '../model/plan.ts'
import type { Analysis } from '../model/result.ts'
import { formatAnswers } from '../judge/report/headline.ts'
import { formatComparison } from '../terminal/table.ts'
import { renderLine } from '../terminal/text.ts'
import { buildGatedRun } from '../testing/samples/gated-run.ts'
import { withDisturbance, buildSampleComparison, withoutLoss } from '../testing/samples/sample-analyses.ts'
import type { SampleRun } from '../testing/samples/sample-analyses.ts'
import { computeExitCode } from './results.ts'

const directory = mkdtempSync(join(tmpdir(), 'nodrop-outcome-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const [lossy] = buildSampleComparison().runs
if (lossy === undefined) throw new Error('Cannot test without a sample run')

type RunFate = 'passed' | 'failed' | 'failed, cut short' | 'disturbed' | Exclude<Analysis['ending'], 'complete'>
const runFates: RunFate[] = [
  'passed',
  'failed',
  'failed, cut short',
  'disturbed',
  'cut-short',
  'never-began',
  'unreadable',
]

/** A run with this result, which differs from others only in figures, verdict and ending. */
function createRun(
  name: string,
  expects: Expectation,
  at: { round: number; attempt: number; came: RunFate },
): SampleRun {
  const plan = {
    ...lossy!.plan,
    configuration: { ...lossy!.plan.configuration, name, expects },
    runId: `${name}-${at.round}-${at.attempt}`,
    round: at.round,
    ...(at.attempt > 1 && { attempt: at.attempt }),
  }
  const hypothesis = { expects, held: expects === 'loses' }
  const few = { losses: lossy!.analysis.losses.slice(0, 2), pods: [], buckets: [] }
  const base = { ...lossy!.analysis, ...few, runId: plan.runId, configuration: name, round: at.round, hypothesis }
  return { plan, analysis: { ...base, ...getChange(at.came, base) }, dir: plan.runId }
}

function getChange(what: RunFate, base: Analysis): Partial<Analysis> {
  if (what === 'failed') return {}
  if (what === 'failed, cut short') return { ending: 'cut-short' }
  if (what === 'passed') return withoutLoss(base)
  return { ...withDisturbance(`it was ${what}`, base), ...(what !== 'disturbed' && { ending: what }) }
}

const configuration = fc.record({
  expects: fc.constantFrom<Expectation>('loses', 'loses-none'),
  // Frequent results are frequent here too, so that every verdict occurs.
  usual: fc.constantFrom<RunFate>('passed', 'failed', 'disturbed'),
  rounds: fc.array(
    fc.record({
      first: fc.option(fc.constantFrom(...runFates)),
      again: fc.array(fc.constantFrom(...runFates), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 8 },
  ),
})

const comparison = fc.array(configuration, { minLength: 1, maxLength: 4 })

function createRuns(all: typeof comparison extends fc.Arbitrary<infer T> ? T : never): SampleRun[] {
  return all.flatMap(({ expects, usual, rounds }, place) =>
    rounds.flatMap(({ first, again }, index) => {
      const begin = first ?? usual
      const attempts = begin === 'disturbed' ? [begin, ...again] : [begin]
      return attempts.map((one, number) =>
        createRun(`c${place}`, expects, { round: index + 1, attempt: number + 1, came: one }),
      )
    }),
  )
}

const readReportFile = (name: string): string => readFileSync(join(directory, name), 'utf8')

test('results: page, table, JUnit, summary and exit code agree', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(comparison, async (all) => {
      const runs = createRuns(all)
      const judged = await reportRuns(directory, runs)
      expect(judged.unwritten).toEqual([])
      for (const row of judged.rows) {
        seen.add(`${row.result.verdict} ${row.result.held} ${row.result.missing > 0}`)
        expectRowAgrees(row, runs)
      }
      expectHeadlineAgrees(judged.rows)
      expectExitCodeAgrees(judged)
    }),
    { numRuns: 150 },
  )
  // Every possible result has occurred: no assertion above was true for lack of an example.
  const failed = ['failed false false', 'failed false true', 'failed true false', 'failed true true']
  const passed = ['passed false false', 'passed true false']
  expect([...seen].sort()).toEqual([...failed, ...passed, 'unknown null false', 'unknown null true'])
})

/** In the form of `nodrop.config.ts`: all that decide differently from a hypothesis. */
const written = fc.constantFrom<Gates>(
  {},
  { lossRate: 1 },
  { p99Ms: '<200ms' },
  { lossRate: 1, p99Ms: '<200ms' },
  { lost: { threshold: 0, warn: true }, p99Ms: '<200ms' },
)

const late: Gates = { lossRate: 1, p99Ms: '<200ms' }
type GateExample = [Parameters<typeof createRuns>[0], Gates, number[]]
/** One configuration whose first round had this result, with the die of its runs; and a second round if it is given. */
const createGateExample = (usual: 'passed' | 'failed' | 'disturbed', die: number, second?: RunFate): GateExample => {
  const rounds = [null, ...(second === undefined ? [] : [second])].map((first) => ({ first, again: [] }))
  return [[{ expects: 'loses-none', usual, rounds }], late, [die]]
}
/** Every possible result, so that none is missing by chance. */
const gateExamples = [
  ...[0, 1, 2].flatMap((die) => [createGateExample('passed', die), createGateExample('failed', die)]),
  createGateExample('passed', 0, 'never-began'),
  createGateExample('disturbed', 2),
]

test('results: with gates they agree as well', { timeout: 60_000 }, async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(comparison, written, fc.array(fc.nat(2), { minLength: 1 }), async (all, asked, dice) => {
      const gates = parseGates(asked)
      const runs = createRuns(all).map((run, index) => addGates(run, gates, dice[index % dice.length] ?? 0))
      const judged = await reportRuns(directory, runs)
      for (const { result } of judged.rows) seen.add(`${result.verdict} ${result.held}`)
      expectExitCodeAgrees(judged)
    }),
    { numRuns: 100, examples: gateExamples },
  )
  const known = ['failed', 'passed', 'unknown'].flatMap((verdict) => [`${verdict} false`, `${verdict} null`])
  expect([...seen].sort()).toEqual([...known, 'failed true', 'passed true'].sort())
})

/** One run of three is too slow, and for one it is unknown. */
function addGates({ plan, analysis, dir }: SampleRun, gates: Gate[], die: number): SampleRun {
  const during = { ...analysis.latency, p99Us: die === 0 ? 300_000 : 100_000 }
  const voided: Analysis['voided'] = die === 1 ? ['how-late'] : []
  const configuration = { ...plan.configuration, gates }
  const results = judgeGates(gates, buildGatedRun(analysis, { voided, computeLatency: () => during }))
  return { plan: { ...plan, configuration }, analysis: { ...analysis, voided, gates: results }, dir }
}

function expectRowAgrees(row: ComparisonRow, runs: readonly SampleRun[]): void {
  const { verdict, held } = row.result
  const own = runs.filter(({ plan }) => plan.configuration.name === row.configuration)
  expect(verdict === 'failed').toBe(own.some(({ analysis }) => analysis.verdict === 'failed'))
  expect(row.sentence.startsWith('No verdict: ')).toBe(verdict === 'unknown')
  expect(/^[1-9][\d,]* of .* lost/.test(row.sentence)).toBe(verdict === 'failed')
  expect(row.sentence.startsWith('0 of ')).toBe(verdict === 'passed')
  expect(held).toBe(verdict === 'unknown' ? null : (verdict === 'failed') === (row.expects === 'loses'))
  expect([row.lost > 0, row.roundsWithLoss > 0]).toEqual([verdict === 'failed', verdict === 'failed'])
  const counted = row.rounds.filter(({ state }) => state === 'judged')
  expect(row.judged).toBe(counted.length)
  expect(row.lost).toBe(counted.reduce((sum, { lost }) => sum + lost, 0))
}

function expectHeadlineAgrees(rows: readonly ComparisonRow[]): void {
  const [answer = ''] = formatAnswers(rows)
  const namesWithVerdict = (verdict: string): string[] =>
    rows.filter(({ result }) => result.verdict === verdict).map((row) => row.configuration)
  const [passed, failed, unknown] = [
    namesWithVerdict('passed'),
    namesWithVerdict('failed'),
    namesWithVerdict('unknown'),
  ]
  if (rows.length === 1) return expect(answer).toBe(`c0: ${rows[0]?.sentence}.`)
  const none = /^(None of the (three|four) configurations|Neither configuration) lost a request\./
  expect(none.test(answer)).toBe(unknown.length + failed.length === 0)
  expect(answer.startsWith('No configuration is ')).toBe(failed.length > 0 && passed.length === 0)
  const clean = /^(c.*?) lost nothing/.exec(answer)?.[1]?.split(/, | and /) ?? []
  expect(clean).toEqual(failed.length + unknown.length > 0 ? passed : [])
  const doubtful = /\. (c[^.]*) could not be judged/.exec(answer)?.[1]?.split(/, | and /) ?? []
  expect(doubtful).toEqual(passed.length + failed.length > 0 ? unknown : [])
  expect(answer.includes(' missing.')).toBe(rows.some(({ result }) => result.missing > 0))
}

function expectExitCodeAgrees(judged: ReportedRuns): void {
  const code = computeExitCode(judged)
  const junit = readReportFile('junit.xml')
  const [failures, errors] = ['failure', 'error'].map((name) => junit.split(`<${name} `).length - 1)
  expect(code === 1).toBe((failures ?? 0) > 0)
  expect(code === 0).toBe((failures ?? 0) + (errors ?? 0) === 0)
  const [, ...lines] = formatComparison(judged.rows, process.stdout).map((line) => renderLine(line, process.stdout))
  const summary = readReportFile('summary.md').split('\n')
  const page = readReportFile('report.html')
  for (const [index, { result, configuration, gates }] of judged.rows.entries()) {
    const [held, not] = gates ? ['kept', 'not kept'] : ['as expected', 'not as expected']
    const words = result.held === null ? 'undecided' : result.held ? held : not
    const sign = result.held === null ? '❔ ' : result.held ? '' : '❌ '
    const colour = { passed: '🟢 passed', failed: '🔴 failed', unknown: '⚪ unknown' }[result.verdict]
    expect(summary.find((line) => line.startsWith(`| **${configuration}**`))).toMatch(
      new RegExp(`\\| ${sign}${words} \\| ${colour} \\|$`, 'u'),
    )
    expect(lines[index]).toContain(` ${words} `)
    const row = page.split('<tr role="row">')[index + 2]?.split('</tr>')[0] ?? ''
    expect(findBadges(row)).toEqual([words, result.verdict])
    const sections = page.split('<details').filter((part) => part.includes(`<h3>${configuration}</h3>`))
    for (const section of sections.filter((part) => part.includes('class="facts"'))) {
      expect(findBadges(section)[1]).toBe(words)
    }
  }
}

function findBadges(text: string): (string | undefined)[] {
  const badges = text.matchAll(
    /class="(?:verdict v|decision d)-\w+"\s*><span aria-hidden="true">[^<]*<\/span> ?([a-z ]+)/gu,
  )
  return [...badges].map(([, says]) => says?.trim())
}
