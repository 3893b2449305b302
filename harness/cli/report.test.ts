import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { captureOutput } from '../testing/captured-output.ts'
import type { CapturedOutput } from '../testing/captured-output.ts'
import { getRecordedDir } from '../testing/recorded-runs.ts'
import { runProgram } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-report-'))
afterAll(() => rmSync(folder, { recursive: true }))
const paths = { apps: folder, scenarios: folder, manifests: folder, reports: folder }
const report = (...args: string[]): Promise<CapturedOutput> =>
  captureOutput(() => runProgram(['report', ...args], paths))

/** A copy of a recorded run, without its conclusions. */
function copyRun(name: string, place = name): string {
  const directory = join(folder, place)
  cpSync(getRecordedDir(name), directory, { recursive: true })
  return directory
}

interface RunJson {
  configuration: string
  verdict: string
  ledger: { planned: number; sent: number; notSent: number; ok: number; lost: number }
  outcomes: Record<string, number>
  hypothesis: { expects: string; held: boolean | null }
  lanes: Record<string, { sent: number; lost: number }>
  runDir: string
}

test('nodrop report: a run that lost as expected, as a table with its sentence and its report', async () => {
  const directory = copyRun('rollout-naive-local')
  const { code, stdout, stderr } = await report(directory)
  expect([code, stderr]).toEqual([0, ''])
  const [head = '', row = ''] = stdout.trim().split('\n')
  expect(head).toMatch(/^configuration +expected +sent +lost/)
  expect(row).toMatch(/^✗ naive +to lose +[\d,]+ +[1-9][\d,]* +[1-9][\d,]* +\d+\.\d % .* as expected /)
  expect(stdout).toMatch(/^naive: [1-9][\d,]* of [\d,]+ requests lost/m)
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(`Report: ${pathToFileURL(join(directory, 'report.html')).href}`)
  for (const file of ['report.html', 'junit.xml', 'summary.md', 'analysis.json'])
    expect(existsSync(join(directory, file))).toBe(true)
})

test('nodrop report --json: a run each, whose ledger balances', async () => {
  const directory = copyRun('rollout-naive-local', 'json')
  const { code, stdout, stderr } = await report(directory, '--json')
  expect([code, stderr]).toEqual([0, ''])
  const {
    runs: [run, ...others],
  } = JSON.parse(stdout) as { runs: RunJson[] }
  expect(others).toEqual([])
  expect(run).toMatchObject({ configuration: 'naive', verdict: 'failed', hypothesis: { expects: 'loses', held: true } })
  const { planned, sent, notSent, ok, lost } = run!.ledger
  expect([planned, sent]).toEqual([sent + notSent, ok + lost])
  const { ok: counted, ...losses } = run!.outcomes
  expect([counted, Object.values(losses).reduce((sum, count) => sum + count, 0)]).toEqual([ok, lost])
  expect(run?.runDir).toBe(directory)
})

test('nodrop report: a plan that was changed since the run gives no verdict, 4', async () => {
  const directory = copyRun('rollout-graceful-local', 'changed')
  const plan = readFileSync(join(directory, 'plan.json'), 'utf8')
  writeFileSync(join(directory, 'plan.json'), plan.replace('"expects": "loses-none"', '"expects": "loses"'))
  const { code, stdout } = await report(directory)
  expect([code, stdout]).toEqual([4, expect.stringMatching(/^\? graceful .* undecided /m)])
})

test.each<[what: string, make: (path: string) => void, code: number, message: RegExp]>([
  ['a folder without a run', (path) => mkdirSync(path), 2, /there is no run in it/],
  ['a folder that is not there', () => undefined, 2, /Cannot report .*: no such file or directory \(ENOENT\)$/m],
  [
    'a plan of something else',
    (path) => {
      mkdirSync(path)
      writeFileSync(join(path, 'plan.json'), '{"schema":1,"runId":"x"}')
    },
    2,
    /is not the plan of a run/,
  ],
])('nodrop report: %s is bad usage', async (what, make, code, message) => {
  const path = join(folder, what)
  make(path)
  const output = await report(path)
  expect([output.code, output.stdout]).toEqual([code, ''])
  expect(output.stderr).toMatch(message)
  expect(output.stderr).not.toMatch(/^ {4}at /m)
})

test('nodrop report: a log that is missing gives no verdict, 4, and says so', async () => {
  const directory = copyRun('rollout-graceful-local', 'no-log')
  rmSync(join(directory, 'events.jsonl.zst'))
  const { code, stdout } = await report(directory)
  expect(code).toBe(4)
  expect(stdout).toMatch(/^graceful: No verdict: /m)
})

test('nodrop report: without a directory it is bad usage', async () => {
  const { code, stderr } = await report()
  expect([code, stderr]).toEqual([2, expect.stringContaining("missing required argument 'dir'")])
})
