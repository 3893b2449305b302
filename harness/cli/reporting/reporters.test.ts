import { spawnSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { reportRuns } from '../../judge/judge-directory.ts'
import type { Decision } from '../../model/figures/decision.ts'
import { buildResultsJsonSchema, parseResults } from '../../model/results/results-schema.ts'
import { captureOutput } from '../../testing/captured-output.ts'
import type { CapturedOutput } from '../../testing/captured-output.ts'
import { getRecordedDir } from '../../testing/recorded-runs.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { buildResults } from '../../terminal/reporters/results-json.ts'
import { documents, listings } from '../../terminal/reporters/reporters.ts'
import { runProgram } from '../program.ts'
import { createProgress } from '../../terminal/progress.ts'
import { openReport } from './open-report.ts'
import { chooseProgress } from './reporter-options.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-reporters-'))
afterAll(() => rmSync(folder, { recursive: true }))
const paths = { apps: folder, scenarios: folder, manifests: folder, reports: folder }
const directory = join(folder, 'run')
cpSync(getRecordedDir('rollout-naive-local'), directory, { recursive: true })
const program = join(import.meta.dirname, '../../nodrop.cjs')
const report = (...args: string[]): Promise<CapturedOutput> =>
  captureOutput(() => runProgram(['report', directory, ...args], paths))
const reportTo = (name: string): string => `${name}=${join(folder, name)}`
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

test('--reporter: several at once, each in its file, and one of them on standard output', async () => {
  const asked = ['json', 'junit', 'markdown', 'html', 'github', 'list'].flatMap((name) => [
    '--reporter',
    reportTo(name),
  ])
  const { code, stdout, stderr } = await report(...asked, '--reporter', 'line')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^naive: [1-9][\d,]* of [\d,]+ requests lost .*\nReport: file:\/\/\S+\n$/)
  expect(parseResults(JSON.parse(read('json')))).toMatchObject({ schema: 2, directory, exitCode: 0 })
  for (const [name, file] of [
    ['junit', 'junit.xml'],
    ['markdown', 'summary.md'],
    ['html', 'report.html'],
  ] as const)
    expect(read(name)).toBe(readFileSync(join(directory, file), 'utf8'))
  expect(read('list')).toContain('naive: ')
  expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([])
})

test('--reporter: documents of several configurations are byte for byte the files of the report, decisions and all', async () => {
  const there = join(folder, 'several')
  mkdirSync(there)
  const judged = await reportRuns(there, buildSampleComparison(6).runs)
  expect(judged.decisions).not.toEqual([])
  for (const [name, file] of [
    ['junit', 'junit.xml'],
    ['markdown', 'summary.md'],
    ['html', 'report.html'],
  ] as const) {
    const isSame =
      documents[name](judged, { directory: there, exitCode: 0 }) === readFileSync(join(there, file), 'utf8')
    expect([name, isSame]).toEqual([name, true])
  }
})

test.each([
  ['two documents', ['--reporter', 'json', '--reporter', 'junit'], /Cannot print json and junit at the same time/],
  ['a document among lines', ['--reporter', 'list', '--reporter', 'html'], /html is a whole document/],
  ['--json beside another', ['--json', '--reporter', 'line'], /json is a whole document/],
  [
    'one file for two',
    ['--reporter', 'json=a', '--reporter', 'line=./a'],
    /Cannot write json and line to \/.*\/a: each needs a file of its own/,
  ],
  ['an unknown one', ['--reporter', 'jsn'], /Must be one of list, line, /],
  ['one without its file', ['--reporter', 'json='], /Must be one of list, line, /],
])('--reporter: %s is bad usage', async (_, args, message) => {
  const { code, stdout, stderr } = await report(...args)
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)])
})

test('--reporter: a file that cannot be written ends with 3, and the others are written all the same', async () => {
  const missing = join(folder, 'missing/junit.xml')
  const { code, stdout, stderr } = await report('--reporter', `junit=${missing}`, '--reporter', 'line')
  expect([code, stdout]).toEqual([3, expect.stringContaining('Report: ')])
  expect(stderr).toContain(missing)
})

test.each([
  ['a form of another kind', 'junit', []],
  ['a JSON file after it', 'json', []],
  ['a JSON file before it', 'json', ['--reporter', reportTo('json')]],
])('--json: tells the exit code of the process where %s cannot be written', async (_, name, others) => {
  const { code, stdout } = await report('--json', ...others, '--reporter', `${name}=${join(folder, 'missing/file')}`)
  const told = [stdout, ...(others.length > 0 ? [read('json')] : [])]
  expect([code, ...told.map((text) => parseResults(JSON.parse(text)).exitCode)]).toEqual([3, ...told.map(() => 3)])
})

test.each([
  ['/dev/full', /Cannot write \/dev\/full: no space left on device \(ENOSPC\)/],
  [folder, /Cannot write .*: illegal operation on a directory \(EISDIR\)/],
])('--reporter: %s, which cannot be written, is named', async (file, message) => {
  const { code, stderr } = await report('--reporter', `json=${file}`, '--reporter', 'line')
  expect([code, stderr]).toEqual([3, expect.stringMatching(message)])
})

test('--reporter: a link stays, and the file that it leads to is written, whether it is there or not', async () => {
  for (const name of ['there.xml', 'missing.xml']) symlinkSync(name, join(folder, `link-to-${name}`))
  writeFileSync(join(folder, 'there.xml'), 'old')
  for (const name of ['there.xml', 'missing.xml']) {
    const { code } = await report('--reporter', `junit=${join(folder, `link-to-${name}`)}`)
    expect([code, readlinkSync(join(folder, `link-to-${name}`))]).toEqual([0, name])
    expect(read(name)).toBe(readFileSync(join(directory, 'junit.xml'), 'utf8'))
  }
})

test('--reporter: standard output that is a file has what was in it, and each form in its turn', () => {
  // Like /dev/stdout, which a test must not endanger.
  symlinkSync('/proc/self/fd/1', join(folder, 'stdout'))
  const output = join(folder, 'output')
  writeFileSync(output, 'before\n')
  const file = openSync(output, 'a')
  const forms = ['--reporter', `markdown=${join(folder, 'stdout')}`, '--reporter', 'line']
  const { status } = spawnSync(process.execPath, [program, 'report', directory, ...forms], {
    stdio: ['ignore', file, 2],
  })
  closeSync(file)
  expect([status, readlinkSync(join(folder, 'stdout'))]).toEqual([0, '/proc/self/fd/1'])
  const summary = readFileSync(join(directory, 'summary.md'), 'utf8')
  expect(readFileSync(output, 'utf8')).toMatch(/^before\n[^]*\nReport: file:/)
  expect(readFileSync(output, 'utf8')).toContain(`before\n${summary}naive: `)
})

test('--json: is as the schema says, with every row and run, also of a comparison without a verdict', async () => {
  const { rows, runs } = buildSampleComparison(2)
  const decision: Decision = {
    scenario: 'rollout',
    cluster: 'local',
    first: 'graceful',
    second: 'naive',
    isSame: false,
    relation: '~',
    p: 0.33,
    by: 'lost-per-round',
    tests: { roundsWithLoss: 0.33, lostPerRound: 0.5 },
    rounds: 2,
    roundsWithLoss: [0, 2],
    difference: null,
    moreRounds: 4,
  }
  const decisions = [decision]
  const judged = { rows, runs, decisions, watch: null, report: null, unwritten: [] }
  const results = buildResults(judged, { directory, exitCode: 4 })
  expect(parseResults(structuredClone(results))).toEqual(results)
  expect([results.rows.length, results.runs.length]).toEqual([rows.length, runs.length])
  expect(() => parseResults({ ...results, schema: 1 })).toThrow()
  const printed = await captureOutput(() => runProgram(['schema', 'results'], paths))
  expect(JSON.parse(printed.stdout)).toEqual(JSON.parse(JSON.stringify(buildResultsJsonSchema())))
})

test('--reporter github: an error for each row that failed, a warning for each that is open', () => {
  const { rows } = buildSampleComparison()
  const [first, second, ...others] = rows
  const changed = [
    { ...first!, sentence: 'lost:\n50 %', result: { ...first!.result, held: false } },
    { ...second!, result: { ...second!.result, held: null } },
    ...others,
  ]
  const lines = listings.github({ rows: changed, runs: [], decisions: [], watch: null, report: null, unwritten: [] })
  expect(lines).toEqual([
    expect.stringContaining(`::error title=nodrop%3A rollout × ${first!.configuration}::lost:%0A50 %25`),
    expect.stringContaining(`::warning title=nodrop%3A rollout × ${second!.configuration}::`),
  ])
})

test('--open: without a display the path is told, and nothing is started', async () => {
  expect(await openReport('/r/report.html', {})).toBe(
    'There is no display to open the report on. It is here: /r/report.html',
  )
})

test('--open: the program of the desktop gets the path; where it is missing that is told', async () => {
  vi.stubEnv('PATH', folder)
  const display = { DISPLAY: ':0', PATH: folder }
  expect(await openReport('/r/report.html', display)).toMatch(
    /^Cannot open the report: there is no xdg-open here\. .*\/r\/report\.html$/,
  )
  vi.unstubAllEnvs()
})

test.each([
  ['dumb', false],
  ['xterm-256color', true],
])('progress: a terminal of the kind %s gets control sequences: %s', (term, isDrawn) => {
  vi.stubEnv('TERM', term)
  onTestFinished(() => void vi.unstubAllEnvs())
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  const run = createProgress(stream as unknown as NodeJS.WriteStream, chooseProgress({})).beginRun(
    '1/1 rollout × naive',
  )
  run.see({ type: 'step', t: 0, step: 'load-begin', detail: null })
  run.end('0 of 10 requests lost')
  const text = String(stream.read())
  expect([text.includes('\u001B'), text.includes('0 of 10 requests lost')]).toEqual([isDrawn, true])
})
