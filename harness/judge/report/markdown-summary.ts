import type { ComparisonRow } from '../../model/comparison.ts'
import { visible } from './escape-html.ts'
import { count, duration, plural, share } from './format.ts'
import { answersOf } from './headline.ts'
import { latencySays, naiveSays } from '../tables/explanations.ts'
import { ledgerText } from '../losses/ledger-text.ts'
import { placeOf, roundName, runsOfRow } from './reported-run.ts'
import type { Part, Place, ReportedRun } from './reported-run.ts'

/** GitHub refuses a longer step summary altogether: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
const limitBytes = 1024 * 1024

const signs = { passed: '✅ passed', failed: '❌ failed', unknown: '❔ unknown' } as const

/** The comparison as Markdown for a job's summary: the answer, a table, a sentence for each row, and the runs that surprised. */
export function renderSummary(rows: readonly ComparisonRow[], runs: readonly ReportedRun[]): string {
  const head = [
    `## ${answersOf(rows).map(text).join('\n\n')}`,
    '',
    '| Configuration | Lost | Of | Share | Kinds | A naive tool says | p50 | p99 | Longest outage | Hypothesis | Verdict |',
    '| --- | ---: | ---: | ---: | --- | --- | ---: | ---: | ---: | --- | --- |',
  ]
  const unexpected = runs.flatMap((run) => runLine(run, placeOf(run, rows)))
  const lines = [
    ...rows.map((row) => tableRow(row, runs)),
    '',
    ...rows.flatMap(({ configuration, sentence, account }) => [
      `- **${text(configuration)}**: ${text(sentence)}`,
      ...(account === null ? [] : [`  - ${text(account)}`]),
    ]),
    '',
    `${text(latencySays(rows))} ${text(naiveSays)}`,
    ...(unexpected.length === 0 ? [] : ['', '### Runs that did not go as expected', '', ...unexpected]),
  ]
  return withinLimit(head, lines)
}

function tableRow(row: ComparisonRow, runs: readonly ReportedRun[]): string {
  const [first] = runsOfRow(row, runs)
  const name = `**${text(row.configuration)}** (${text(`${row.scenario}, ${row.cluster}`)})`
  const hypothesis = first === undefined ? '' : `<br>${text(first.plan.configuration.hypothesis)}`
  const kinds = row.outcomes.map(({ outcome, count: times }) => `${outcome} ${count(times)}`).join(', ')
  const { held, verdict } = row.result
  const isJudged = row.judged > 0
  const cells = [
    `${name}${hypothesis}`,
    isJudged ? count(row.lost) : '–',
    `${isJudged ? count(row.sent) : '–'}${roundsSay(row)}`,
    text(share(row.lost, row.sent)),
    isJudged ? kinds || 'none' : '–',
    isJudged ? text(row.naive.says) : '–',
    duration(row.p50Us),
    duration(row.p99Us),
    outageText(row),
    held === null ? 'undecided' : held ? 'held' : 'did not hold',
    signs[verdict],
  ]
  return `| ${cells.join(' | ')} |`
}

function outageText({ judged, longestOutageUs, waited, longestWaitUs }: ComparisonRow): string {
  if (judged === 0) return '–'
  const longest = longestOutageUs === 0 ? 'none' : duration(longestOutageUs)
  return waited === 0 ? longest : `${longest}<br>${count(waited)} waited up to ${duration(longestWaitUs)}`
}

function roundsSay({ rounds, judged }: ComparisonRow): string {
  if (rounds.length === 1) return ''
  return ` in ${judged === rounds.length ? '' : `${count(judged)} of `}${plural(rounds.length, 'round')}`
}

const says: Record<Exclude<Part, 'as-expected'>, string> = {
  unexpected: '❌ hypothesis did not hold',
  undecided: '❔ undecided',
  'left-out': '❔ could not be judged',
  contradicted: '❔ what was seen contradicts itself',
  repeated: '❔ could not be judged, another run of the round counts',
  missing: '❔ missing',
}

/** Of a run that did not go as expected. */
function runLine(run: ReportedRun, { part }: Place): string[] {
  if (part === 'as-expected') return []
  const { analysis, dir } = run
  const account = ledgerText(analysis.ledger)
  const reasons = analysis.because.map(text).join('; ')
  const name = text(`${analysis.configuration}, ${roundName(run)}`)
  return [`- ${says[part]}: ${name}: ${reasons}. ${text(account.planned)}; ${text(account.sent)}. ${text(dir)}`]
}

/** Text that Markdown and HTML take as text only: no link, no mention, no cell of its own. */
function text(value: string): string {
  return visible(value)
    .replace(/[&<>@]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\\`*_{}[\]()#+!|~$:-]/g, (character) => `\\${character}`)
}

function withinLimit(head: readonly string[], lines: readonly string[]): string {
  const cut = (left: number) => `\n… ${count(left)} more lines are in report.html.`
  let bytes = Buffer.byteLength(head.join('\n')) + Buffer.byteLength(cut(lines.length)) + 2
  const kept: string[] = []
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > limitBytes) return `${[...head, ...kept, cut(lines.length - kept.length)].join('\n')}\n`
    kept.push(line)
  }
  return `${[...head, ...kept].join('\n')}\n`
}
