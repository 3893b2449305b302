import type { ComparisonRow } from '../../model/comparison.ts'
import { showInvisible } from './escape-html.ts'
import { formatCount, formatDuration, formatPlural, formatShare } from './format.ts'
import { formatAnswers } from './headline.ts'
import { explainLatency, autocannonExplanation } from '../tables/explanations.ts'
import { formatLedger } from '../losses/ledger-text.ts'
import { findRunPlace, formatRoundName, listRunsOfRow } from './reported-run.ts'
import type { RunPart, RunPlace, ReportedRun } from './reported-run.ts'

/** GitHub refuses a longer step summary altogether: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
const limitBytes = 1024 * 1024

const verdictSigns = { passed: '✅ passed', failed: '❌ failed', unknown: '❔ unknown' } as const

/** The comparison as Markdown for a job's summary: the answer, a table, a sentence for each row, and the runs that surprised. */
export function renderSummary(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): string {
  const head = [
    `## ${formatAnswers(rows).map(escapeMarkdown).join('\n\n')}`,
    '',
    '| Configuration | Lost | Of | Share | Kinds | A naive tool says | p50 | p99 | Longest outage | Hypothesis | Verdict |',
    '| --- | ---: | ---: | ---: | --- | --- | ---: | ---: | ---: | --- | --- |',
  ]
  const unexpected = runs.flatMap((run) => formatRunLine(run, findRunPlace(run, rows)))
  const lines = [
    ...rows.map((row) => formatTableRow(row, runs)),
    '',
    ...rows.flatMap(({ configuration, sentence, account }) => [
      `- **${escapeMarkdown(configuration)}**: ${escapeMarkdown(sentence)}`,
      ...(account === null ? [] : [`  - ${escapeMarkdown(account)}`]),
    ]),
    '',
    `${escapeMarkdown(explainLatency(rows))} ${escapeMarkdown(autocannonExplanation)}`,
    ...(unexpected.length === 0 ? [] : ['', '### Runs that did not go as expected', '', ...unexpected]),
  ]
  return fitWithinLimit(head, lines)
}

function formatTableRow(row: ComparisonRow, runs: readonly ReportedRun[]): string {
  const [first] = listRunsOfRow(row, runs)
  const name = `**${escapeMarkdown(row.configuration)}** (${escapeMarkdown(`${row.scenario}, ${row.cluster}`)})`
  const hypothesis = first === undefined ? '' : `<br>${escapeMarkdown(first.plan.configuration.hypothesis)}`
  const kinds = row.outcomes.map(({ outcome, count: times }) => `${outcome} ${formatCount(times)}`).join(', ')
  const { held, verdict } = row.result
  const isJudged = row.judged > 0
  const cells = [
    `${name}${hypothesis}`,
    isJudged ? formatCount(row.lost) : '–',
    `${isJudged ? formatCount(row.sent) : '–'}${formatRounds(row)}`,
    escapeMarkdown(formatShare(row.lost, row.sent)),
    isJudged ? kinds || 'none' : '–',
    isJudged ? escapeMarkdown(row.naive.says) : '–',
    formatDuration(row.p50Us),
    formatDuration(row.p99Us),
    formatOutage(row),
    held === null ? 'undecided' : held ? 'held' : 'did not hold',
    verdictSigns[verdict],
  ]
  return `| ${cells.join(' | ')} |`
}

function formatOutage({ judged, longestOutageUs, waited, longestWaitUs }: ComparisonRow): string {
  if (judged === 0) return '–'
  const longest = longestOutageUs === 0 ? 'none' : formatDuration(longestOutageUs)
  return waited === 0 ? longest : `${longest}<br>${formatCount(waited)} waited up to ${formatDuration(longestWaitUs)}`
}

function formatRounds({ rounds, judged }: ComparisonRow): string {
  if (rounds.length === 1) return ''
  return ` in ${judged === rounds.length ? '' : `${formatCount(judged)} of `}${formatPlural(rounds.length, 'round')}`
}

const partPhrases: Record<Exclude<RunPart, 'as-expected'>, string> = {
  unexpected: '❌ hypothesis did not hold',
  undecided: '❔ undecided',
  'left-out': '❔ could not be judged',
  contradicted: '❔ what was seen contradicts itself',
  repeated: '❔ could not be judged, another run of the round counts',
  missing: '❔ missing',
}

/** Of a run that did not go as expected. */
function formatRunLine(run: ReportedRun, { part }: RunPlace): string[] {
  if (part === 'as-expected') return []
  const { analysis, dir } = run
  const account = formatLedger(analysis.ledger)
  const reasons = analysis.because.map(escapeMarkdown).join('; ')
  const name = escapeMarkdown(`${analysis.configuration}, ${formatRoundName(run)}`)
  return [
    `- ${partPhrases[part]}: ${name}: ${reasons}. ${escapeMarkdown(account.planned)}; ${escapeMarkdown(account.sent)}. ${escapeMarkdown(dir)}`,
  ]
}

/** Text that Markdown and HTML take as text only: no link, no mention, no cell of its own. */
function escapeMarkdown(value: string): string {
  return showInvisible(value)
    .replace(/[&<>@]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\\`*_{}[\]()#+!|~$:-]/g, (character) => `\\${character}`)
}

function fitWithinLimit(head: readonly string[], lines: readonly string[]): string {
  const formatCutNotice = (left: number) => `\n… ${formatCount(left)} more lines are in report.html.`
  let bytes = Buffer.byteLength(head.join('\n')) + Buffer.byteLength(formatCutNotice(lines.length)) + 2
  const kept: string[] = []
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > limitBytes) return `${[...head, ...kept, formatCutNotice(lines.length - kept.length)].join('\n')}\n`
    kept.push(line)
  }
  return `${[...head, ...kept].join('\n')}\n`
}
