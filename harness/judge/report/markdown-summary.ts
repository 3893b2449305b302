import { formatConfiguration, hasSeveralPlaces } from '../../model/comparison.ts'
import type { ComparisonRow } from '../../model/comparison.ts'
import { isDeciding } from '../gates/judge-gates.ts'
import { markRow } from '../gates/row-mark.ts'
import type { HeldMark, Tone } from '../gates/row-mark.ts'
import type { Decision } from '../../model/figures/decision.ts'
import { showInvisible } from './escape-html.ts'
import { formatAnswers } from './headline.ts'
import { formatDecisions } from '../statistics/decision-text.ts'
import { formatDiffs } from '../diff/markdown-diffs.ts'
import { listColumns } from '../tables/comparison-columns.ts'
import type { ComparisonColumn } from '../tables/comparison-columns.ts'
import { explainLatency } from '../tables/explanations.ts'
import { formatEvidenceLevel } from '../losses/evidence-text.ts'
import { formatLedger } from '../losses/ledger-text.ts'
import { buildLaneTable, buildRetryTable, buildToolTable } from '../tools/tool-tables.ts'
import type { TextTable } from '../tools/tool-tables.ts'
import { findRunPlace, formatRoundName, listRunsOfRow } from './reported-run.ts'
import type { RunPart, RunPlace, ReportedRun } from './reported-run.ts'

/** The colour means lost or not lost; a cross means a failed gate or hypothesis. */
const toneSigns: Record<Tone, string> = { clean: '🟢', lossy: '🔴', open: '⚪' }
const heldSigns: Record<HeldMark['result'], string> = { held: '', failed: '❌ ', undecided: '❔ ' }

/** The comparison as Markdown for a job's summary: the answer, a table, a sentence for each row, and the runs with unexpected results. */
export function renderSummary(
  rows: readonly ComparisonRow[],
  runs: readonly ReportedRun[],
  /** Sentences before the answers of the rows. */
  notes: readonly string[] = [],
  decisions: readonly Decision[] = [],
): string {
  const columns = listColumns('markdown', rows)
  const showPlace = hasSeveralPlaces(rows)
  const unexpected = runs.flatMap((run) => formatRunLine(run, findRunPlace(run, rows), showPlace))
  const lines = [
    `## ${[...notes, ...(notes.length > 0 && rows.length === 0 ? [] : formatAnswers(rows))].map(escapeMarkdown).join('\n\n')}`,
    '',
    formatTableLine(columns.map(({ heading }) => escapeMarkdown(heading))),
    formatTableLine(columns.map(({ numeric }) => (numeric ? '---:' : '---'))),
    ...rows.map((row) => formatTableLine(columns.map((column) => formatCell(column, row, runs)))),
    '',
    ...rows.flatMap((row) => formatSentences(row, showPlace)),
    ...formatDecisions(decisions).map((line) => `- ${escapeMarkdown(line)}`),
    '',
    escapeMarkdown(explainLatency(rows)),
    ...listEvidenceLevels(runs).flatMap((says) => ['', escapeMarkdown(says)]),
    '',
    ...[buildLaneTable(rows), buildToolTable(rows), buildRetryTable(rows)].flatMap((table) =>
      table ? formatTextTable(table) : [],
    ),
    ...formatDiffs(rows, runs, escapeMarkdown),
    ...(unexpected.length === 0 ? [] : ['### Runs that did not go as expected', '', ...unexpected]),
  ]
  return `${lines.join('\n')}\n`
}

function formatSentences(row: ComparisonRow, showPlace: boolean): string[] {
  const { sentence, account, result } = row
  return [
    `- **${escapeMarkdown(formatConfiguration(row, showPlace))}**: ${escapeMarkdown(sentence)}`,
    ...(account === null ? [] : [`  - ${escapeMarkdown(account)}`]),
    ...(result.warnings ?? []).map((warning) => `  - ⚠️ ${escapeMarkdown(warning)}`),
  ]
}

/** Mostly one, for all runs. */
function listEvidenceLevels(runs: readonly ReportedRun[]): string[] {
  return [...new Set(runs.map(({ analysis }) => formatEvidenceLevel(analysis.attribution)))]
}

function formatTextTable({ title, heads, rows, foot }: TextTable): string[] {
  const lines = [heads.map(escapeMarkdown), heads.map((_, index) => (index === 0 ? '---' : '---:'))]
  return [
    `### ${escapeMarkdown(title)}`,
    '',
    ...lines.map(formatTableLine),
    ...rows.map((cells) => formatTableLine(cells.map(escapeMarkdown))),
    '',
    escapeMarkdown(foot),
    '',
  ]
}

function formatTableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function formatCell({ key, text, notes }: ComparisonColumn, row: ComparisonRow, runs: readonly ReportedRun[]): string {
  if (key === 'configuration') return formatName(row, runs)
  const { tone, held } = markRow(row)
  if (key === 'verdict') return `${toneSigns[tone]} ${row.result.verdict}`
  if (key === 'held') return `${heldSigns[held.result]}${held.words}`
  return [text(row), ...(notes?.(row) ?? [])].map(escapeMarkdown).join('<br>')
}

function formatName(row: ComparisonRow, runs: readonly ReportedRun[]): string {
  const name = `**${escapeMarkdown(row.configuration)}** (${escapeMarkdown(`${row.scenario}, ${row.cluster}`)})`
  const [first] = listRunsOfRow(row, runs)
  const about = first?.plan.configuration.hypothesis ?? ''
  return about === '' ? name : `${name}<br>${escapeMarkdown(about)}`
}

const partPhrases: Record<Exclude<RunPart, 'as-expected'>, string> = {
  unexpected: '❌ not as expected',
  undecided: '❔ undecided',
  'left-out': '❔ could not be judged',
  contradicted: '❔ what was seen contradicts itself',
  repeated: '❔ could not be judged, another run of the round counts',
  missing: '❔ missing',
}

/** For a run with an unexpected result. */
function formatRunLine(run: ReportedRun, { part, row }: RunPlace, showPlace: boolean): string[] {
  if (part === 'as-expected') return []
  const phrase = part === 'unexpected' && row.gates ? '❌ gates not kept' : partPhrases[part]
  const { analysis, dir } = run
  const account = formatLedger(analysis.ledger)
  const gates = analysis.gates.filter((gate) => isDeciding(gate) && gate.met !== true).map(({ says }) => says)
  const reasons = [...analysis.because, ...gates].map(escapeMarkdown).join('; ')
  const name = escapeMarkdown(`${formatConfiguration(row, showPlace)}, ${formatRoundName(run)}`)
  return [
    `- ${phrase}: ${name}: ${reasons}. ${escapeMarkdown(account.planned)}; ${escapeMarkdown(account.sent)}. ${escapeMarkdown(dir)}`,
  ]
}

/** The zero-width space that separates the parts of a reference; `showInvisible` makes one in the text itself visible. */
const parting = '\u200b'
/** The text before the number of an issue, or the start of a mention. */
const beginsReference = /@|#(?=\d)|(?<!\w)GH-(?=\d)/gi
/** GitHub recognises a commit by seven digits or more; the digits of a time or a count include no letter. */
const commit = /(?<!\w)(?=\d*[a-f])[\da-f]{7,40}(?!\w)/gi

/** Escapes text so that Markdown and HTML show it as it is: no link, no mention, no cell of its own. */
export function escapeMarkdown(value: string): string {
  return (
    showInvisible(value)
      // Escapes and entities are read before references are looked for, so that only a character can part them.
      .replace(beginsReference, `$&${parting}`)
      .replace(commit, (digits) => digits.replaceAll(/.{6}(?=.)/g, `$&${parting}`))
      .replace(/[\\`*_{}[\]()#+!|~$:-]/g, (character) => `\\${character}`)
      .replace(/[&<>@]/g, (character) => `&#${character.charCodeAt(0)};`)
      .replaceAll(parting, '&#8203;')
      .replace(/\b(www)\./gi, '$1\\.')
  )
}
