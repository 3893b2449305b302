import { expect, test } from 'vitest'
import { changeComparison, withDisturbance, buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { addSecondScenario } from '../../testing/samples/second-scenario.ts'
import type { Gate } from '../../model/gates/gates.ts'
import { buildGatedRun } from '../../testing/samples/gated-run.ts'
import { judgeGates } from '../gates/judge-gates.ts'
import { renderReportSummary } from './judged-runs.ts'
import { poisonTexts } from '../../testing/hostile-texts.ts'
import { escapeMarkdown, renderSummary } from './markdown-summary.ts'

const { rows, runs } = buildSampleComparison(3)
const renderSummaryWith = (change: Parameters<typeof changeComparison>[1], rounds = 3): string => {
  const changed = changeComparison(buildSampleComparison(rounds), change)
  return renderSummary(changed.rows, changed.runs)
}

test('the answer comes first, then a row for each configuration', () => {
  const lines = renderSummary(rows, runs).split('\n')
  expect(lines[0]).toBe('## graceful lost nothing. The other five lost requests.')
  expect(lines.filter((line) => line.startsWith('| **'))).toHaveLength(6)
  expect(lines.find((line) => line.startsWith('| **graceful**'))).toMatch(
    /\| 14,994<br>in 3 rounds \| 0 \| 0 \| 0 % \| none \|.*as expected \| 🟢 passed \|$/u,
  )
})

test('a demonstration that loses as expected is no failure; a configuration that fails a gate is, and a warning is none', () => {
  const renderGated = (...gates: Gate[]): string => {
    const gated = runs.map(({ plan, ...run }) => ({
      ...run,
      plan: { ...plan, configuration: { name: plan.configuration.name, hypothesis: '', gates } },
    }))
    const changed = changeComparison({ runs: gated }, (run) => ({
      hypothesis: null,
      gates: judgeGates(gates, buildGatedRun(run)),
    }))
    return renderSummary(changed.rows, changed.runs)
  }
  const findRow = (summary: string): string | undefined =>
    summary.split('\n').find((line) => line.startsWith('| **naive**'))
  expect(renderSummary(rows, runs)).not.toContain('❌')
  expect(findRow(renderSummary(rows, runs))).toMatch(/\| as expected \| 🔴 failed \|$/u)
  const failed = renderGated({ name: 'lost', operator: '<=', limit: 0 })
  expect(findRow(failed)).toMatch(/\| ❌ not kept \| 🔴 failed \|$/u)
  expect(failed).toContain('- ❌ gates not kept: naive, round 1:')
  const allowed = renderGated(
    { name: 'lost', operator: '<=', limit: 100_000 },
    { name: 'lost', operator: '<=', limit: 0, warn: true },
  )
  expect(allowed).not.toContain('❌')
  expect(findRow(allowed)).toMatch(/\| kept \| 🔴 failed \|$/u)
  expect(allowed).toMatch(/ {2}- ⚠️ warning gate lost &#60;= 0\\: it was \d+, the worst of 3 rounds that failed it/u)
})

test('runs that did not go as expected are told one by one', () => {
  expect(renderSummary(rows, runs)).not.toContain('### Runs')
  const first = renderSummaryWith((run) =>
    run.configuration === 'naive' && run.round === 1 ? withDisturbance('a watch had a gap', run) : {},
  )
  expect(first).toMatch(
    /### Runs that did not go as expected\n\n- ❔ could not be judged: naive, round 1: a watch had a gap\./,
  )
  expect(first).toContain('  - 2 of 3 rounds judged; left out\\: round 1 \\(a watch had a gap\\)')
  const missing = renderSummaryWith((run) =>
    run.round === 2 ? { ...withDisturbance('the run did not happen', run), ending: 'never-began' } : {},
  )
  expect(missing).toContain('- ❔ missing: graceful, round 2: the run did not happen')
})

test('a row of which no round could be judged has no figures', () => {
  const summary = renderSummaryWith((run) => withDisturbance('late', run))
  expect(summary.split('\n').find((line) => line.startsWith('| **naive**'))).toMatch(
    /\| –<br>in 0 of 3 rounds \| – \| – \| – \| – \| – \| – \| – \| – \| ❔ undecided \| ⚪ unknown \|$/u,
  )
})

test('hostile text makes no element, link, mention or cell', () => {
  const hostile = poisonTexts({ rows, runs })
  // Nothing within a fence is markup; another test shows that no text ends a fence.
  const markdown = renderSummary(hostile.rows, hostile.runs).replaceAll(/^(`{3,})diff\n[^]*?\n\1$/gm, '')
  expect(markdown.replaceAll('<br>', '')).not.toMatch(/[<>@]|(?<!\\)\[|[\u202a-\u202e]/)
  for (const line of markdown.split('\n').filter((text) => text.startsWith('| **'))) {
    expect(line.match(/(?<!\\)\|/g)).toHaveLength(13)
  }
})

test('text with an address: becomes no link and no mention where GitHub reads it', () => {
  // The autolinks of GFM, https://github.github.com/gfm/#autolinks-extension-, are recognised after escapes and entities are decoded.
  const read = (markdown: string): string =>
    markdown
      .replaceAll(/\\([!-/:-@[-`{-~])/g, '\u0000$1')
      .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
  for (const text of ['www.evil.example', 'WWW.evil.example', 'at (www.x.example)', '*www.x.example*']) {
    expect(read(escapeMarkdown(text))).not.toMatch(/www\./i)
  }
  for (const text of ['a.b@c.example', '@team', 'xmpp:a@b.example', 'mailto:a@b.example']) {
    expect(read(escapeMarkdown(text))).not.toMatch(/@[\w.-]/)
  }
  expect(escapeMarkdown('0.5 s of 1.5 s')).toBe('0.5 s of 1.5 s')
})

test('text with a reference: becomes no link to an issue, a commit or a person where GitHub reads it', () => {
  // What GitHub makes links of, once the Markdown is HTML:
  // https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
  const reference = /#\d|\bGH-\d|\b(?=\d*[a-f])[\da-f]{7,40}\b|@[\w-]/i
  const commit = 'a5c3785ed8d6a35868bc169f07e40e889087fd2e'
  const references = [
    '#12',
    '(#12)',
    'a/b#12',
    'GH-12',
    'gh-12',
    '@a',
    '@a/team',
    commit,
    commit.slice(0, 7),
    `a@${commit}`,
  ]
  for (const text of references) {
    const read = readText(escapeMarkdown(`see ${text}, then`))
    expect(text).toMatch(reference)
    expect(read).not.toMatch(reference)
    // A character without a width is all that is added.
    expect(read.replaceAll('\u200b', '')).toBe(`see ${text}, then`)
  }
  for (const text of ['number 12', 'reports/runs/20261124-120000', 'round #x', 'sha256', `${commit}${commit}`]) {
    expect(readText(escapeMarkdown(text))).toBe(text)
  }
})

/** The text of the HTML that is made of it. */
function readText(markdown: string): string {
  return markdown
    .replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

test('several scenarios: each line says of which it is', () => {
  const both = changeComparison(addSecondScenario(buildSampleComparison(2).runs), (run) =>
    run.round === 1 && run.configuration === 'naive' ? withDisturbance('late', run) : {},
  )
  const lines = renderSummary(both.rows, both.runs).split('\n')
  const find = (start: string): string[] => lines.filter((line) => line.startsWith(start))
  const names = find('- **').map((line) => /^- \*\*(.*?)\*\*/.exec(line)![1])
  expect(new Set(names).size).toBe(both.rows.length)
  expect(names.slice(0, 1)).toEqual(['naive (rollout, local)'.replaceAll(/[()]/g, '\\$&')])
  const told = find('- ❔').map((line) => line.replace(/: .*/, '').concat(/: (naive.*?round 1)/.exec(line)![1]!))
  expect(told).toHaveLength(2)
  expect(new Set(told).size).toBe(2)
})

test('a summary stays below 1 MiB and says what it leaves out', () => {
  const many = Array.from({ length: 4_000 }, () => runs[0]).filter((run) => run !== undefined)
  const long = changeComparison({ runs: many }, (run) => withDisturbance('é'.repeat(400), run))
  const markdown = renderReportSummary({ ...long, watch: null, decisions: [] })
  expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(1024 * 1024)
  expect(markdown).toMatch(/… [\d,]+ more lines are in report\.html\.\n$/)
})
