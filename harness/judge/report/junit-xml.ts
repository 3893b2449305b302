import type { ComparisonRow } from '../../model/comparison.ts'
import type { Expectation } from '../../model/plan.ts'
import type { Analysis } from '../../model/result.ts'
import { escapeText } from './escape-html.ts'
import { ledgerText, summarisedText } from '../losses/ledger-text.ts'
import { placeOf, roundName } from './reported-run.ts'
import type { Part, Place, ReportedRun } from './reported-run.ts'

/** GitLab and others cut what is longer. */
const outputLimitBytes = 4_096

/**
 * One test case for each run: its gate is the hypothesis, as for the exit code, so what it comes to follows from its row. A run
 * that is missing is an error, not a failure, and never a pass; one that was left out or repeated is skipped unless its row is
 * unknown for its sake.
 * Element and attribute names as in https://github.com/testmoapp/junitxml; readers drop cases of equal names.
 */
export function renderJunit(runs: readonly ReportedRun[], rows: readonly ComparisonRow[]): string {
  const cases = runs.map((run): Case => ({ run, ...comesTo(run, placeOf(run, rows)) }))
  const suites = Map.groupBy(cases, ({ run: { analysis } }) => `${analysis.scenario}.${analysis.cluster}`)
  const taken = new Set<string>()
  const bodies = [...suites].map(([name, members]) => suite(name, { members, rows, taken }))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="nodrop" ${totals(cases)}>\n${bodies.join('')}</testsuites>\n`
}

interface Case {
  run: ReportedRun
  kind: 'passed' | 'failure' | 'error' | 'skipped'
  message: string
}

function comesTo({ analysis }: ReportedRun, { row, round, part }: Place): Omit<Case, 'run'> {
  const reason = analysis.because[0] ?? analysis.sentence
  const told: Record<Part, Omit<Case, 'run'>> = {
    'as-expected': { kind: 'passed', message: '' },
    unexpected: { kind: 'failure', message: `${gateOf(row.expects)}, but ${analysis.sentence}` },
    undecided: { kind: 'skipped', message: `undecided: ${row.result.because[0] ?? row.sentence}` },
    'left-out':
      row.result.verdict === 'unknown'
        ? { kind: 'error', message: reason }
        : { kind: 'skipped', message: `left out: ${reason}` },
    contradicted: { kind: 'error', message: reason },
    repeated: { kind: 'skipped', message: `another run of the round counts: ${reason}` },
    missing: { kind: 'error', message: round.state === 'judged' ? `the run was cut short: ${reason}` : reason },
  }
  return told[part]
}

function suite(
  name: string,
  { members, rows, taken }: { members: Case[]; rows: readonly ComparisonRow[]; taken: Set<string> },
): string {
  const sums = rows
    .filter(({ scenario, cluster }) => `${scenario}.${cluster}` === name)
    .flatMap(({ configuration, sentence, account }) => [
      `${configuration}: ${sentence}`,
      ...(account === null ? [] : [`${configuration}: ${account}`]),
    ])
  const cases = members.map((member) => testCase(member, `nodrop.${name}`, taken))
  const output = sums.length === 0 ? '' : `    <system-out>${output4k(sums.join('\n'))}</system-out>\n`
  return `  <testsuite name="${escapeText(name)}" ${totals(members)}>\n${cases.join('')}${output}  </testsuite>\n`
}

function testCase({ run, kind, message }: Case, className: string, taken: Set<string>): string {
  const { analysis, dir } = run
  const gate = gateOf(analysis.hypothesis.expects)
  const name = unused(`${analysis.configuration}, ${roundName(run)}: ${gate}`, className, taken)
  const account = ledgerText(analysis.ledger)
  const summarised = summarisedText(analysis) ?? []
  const story = [analysis.sentence, account.planned, account.sent, ...analysis.because, `run: ${dir}`]
    .concat(summarised)
    .join('\n')
  const reason = kind === 'passed' ? '' : `      ${problem(kind, message)}\n`
  return `    <testcase classname="${escapeText(className)}" name="${escapeText(name)}" time="${secondsOf([analysis])}">\n${reason}      <system-out>${output4k(story)}</system-out>\n    </testcase>\n`
}

function problem(kind: Exclude<Case['kind'], 'passed'>, message: string): string {
  const types = { failure: ' type="hypothesis"', error: ' type="unknown"', skipped: '' }
  return `<${kind}${types[kind]} message="${escapeText(message)}" />`
}

function gateOf(expects: Expectation): string {
  return expects === 'loses' ? 'expected to lose requests' : 'expected to lose none'
}

function unused(name: string, className: string, taken: Set<string>): string {
  let candidate = name
  for (let number = 2; taken.has(`${className} ${candidate}`); number += 1) candidate = `${name} (${number})`
  taken.add(`${className} ${candidate}`)
  return candidate
}

function totals(cases: readonly Case[]): string {
  const having = (kind: Case['kind']) => cases.filter((each) => each.kind === kind).length
  const time = secondsOf(cases.map(({ run }) => run.analysis))
  return `tests="${cases.length}" failures="${having('failure')}" errors="${having('error')}" skipped="${having('skipped')}" time="${time}"`
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
