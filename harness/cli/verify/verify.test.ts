import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { StageResult } from '../../proof/verify/compare-logs.ts'
import type { Verification } from '../../proof/verify/verify.ts'
import type { ToolTrial } from '../../proof/verify/tool-trial.ts'
import { renderLine } from '../../terminal/text.ts'
import { captureOutput } from '../../testing/captured-output.ts'
import type { CapturedOutput } from '../../testing/captured-output.ts'
import { runProgram } from '../program.ts'
import { formatToolTrials } from './tool-text.ts'
import { toVerificationJson } from './verification-json.ts'
import { formatVerification } from './verification-text.ts'
import { computeExitCode } from './verify.ts'

const home = join(import.meta.dirname, '../../..')
const verify = (...args: string[]): Promise<CapturedOutput> =>
  captureOutput(() => runProgram(['verify', ...args], { apps: home, scenarios: home, manifests: home, reports: home }))

test('nodrop verify: prints its sums as JSON and leaves nothing behind', { timeout: 90_000 }, async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'verify-'))
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true })
  })
  const options = ['--requests', '1000', '--rate', '1000', '--freeze', '0', '--fuzz', '500', '--json']
  const { code, stdout, stderr } = await verify(...options)
  expect(stderr).toContain('verify: ')
  expect(JSON.parse(stdout)).toMatchObject({
    requests: 1000,
    accountingError: 0,
    misclassified: 0,
    duplicates: 0,
    inventedOk: 0,
    lagP99Us: expect.any(Number),
    fuzz: { read: 500, inventedOk: 0, crashes: 0, sockets: { planned: 10, accountingError: 0 } },
  })
  expect(code).toBe(0)
  expect(readdirSync(temporary)).toEqual([])
})

test('nodrop verify: a directory that is there already is rejected and stays', async () => {
  const { code, stderr } = await verify('--out', tmpdir())
  expect([code, stderr]).toEqual([2, expect.stringContaining(`Cannot create ${tmpdir()}`)])
  expect(stderr).toContain('file already exists (EEXIST)')
  expect(existsSync(tmpdir())).toBe(true)
})

test('nodrop verify: a directory that cannot be made says why', async () => {
  const { code, stderr } = await verify('--out', '/proc/self/logs')
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^nodrop: Cannot create \/proc\/self\/logs .*: .+ \(E[A-Z]+\)$/m),
  ])
})

test.each([
  ['--freeze', '1'],
  ['--requests', '0'],
  ['--rate', '200000'],
  ['--fuzz', '-1'],
])('nodrop verify: %s %s is bad usage', async (option, value) => {
  expect((await verify(`${option}=${value}`)).code).toBe(2)
})

const stage: StageResult = {
  planned: 1200,
  sent: 1190,
  notSent: 10,
  ok: 1000,
  lost: 190,
  tooLate: 0,
  accountingError: 0,
  misclassified: 0,
  duplicates: 0,
  rows: [
    {
      kind: 'fin-before-response',
      right: ['closed-before-response'],
      cells: { 'new GET': 40, 'reused GET': 50, 'new POST': 60, 'reused POST': 40 },
      injected: 190,
      counted: { 'closed-before-response': 190 },
      wrong: 0,
    },
  ],
  examples: [],
  lag: { p50Us: 100, p99Us: 400, maxUs: 2_000 },
}
const sockets = { planned: 10, ok: 9, inventedOk: 0, accountingError: 0, duplicates: 0, hung: 0, examples: [] }
const fuzz = { read: 500, ok: 30, inventedOk: 0, unequal: 0, crashes: 0, slowestUs: 9, examples: [], sockets }
const figures = { p99Us: 4_880_000, overOneSecond: 800 }
const freeze = { ...stage, frozenUs: 5e6, serviceUs: 100, measured: figures, expected: figures, off: 0.001 }
const listed = { name: 'page', weight: 2, sent: 1190, outcomes: { ok: 1000, 'http-4xx': 190 } }
const requests = { ...stage, rows: [], requests: [listed] }
const right: Verification = { mix: stage, cuts: stage, overload: stage, requests, freeze, fuzz, neighbours: null }
const neighbours = (overloaded: number): Verification['neighbours'] => ({
  beside: { loads: 10, overloaded, because: [] },
  without: { loads: 20, overloaded: 0, because: [] },
})

test.each<[what: string, changed: Partial<Verification>, code: number]>([
  ['everything as the server saw it', {}, 0],
  ['no freeze, no fuzz', { freeze: null, fuzz: null }, 0],
  ['a record too many', { cuts: { ...stage, accountingError: 1 } }, 1],
  ['a wrong outcome', { mix: { ...stage, misclassified: 1 } }, 1],
  ['a request sent twice', { overload: { ...stage, duplicates: 1 } }, 1],
  ['a broken expectation that passed', { requests: { ...requests, misclassified: 1 } }, 1],
  ['a parser that crashed', { fuzz: { ...fuzz, crashes: 1 } }, 1],
  ['a request that hung', { fuzz: { ...fuzz, sockets: { ...sockets, hung: 1 } } }, 1],
  ['a neighbour that was not noticed', { neighbours: neighbours(9) }, 1],
  ['a neighbour that was always noticed', { neighbours: neighbours(10) }, 0],
  ['a freeze measured wrongly', { freeze: { ...freeze, off: 0.3 } }, 1],
  ['the same by a driver that was late', { freeze: { ...freeze, off: 0.3, lag: { ...stage.lag, p99Us: 6_000 } } }, 4],
])('nodrop verify: exit code of %s', (_, changed, code) => {
  expect(computeExitCode({ ...right, ...changed })).toBe(code)
})

const format = (verification: Verification): string[] =>
  formatVerification(verification, 7).map((line) => renderLine(line, process.stdout))

test('nodrop verify: each stage is a line that balances, each kind of fault a row', () => {
  const lines = format({ ...right, neighbours: neighbours(10) })
  expect(lines[1]?.split(/ {2,}/)).toEqual('fin-before-response|closed-before-response|190|40|50|60|40|0'.split('|'))
  const sums = '1,200 planned = 10 not sent + 1,000 ok + 190 lost; every one as the server saw it'
  for (const name of ['faults mixed:', 'cut answers:', 'overload:', 'several requests:', 'frozen server:'])
    expect(lines.find((line) => line.startsWith(name))).toContain(sums)
  expect(lines).toContain('                  page 1,190 (1,000 ok)')
  expect(lines).toContainEqual(expect.stringMatching(/^mutated answers: +500 read, 30 of them still whole; 10 over/))
  expect(lines).toContainEqual(expect.stringMatching(/still for 5 s: p99 4\.88 s .* 0\.1 % off$/))
  expect(lines).toContainEqual(expect.stringMatching(/^busy neighbour: .*10 of 10 times.*0 of 20 times$/))
  expect(lines.at(-1)).toBe('accounting error 0, in the wrong class 0, duplicates 0')
})

test('nodrop verify: what is wrong is counted in its line and shown', () => {
  const mix = { ...stage, sent: 1191, misclassified: 2, examples: ['request 7 was ok'] }
  const lines = format({ ...right, mix, freeze: null, fuzz: null })
  const line = lines.find((one) => one.startsWith('faults mixed:'))
  expect(line).toContain('which does not balance; 2 wrong')
  expect(lines).toContain('wrong: request 7 was ok')
  expect(lines.at(-1)).toContain('in the wrong class 2')
})

test('nodrop verify: JSON has the sums of every stage, and those over all', () => {
  const json = toVerificationJson({ ...right, cuts: { ...stage, duplicates: 3 } }, 7)
  expect(json).toMatchObject({ requests: 1200, seed: 7, duplicates: 3, accountingError: 0, lagP99Us: 400 })
  expect(json['stages']).toMatchObject({ cuts: { duplicates: 3, planned: 1200 }, freeze: { planned: 1200 } })
  expect(json['freeze']).toMatchObject({ frozenMs: 5000, p99Us: { measured: 4_880_000, expected: 4_880_000 } })
  expect(toVerificationJson({ ...right, freeze: null }, 7)).toMatchObject({ freeze: null, stages: { freeze: null } })
})

test('nodrop verify --tools: what each tool reports stands against what the server knows', () => {
  const trial = (tool: string, said: ToolTrial['said']): ToolTrial => ({
    tool,
    fault: 'fin-in-body',
    said,
    server: { received: 50, ok: 40, lost: 10 },
  })
  const trials = [trial('exact', { ok: 40, failed: 10 }), trial('blind', { ok: 45, failed: 1 }), trial('none', null)]
  const lines = formatToolTrials(trials).map((line) => renderLine(line, process.stdout))
  expect(lines.find((line) => line.startsWith('every fifth'))?.split(/ {2,}/)).toEqual([
    'every fifth request met',
    'exact',
    'blind',
    'none',
  ])
  expect(lines.find((line) => line.startsWith('fin-in-body'))?.split(/ {2,}/)).toEqual([
    'fin-in-body',
    '10/10',
    '1/10, 4 requests untold, 5 losses are ok',
    'gave no result',
  ])
  expect(formatToolTrials([])).toEqual([])
})
