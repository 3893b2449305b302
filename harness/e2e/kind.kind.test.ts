import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLog } from '../log/reader.ts'
import type { ClaimResult } from '../model/claims.ts'
import type { LogRecord } from '../model/record.ts'
import { listKindTraces, interruptApiServer } from './stage/kind-traces.ts'
import type { KindTraces } from './stage/kind-traces.ts'
import { NodropProcess, readRuns, runNodrop } from './stage/nodrop-process.ts'
import { isDisturbed, createStage, listRunDirs } from './stage/stage.ts'
import type { JudgedRun } from './stage/stage.ts'

let out: string
let before: KindTraces
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'nodrop-kind-e2e-'))
  before = listKindTraces()
})
afterEach(async () => {
  rmSync(out, { recursive: true, force: true })
  // Leftovers of a failed test must not fail the next one.
  await runNodrop(['sweep'])
})

interface RunJson extends JudgedRun {
  configuration: string
  because: string[]
  hypothesis: { held: boolean | null }
  ledger: { balanced?: boolean; lost: number }
  claims: Pick<ClaimResult, 'name' | 'holds' | 'problems'>[]
}

const getRunOptions = (...more: string[]): string[] => [
  'run',
  '--cluster',
  'kind',
  '--out',
  out,
  '--repeats',
  '0',
  ...more,
]

test('kind: an ordinary comparison holds its hypotheses and leaves nothing', async () => {
  const { code, stdout, stderr } = await runNodrop(getRunOptions('--config', 'app-first,graceful', '--json'))
  const runs = readRuns<RunJson>(stdout)
  expect(runs.map(({ configuration }) => configuration)).toEqual(['app-first', 'graceful'])
  // If others use the machine's cores, requests are late and lost in any configuration, and there is no verdict.
  const decided = runs.filter(({ hypothesis }) => hypothesis.held !== null)
  for (const { configuration, ledger } of decided) expect(ledger.lost > 0).toBe(configuration === 'app-first')
  const undecided = runs.filter(({ hypothesis }) => hypothesis.held !== true)
  expect(undecided.filter((run) => !isDisturbed(run))).toEqual([])
  expect({ code, stderr }).toMatchObject({ code: undecided.length === 0 ? 0 : 4 })
  expect(listKindTraces()).toEqual(before)
})

test('kind: an API server gone for 10 s is a gap in the log, not in the load', async () => {
  using stage = createStage('kind')
  const program = new NodropProcess(['run', ...stage.options, '--config', 'graceful,naive'], { env: stage.env })
  await program.waitForOutput(/waiting for old pods to terminate/)
  await interruptApiServer(10_000)
  await program.waitForOutput(/2\/2 [^]*load, undisturbed ·/)
  await expectGoneAfterInterrupt(program)

  const [first = ''] = listRunDirs(stage.findComparison() ?? '')
  const analysis = JSON.parse(readFileSync(join(first, 'analysis.json'), 'utf8')) as RunJson
  const { ledger, verdict, claims } = analysis
  expect(ledger).toMatchObject({ balanced: true })
  const watched = claims.find(({ name }) => name === 'watches-whole')
  expect(watched).toMatchObject({ holds: false })
  expect(watched?.problems.join('; ')).toMatch(/nothing was seen of the API server for \d\d/)
  // Without losses nothing is concluded. A pod that ends while it cannot be removed from the endpoints may lose some, which count.
  expect(verdict).toBe(ledger.lost === 0 ? 'unknown' : 'failed')
  const { gaps, longestPauseUs } = await summarizeRecords(readLog(first))
  expect(gaps.some(({ what, from, t }) => what === 'the API server' && t - from > 10_000_000)).toBe(true)
  expect(longestPauseUs).toBeLessThan(1_000_000)
})

/** As after the terminal's Ctrl-C, with nothing left. */
async function expectGoneAfterInterrupt(program: NodropProcess): Promise<void> {
  program.signalGroup('SIGINT')
  const { code, stderr } = await program.ended
  expect({ code, stderr }).toMatchObject({ code: 130 })
  expect(listKindTraces()).toEqual(before)
  expect((await runNodrop(['sweep'])).stderr).toContain('Nothing was left behind.')
}

interface Gap {
  what: string
  from: number
  t: number
}

/** The gaps, and the longest time in which no request became due. */
async function summarizeRecords(records: AsyncIterable<LogRecord>): Promise<{ gaps: Gap[]; longestPauseUs: number }> {
  const gaps: Gap[] = []
  const dueUs: number[] = []
  for await (const record of records) {
    if (record.type === 'gap') gaps.push(record)
    if (record.type === 'request' && record.request.sentUs !== null) dueUs.push(record.request.dueUs)
  }
  dueUs.sort((a, b) => a - b)
  return { gaps, longestPauseUs: Math.max(...dueUs.slice(1).map((due, index) => due - (dueUs[index] ?? 0))) }
}

/** `NODROP_EVERY_PHASE=1` for all of them: each is a separate cluster, which takes more than a minute. */
const phases: [name: string, moment: RegExp][] = [
  ['creation', /kind: Starting control-plane/],
  ['deployment', /starting pods/],
  ['load', /load, undisturbed ·/],
  ['disruption', /waiting for old pods to terminate/],
  ['end', /letting requests in flight finish|cleaning up/],
]
const every = process.env['NODROP_EVERY_PHASE'] === '1'

// The phase of the load is part of the test with the API server.
test.each(every ? phases.filter(([name]) => name !== 'load') : [])(
  'Ctrl-C during %s leaves nothing',
  async (_, moment) => {
    const program = new NodropProcess(getRunOptions('--config', 'naive'))
    await program.waitForOutput(moment)
    await expectGoneAfterInterrupt(program)
  },
)

test.each(every ? phases : phases.slice(0, 1))(
  'what kill -9 during %s leaves goes with the next sweep',
  async (_, moment) => {
    const program = new NodropProcess(getRunOptions('--config', 'naive'))
    await program.waitForOutput(moment)
    program.signal('SIGKILL')
    await program.ended
    // The cluster of a killed process exists until a sweep.
    expect(listKindTraces()).not.toEqual(before)
    expect((await runNodrop(['sweep'])).stdout).toMatch(/^nodrop-[0-9a-f]{8}\n$/)
    expect(listKindTraces()).toEqual(before)
  },
)
