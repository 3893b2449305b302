import type { Analysis, ComparisonRow } from '../model/result.ts'
import { escapeText } from './escape.ts'
import { ledgerText, summarisedText } from './ledger-text.ts'
import type { ReportedRun } from './reported-run.ts'

/** GitLab and others cut what is longer. */
const outputLimitBytes = 4_096

/**
 * One test case for each run: its gate is the hypothesis, as for the exit code. A run that could not be judged is an error,
 * not a failure, and never a pass.
 * Element and attribute names as in https://github.com/testmoapp/junitxml; readers drop cases of equal names.
 */
export function renderJunit(runs: readonly ReportedRun[], rows: readonly ComparisonRow[]): string {
  const suites = Map.groupBy(runs, ({ analysis }) => `${analysis.scenario}.${analysis.cluster}`)
  const taken = new Set<string>()
  const bodies = [...suites].map(([name, members]) => suite(name, { members, rows, taken }))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="nodrop" ${totals(runs)}>\n${bodies.join('')}</testsuites>\n`
}

function suite(
  name: string,
  { members, rows, taken }: { members: ReportedRun[]; rows: readonly ComparisonRow[]; taken: Set<string> },
): string {
  const sums = rows
    .filter(({ scenario, cluster }) => `${scenario}.${cluster}` === name)
    .map(({ configuration, sentence }) => `${configuration}: ${sentence}`)
  const cases = members.map((run) => testCase(run, `nodrop.${name}`, taken))
  const output = sums.length === 0 ? '' : `    <system-out>${output4k(sums.join('\n'))}</system-out>\n`
  return `  <testsuite name="${escapeText(name)}" ${totals(members)}>\n${cases.join('')}${output}  </testsuite>\n`
}

function testCase({ analysis, dir }: ReportedRun, className: string, taken: Set<string>): string {
  const name = unused(
    `${analysis.configuration}, round ${analysis.round}: ${gateOf(analysis.hypothesis.expects)}`,
    className,
    taken,
  )
  const account = ledgerText(analysis.ledger)
  const summarised = summarisedText(analysis) ?? []
  const story = [analysis.sentence, account.planned, account.sent, ...analysis.because, `run: ${dir}`]
    .concat(summarised)
    .join('\n')
  const { held } = analysis.hypothesis
  const reason = held === true ? '' : `      ${problem(held, analysis)}\n`
  return `    <testcase classname="${escapeText(className)}" name="${escapeText(name)}" time="${secondsOf([analysis])}">\n${reason}      <system-out>${output4k(story)}</system-out>\n    </testcase>\n`
}

function problem(held: false | null, { hypothesis, because, sentence }: Analysis): string {
  if (held === null) return `<error type="unknown" message="${escapeText(because[0] ?? sentence)}" />`
  return `<failure type="hypothesis" message="${escapeText(`${gateOf(hypothesis.expects)}, but ${sentence}`)}" />`
}

function gateOf(expects: ComparisonRow['expects']): string {
  return expects === 'loses' ? 'expected to lose requests' : 'expected to lose none'
}

function unused(name: string, className: string, taken: Set<string>): string {
  let candidate = name
  for (let number = 2; taken.has(`${className} ${candidate}`); number += 1) candidate = `${name} (${number})`
  taken.add(`${className} ${candidate}`)
  return candidate
}

function totals(runs: readonly ReportedRun[]): string {
  const having = (held: boolean | null) => runs.filter(({ analysis }) => analysis.hypothesis.held === held).length
  return `tests="${runs.length}" failures="${having(false)}" errors="${having(null)}" time="${secondsOf(runs.map(({ analysis }) => analysis))}"`
}

function secondsOf(analyses: readonly Analysis[]): string {
  const us = analyses.reduce(
    (sum, { phases }) => sum + phases.reduce((all, { fromUs, toUs }) => all + toUs - fromUs, 0),
    0,
  )
  return (us / 1_000_000).toFixed(3)
}

/** Lines as escaped text of at most 4 KB; a cut never falls within an entity or a character. */
function output4k(text: string): string {
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
