/** What a run contributes to the result of its row: badges, JUnit and the summary depend on it. */
import { expect, test } from 'vitest'
import type { Analysis } from '../../model/result.ts'
import { parsePage } from '../../testing/html-elements.ts'
import {
  buildSampleComparison,
  changeComparison,
  withDisturbance,
  withoutLoss,
} from '../../testing/samples/sample-analyses.ts'
import { renderBriefSection } from './brief-section.ts'
import { findRunPlace, formatRoundName, listRunsOfRow } from './reported-run.ts'

type Change = (analysis: Analysis) => Partial<Analysis>

/** The parts of a configuration's runs, round by round. */
function listParts(name: string, change: Change, rounds = 3): string[] {
  const { rows, runs } = changeComparison(buildSampleComparison(rounds), (run) =>
    run.configuration === name ? change(run) : {},
  )
  return runs.filter(({ analysis }) => analysis.configuration === name).map((run) => findRunPlace(run, rows).part)
}
const inRound =
  (round: number, change: Change): Change =>
  (run) =>
    run.round === round ? change(run) : {}

test('as expected: lost where expected to, lost none where not', () => {
  expect(listParts('naive', () => ({}))).toEqual(['as-expected', 'as-expected', 'as-expected'])
  expect(listParts('graceful', () => ({}))).toEqual(['as-expected', 'as-expected', 'as-expected'])
})

test('unexpected: expected to lose, and lost nothing in any round', () => {
  expect(listParts('naive', withoutLoss)).toEqual(['unexpected', 'unexpected', 'unexpected'])
})

test('unexpected: expected to lose none, only the rounds that lost', () => {
  const lossy = inRound(2, (run) => ({ verdict: 'failed', ledger: { ...run.ledger, lost: 3 } }))
  expect(listParts('graceful', lossy)).toEqual(['as-expected', 'unexpected', 'as-expected'])
})

test('undecided: one whose gates could not be judged, also where another round failed them', () => {
  const gate = { name: 'p99Ms', operator: '<', limit: 1 } as const
  const open = inRound(1, () => ({ gates: [{ gate, measured: 5, met: null, says: 'cannot be judged' }] }))
  const failed = inRound(2, () => ({ gates: [{ gate, measured: 5, met: false, says: 'it was 5 ms' }] }))
  const { rows, runs } = changeComparison(buildSampleComparison(3), (run) =>
    run.configuration === 'graceful' ? { ...open(run), ...failed(run) } : {},
  )
  const row = rows.find(({ configuration }) => configuration === 'graceful')!
  const known = [{ ...row, result: { ...row.result, held: false } }]
  const parts = runs
    .filter(({ analysis }) => analysis.configuration === 'graceful')
    .map((run) => findRunPlace(run, known).part)
  expect(parts).toEqual(['undecided', 'unexpected', 'as-expected'])
})

test('left out: one without a verdict that went through to its end', () => {
  expect(
    listParts(
      'naive',
      inRound(1, (run) => withDisturbance('late', run)),
    )[0],
  ).toBe('left-out')
})

test('missing: one that did not go through, also where it lost requests', () => {
  const never = inRound(3, (run) => ({ ...withDisturbance('the run did not happen', run), ending: 'never-began' }))
  expect(listParts('graceful', never)[2]).toBe('missing')
  expect(
    listParts(
      'naive',
      inRound(3, () => ({ ending: 'cut-short' })),
    )[2],
  ).toBe('missing')
})

test('repeated: a run whose round was run again, and another run counts', () => {
  const { runs } = changeComparison(buildSampleComparison(1), (run) => withDisturbance('late', run))
  const [first] = runs
  const again = {
    ...first!,
    plan: { ...first!.plan, runId: 'again', attempt: 2 },
    analysis: { ...buildSampleComparison(1).runs[0]!.analysis, runId: 'again' },
  }
  const report = changeComparison({ runs: [first!, again] }, () => ({}))
  expect(report.runs.map((run) => findRunPlace(run, report.rows).part)).toEqual(['repeated', 'as-expected'])
  expect(report.runs.map(formatRoundName)).toEqual(['round 1', 'round 1, run 2'])
  expect(listRunsOfRow(report.rows[0]!, report.runs).map(({ analysis }) => analysis.runId)).toEqual([
    first!.analysis.runId,
    'again',
  ])
})

test('a run of another comparison has no place', () => {
  const { rows, runs } = buildSampleComparison()
  const strange = { ...runs[0]!, analysis: { ...runs[0]!.analysis, runId: 'strange' } }
  expect(() => findRunPlace(strange, rows)).toThrow('Cannot place run strange: no row has it')
})

test('brief section: why there is no drawing, where the run is, a link to it', () => {
  const [run] = buildSampleComparison().runs
  const page = parsePage(renderBriefSection(run!, 'did not happen'))
  expect(page.only('details.run').getAttribute('id')).toBe(`run=${run!.analysis.runId}`)
  expect(page.list('details.run[open]').length).toBe(1)
  expect(page.texts('summary .lost')).toEqual(['did not happen'])
  expect(page.texts('.sentence')).toEqual([run!.analysis.sentence])
  expect(page.texts('.source code')).toEqual([run!.analysis.runId, run!.dir])
  expect(page.list('script').length).toBe(0)
})
