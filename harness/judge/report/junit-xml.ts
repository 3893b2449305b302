import type { ComparisonRow } from '../../model/comparison.ts'
import { formatGate } from '../../model/gates/gates.ts'
import type { Analysis } from '../../model/result.ts'
import type { WatchSession } from '../../model/watch/watch-session.ts'
import { isDeciding } from '../gates/judge-gates.ts'
import { formatWatchSentences, judgeWatch } from '../verdict/watch-sentences.ts'
import { escapeText } from './escape-html.ts'
import { formatLedger, formatAggregated } from '../losses/ledger-text.ts'
import { findRunPlace, formatRoundName } from './reported-run.ts'
import type { RunPart, RunPlace, ReportedRun } from './reported-run.ts'

/** GitLab and others cut longer output. */
const outputLimitBytes = 4_096

/**
 * One test case for each run: as for the exit code, its gates decide or, without gates, the hypothesis of a demonstration, so its result
 * follows from its row. A missing run is an error, never a failure or a pass; a run that was left out or repeated is skipped, unless its
 * row is unknown because of it. A watch is a test case itself: if nothing, or not everything, was seen, its episodes alone prove no
 * success. Element and attribute names as in https://github.com/testmoapp/junitxml; readers drop cases of equal names.
 */
export function renderJunit(
  runs: readonly ReportedRun[],
  rows: readonly ComparisonRow[],
  watch: WatchSession | null = null,
): string {
  const cases = runs.map((run): JunitCase => ({ run, ...toJunitOutcome(run, findRunPlace(run, rows)) }))
  const suites = Map.groupBy(cases, ({ run: { analysis } }) => `${analysis.scenario}.${analysis.cluster}`)
  const taken = new Set<string>()
  const bodies = [...suites].map(([name, members]) => renderSuite(name, { members, rows, taken }))
  const seen = watch === null ? [] : [toWatchCase(watch)]
  const analyses = runs.map(({ analysis }) => analysis)
  const totals = formatTotals([...cases, ...seen], formatSeconds(analyses))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="nodrop" ${totals}>\n${[...bodies, ...seen.map(renderWatch)].join('')}</testsuites>\n`
}

interface JunitOutcome {
  kind: 'passed' | 'failure' | 'error' | 'skipped'
  message: string
}

interface JunitCase extends JunitOutcome {
  run: ReportedRun
}

interface WatchCase extends JunitOutcome {
  watch: WatchSession
}

function toWatchCase(watch: WatchSession): WatchCase {
  const kinds = { passed: 'passed', failed: 'failure', unknown: 'error' } as const
  return { watch, kind: kinds[judgeWatch(watch)], message: formatWatchSentences(watch).join('; ') }
}

function renderWatch({ watch, kind, message }: WatchCase): string {
  const { id, target, namespace, durationUs } = watch
  const time = (durationUs / 1_000_000).toFixed(3)
  const problem = kind === 'passed' ? '' : `      ${renderProblem(kind, message, 'watch')}\n`
  const name = escapeText(`${target} in ${namespace}: no episode loses requests`)
  const output = `      <system-out>${truncateOutput(message)}</system-out>\n`
  return (
    `  <testsuite name="${escapeText(id)}" ${formatTotals([{ kind }], time)}>\n` +
    `    <testcase classname="nodrop.watch" name="${name}" time="${time}">\n${problem}${output}    </testcase>\n  </testsuite>\n`
  )
}

function toJunitOutcome({ analysis }: ReportedRun, { row, round, part }: RunPlace): JunitOutcome {
  const reason = analysis.because[0] ?? analysis.sentence
  const outcomes: Record<RunPart, JunitOutcome> = {
    'as-expected': { kind: 'passed', message: '' },
    unexpected: { kind: 'failure', message: formatFailure(analysis) },
    undecided: describeUndecided(analysis, row),
    'left-out': isOpenWithout(row)
      ? { kind: 'error', message: reason }
      : { kind: 'skipped', message: `left out: ${reason}` },
    contradicted: { kind: 'error', message: reason },
    repeated: { kind: 'skipped', message: `another run of the round counts: ${reason}` },
    missing: { kind: 'error', message: round.state === 'judged' ? `the run was cut short: ${reason}` : reason },
  }
  return outcomes[part]
}

/** Whether a row is undecided because rounds are missing: its verdict or, if gates decide, whether they were kept. */
function isOpenWithout({ result, gates }: ComparisonRow): boolean {
  return result.verdict === 'unknown' || (gates !== undefined && result.held === null)
}

/** A gate without evidence is no success of a run; a hypothesis that waits for other rounds is an error in those. */
function describeUndecided({ gates }: Analysis, row: ComparisonRow): JunitOutcome {
  const open = gates.find((gate) => isDeciding(gate) && gate.met === null)
  if (open !== undefined) return { kind: 'error', message: open.says }
  return { kind: 'skipped', message: `undecided: ${row.result.because[0] ?? row.sentence}` }
}

function renderSuite(
  name: string,
  { members, rows, taken }: { members: JunitCase[]; rows: readonly ComparisonRow[]; taken: Set<string> },
): string {
  const sums = rows
    .filter(({ scenario, cluster }) => `${scenario}.${cluster}` === name)
    .flatMap(({ configuration, sentence, account }) => [
      `${configuration}: ${sentence}`,
      ...(account === null ? [] : [`${configuration}: ${account}`]),
    ])
  const cases = members.map((member) => renderTestCase(member, `nodrop.${name}`, taken))
  const output = sums.length === 0 ? '' : `    <system-out>${truncateOutput(sums.join('\n'))}</system-out>\n`
  const totals = formatTotals(members, formatSeconds(members.map(({ run }) => run.analysis)))
  return `  <testsuite name="${escapeText(name)}" ${totals}>\n${cases.join('')}${output}  </testsuite>\n`
}

function renderTestCase({ run, kind, message }: JunitCase, className: string, taken: Set<string>): string {
  const { analysis, dir } = run
  const asked = formatAsked(analysis)
  const name = makeUniqueName(`${analysis.configuration}, ${formatRoundName(run)}: ${asked}`, className, taken)
  const account = formatLedger(analysis.ledger)
  const aggregated = formatAggregated(analysis) ?? []
  const story = [analysis.sentence, account.planned, account.sent, ...analysis.because, `run: ${dir}`]
    .concat(aggregated, listWarnings(analysis))
    .join('\n')
  const reason =
    kind === 'passed'
      ? ''
      : `      ${renderProblem(kind, message, analysis.gates.some(isDeciding) ? 'gate' : 'hypothesis')}\n`
  return `    <testcase classname="${escapeText(className)}" name="${escapeText(name)}" time="${formatSeconds([analysis])}">\n${reason}      <system-out>${truncateOutput(story)}</system-out>\n    </testcase>\n`
}

function renderProblem(kind: Exclude<JunitOutcome['kind'], 'passed'>, message: string, decides: string): string {
  const types = { failure: ` type="${decides}"`, error: ' type="unknown"', skipped: '' }
  return `<${kind}${types[kind]} message="${escapeText(message)}" />`
}

/** The gates of a run, or the hypothesis of a demonstration. */
function formatAsked({ gates, hypothesis }: Analysis): string {
  const deciding = gates.filter(isDeciding).map(({ gate }) => formatGate(gate))
  if (deciding.length > 0) return deciding.join(', ')
  if (hypothesis === null || gates.length > 0) return 'no gate'
  return hypothesis.expects === 'loses' ? 'expected to lose requests' : 'expected to lose none'
}

function formatFailure(analysis: Analysis): string {
  const failed = analysis.gates.filter((gate) => isDeciding(gate) && gate.met === false).map(({ says }) => says)
  return failed.length > 0
    ? `${failed.join('; ')}. ${analysis.sentence}`
    : `${formatAsked(analysis)}, but ${analysis.sentence}`
}

function listWarnings({ gates }: Analysis): string[] {
  return gates.filter((gate) => !isDeciding(gate) && gate.met !== true).map(({ says }) => says)
}

function makeUniqueName(name: string, className: string, taken: Set<string>): string {
  let candidate = name
  for (let number = 2; taken.has(`${className} ${candidate}`); number += 1) candidate = `${name} (${number})`
  taken.add(`${className} ${candidate}`)
  return candidate
}

function formatTotals(cases: readonly Pick<JunitOutcome, 'kind'>[], time: string): string {
  const countKind = (kind: JunitOutcome['kind']) => cases.filter((each) => each.kind === kind).length
  return `tests="${cases.length}" failures="${countKind('failure')}" errors="${countKind('error')}" skipped="${countKind('skipped')}" time="${time}"`
}

function formatSeconds(analyses: readonly Analysis[]): string {
  const us = analyses.reduce(
    (sum, { phases }) => sum + phases.reduce((all, { fromUs, toUs }) => all + toUs - fromUs, 0),
    0,
  )
  return (us / 1_000_000).toFixed(3)
}

/** Lines as escaped text of at most 4 KB, never cut within an entity or a character. */
function truncateOutput(text: string): string {
  let bytes = 0
  let output = ''
  for (const character of text) {
    const escaped = character === '\n' ? '\n' : escapeText(character)
    bytes += Buffer.byteLength(escaped)
    if (bytes > outputLimitBytes - 4) return `${output}…`
    output += escaped
  }
  return output
}
