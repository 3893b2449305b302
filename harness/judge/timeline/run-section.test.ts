/** The sections of one run in a report, without its drawing and tables. */
import { expect, test } from 'vitest'
import type { Gate } from '../../model/gates/gates.ts'
import type { Analysis } from '../../model/result.ts'
import { parsePage } from '../../testing/html-elements.ts'
import type { Page } from '../../testing/html-elements.ts'
import { buildGatedRun } from '../../testing/samples/gated-run.ts'
import { buildSampleComparison, changeComparison, withDisturbance } from '../../testing/samples/sample-analyses.ts'
import { judgeGates } from '../gates/judge-gates.ts'
import { unpackLosses } from '../losses/payload.ts'
import type { RunPayload } from '../losses/payload.ts'
import { findRunPlace } from '../report/reported-run.ts'
import { renderRunSection } from './run-section.ts'

const detail = { open: false, markLimit: 1_000, staticRows: 20, shownLosses: 10_000, drawn: true, showPlace: false }

/** The section of the first run of a configuration, after `change`. */
function render(name: string, change: (analysis: Analysis) => Partial<Analysis> = () => ({}), rounds = 1): Page {
  const report = changeComparison(buildSampleComparison(rounds), (analysis) =>
    analysis.configuration === name && analysis.round === 1 ? change(analysis) : {},
  )
  const run = report.runs.find(({ analysis }) => analysis.configuration === name)!
  return parsePage(renderRunSection(run, findRunPlace(run, report.rows), detail))
}

test('run: name, round, losses and verdict are there while it is closed', () => {
  const page = render('naive')
  expect(page.list('details.run[open]').length).toBe(0)
  expect(page.texts('details.run > summary h3')).toEqual(['naive'])
  expect(page.texts('details.run > summary .round')).toEqual(['rollout · local · round 1'])
  expect(page.texts('details.run > summary .lost')).toEqual(['129 lost of 4,998 · 2.6 %'])
  expect(page.texts('details.run > summary .verdict')).toEqual(['✗ failed'])
})

test('run: one that does not count says why', () => {
  expect(render('naive', (run) => withDisturbance('a watch had a gap', run), 3).texts('.round')).toEqual([
    'rollout · local · round 1 · left out',
  ])
})

test('hypothesis: whether it held, over how many rounds', () => {
  expect(render('naive').texts('.facts .hypothesis')[0]).toMatch(/^Expected .* as expected$/)
  expect(render('graceful', () => ({}), 3).texts('.facts .hypothesis')[0]).toMatch(/ as expected over 3 rounds$/)
})

test('gates: one that only warns is not among those that were kept', () => {
  const gates: Gate[] = [
    { name: 'lost', operator: '<=', limit: 1_000 },
    { name: 'lost', operator: '<=', limit: 0, warn: true },
  ]
  const gated = buildSampleComparison().runs.map(({ plan, ...run }) => ({
    ...run,
    plan: { ...plan, configuration: { name: plan.configuration.name, hypothesis: '', gates } },
  }))
  const report = changeComparison({ runs: gated }, (run) => ({
    hypothesis: null,
    gates: judgeGates(gates, buildGatedRun(run)),
  }))
  const run = report.runs.find(({ analysis }) => analysis.configuration === 'naive')!
  const page = parsePage(renderRunSection(run, findRunPlace(run, report.rows), detail))
  expect(page.texts('.facts .hypothesis')).toEqual(['Gates lost <= 1000 kept'])
  expect(page.texts('[aria-label=Gates] li')).toContainEqual(
    expect.stringMatching(/^warning gate lost <= 0: it was 129 ✗ not kept$/),
  )
})

test('reasons: every one of the verdict', () => {
  const because = ['at least 60 were lost', 'not concluded: latencies']
  expect(render('naive', () => ({ because })).texts('.because li')).toEqual(because)
})

test('ledger: one that does not balance allows no conclusion, and says so', () => {
  expect(render('naive').list('.ledger.unbalanced').length).toBe(0)
  const page = render('naive', ({ ledger }) => ({ ledger: { ...ledger, balanced: false } }))
  expect(page.texts('.ledger.unbalanced strong')).toEqual([
    'The account does not balance: nothing can be concluded from this run.',
  ])
})

test('aggregated requests: how precise figures are, where there are some', () => {
  expect(render('naive').texts('p').join(' ')).not.toContain('only counted in the log')
  const aggregated = { requests: 4_000_000, slowUs: 250_000, precision: 0.01 }
  expect(
    render('naive', () => ({ aggregated }))
      .texts('p')
      .join(' '),
  ).toMatch(/4,000,000 of the requests .* more than 250 ms .* at most 1 % too high/)
})

test('legend: each kind of loss with its count, the most frequent first', () => {
  expect(
    render('naive')
      .texts('.legend.lost-kinds li')
      .map((text) => text.split(' ').slice(0, 2).join(' ')),
  ).toEqual(['refused 102', 'closed-before-response 21', 'unreachable 6'])
  expect(render('graceful').list('.legend.lost-kinds').length).toBe(0)
})

test('legend: what 0 is, also where no disruption began', () => {
  expect(render('naive').texts('figcaption')[0]).toContain('Seconds from the beginning of the disruption.')
  const page = render('naive', () => ({ phases: [{ phase: 'before', fromUs: 0, toUs: 9_000_000 }] }))
  expect(page.texts('figcaption')[0]).toContain('from the beginning of the log: no disruption began')
})

test('data: the page’s script finds every loss, long texts shortened', () => {
  const page = render('naive', ({ losses: [first, ...others] }) => ({
    losses: [{ ...first!, request: { ...first!.request, detail: 'x'.repeat(2_000) } }, ...others],
  }))
  const payload = JSON.parse(page.only('script.data').textContent) as RunPayload
  const losses = unpackLosses(payload.losses)
  expect(losses.length).toBe(129)
  const details = losses.map(({ request }) => request.detail ?? '')
  expect(Math.max(...details.map(({ length }) => length))).toBeLessThan(600)
  expect(details.filter((text) => text.endsWith('… (1488 more characters)')).length).toBe(1)
})

test('source: where the log is, with which seed, and a link to this run', () => {
  const page = render('naive')
  const text = page.texts('.source')[0]
  expect(text).toMatch(/^Run rollout-naive-local-1-k7q2 · seed 42 · log in runs\/rollout-naive-local-1-k7q2 · link/)
  expect(page.only('.source a').getAttribute('href')).toBe(`#${page.only('details.run').getAttribute('id')}`)
})
