import { readFileSync, readdirSync } from 'node:fs'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { listDescendants } from '../testing/residue.ts'
import { quoteShellWord } from '../base/shell-quote.ts'
import { home, NodropProcess, readRuns, runNodrop } from './stage/nodrop-process.ts'
import { createStage, listRunDirs } from './stage/stage.ts'
import type { Stage } from './stage/stage.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

interface Run {
  ledger: { planned: number; sent: number; notSent: number; ok: number; lost: number }
  outcomes: Record<string, number>
  verdict: string
  because: string[]
}

/** The output of `nodrop report` for an interrupted comparison, from the logs alone. */
async function readReport(stage: Stage): Promise<Run[]> {
  const { code, stdout, stderr } = await runNodrop(['report', stage.findComparison() ?? '', '--json'])
  expect([code, stderr]).toEqual([4, ''])
  return readRuns<Run>(stdout)
}

function expectBalanced({ ledger, outcomes }: Run): void {
  const { planned, sent, notSent, ok, lost } = ledger
  expect(planned).toBe(sent + notSent)
  expect(sent).toBe(ok + lost)
  const ended = Object.entries(outcomes).filter(([outcome]) => outcome !== 'ok')
  expect(ended.reduce((sum, [, count]) => sum + count, 0)).toBe(lost)
}

describe.skipIf(!able)('Ctrl-C', () => {
  test('while the cluster starts ends with 130 and leaves nothing', async () => {
    using stage = createStage()
    const program = new NodropProcess(['run', ...stage.options, '--config', 'exec'], { env: stage.env })
    await program.waitForOutput(/starting the embedded cluster/)
    const made = listDescendants(program.pid)
    program.signalGroup('SIGINT')
    const { code, stdout } = await program.ended
    expect([code, stdout]).toEqual([130, ''])
    expect(stage.findComparison() === null ? [] : readdirSync(stage.findComparison() ?? '')).toEqual([])
    await stage.waitUntilClean(made)
  })

  test.each([
    ['while pods start', /starting pods/],
    ['while load goes on undisturbed', /load, undisturbed ·/],
    ['while pods are disrupted', /waiting for old pods to terminate/],
    ['after the old pods have gone', /undisturbed again/],
    ['while requests in flight finish', /letting requests in flight finish/],
  ])('%s ends with 130, a balanced ledger and a report, and leaves nothing', { timeout: 90_000 }, async (_, moment) => {
    using stage = createStage()
    const program = new NodropProcess(['run', ...stage.options, '--config', 'exec,graceful'], { env: stage.env })
    await program.waitForOutput(moment)
    const made = listDescendants(program.pid)
    program.signalGroup('SIGINT')
    const { code, stdout, stderr } = await program.ended
    expect(code).toBe(130)
    expect(stderr).toContain('Interrupted: letting requests in flight finish and writing the report.')
    expect(stdout).toMatch(/No verdict: the run was interrupted/)
    expect(stdout).toMatch(/Report: file:.*report\.html\n$/)
    await stage.waitUntilClean(made)

    const runs = await readReport(stage)
    // The second configuration never began, and is reported all the same.
    expect(runs.map(({ verdict, because: [first] }) => [verdict, first])).toEqual([
      ['unknown', 'the run was interrupted'],
      ['unknown', 'the run did not happen'],
    ])
    const junit = readFileSync(join(stage.findComparison() ?? '', 'junit.xml'), 'utf8')
    expect(junit).toMatch(/tests="2" failures="0" errors="2"/)
    for (const run of runs) {
      expectBalanced(run)
      // Law 4: the stop cut no sent request off.
      expect(run.outcomes['in-flight'] ?? 0).toBe(0)
    }
    expect(listRunDirs(stage.findComparison() ?? '')).toHaveLength(1)
  })

  test('in the second run keeps the first as it was, and leaves nothing', { timeout: 120_000 }, async () => {
    using stage = createStage()
    const program = new NodropProcess(['run', ...stage.options, '--config', 'exec,graceful'], { env: stage.env })
    await program.waitForOutput(/2\/2 [^]*load, undisturbed ·/)
    const made = listDescendants(program.pid)
    program.signalGroup('SIGINT')
    const { code, stderr } = await program.ended
    expect({ code, stderr }).toMatchObject({ code: 130 })
    await stage.waitUntilClean(made)
    const [first, second] = await readReport(stage)
    expect([first?.because[0], second?.because[0]]).toEqual([
      expect.not.stringContaining('interrupted'),
      'the run was interrupted',
    ])
  })

  test('twice ends at once and leaves nothing', { timeout: 60_000 }, async () => {
    using stage = createStage()
    const program = new NodropProcess(['run', ...stage.options, '--config', 'graceful'], { env: stage.env })
    await program.waitForOutput(/waiting for old pods to terminate/)
    const made = listDescendants(program.pid)
    program.signalGroup('SIGINT')
    await program.waitForOutput(/Interrupt again to exit at once/)
    // A sooner signal counts as the same interrupt.
    await sleep(1_100)
    program.signalGroup('SIGINT')
    const { code } = await program.ended
    expect(code).toBe(130)
    await stage.waitUntilClean(made)
    const [run] = await readReport(stage)
    expect(run?.verdict).toBe('unknown')
  })

  test('TERM from timeout(1), to a process and its group, is one interrupt', { timeout: 90_000 }, async () => {
    using stage = createStage()
    const program = new NodropProcess(['run', ...stage.options, '--config', 'exec'], { env: stage.env })
    await program.waitForOutput(/load, undisturbed ·/)
    const made = listDescendants(program.pid)
    program.signal('SIGTERM')
    program.signalGroup('SIGTERM')
    program.signal('SIGTERM')
    const { code, stdout } = await program.ended
    expect(code).toBe(130)
    expect(stdout).toMatch(/Report: file:.*report\.html\n$/)
    await stage.waitUntilClean(made)
  })

  test('in a terminal, through npm start, ends the run in good order', { timeout: 90_000 }, async () => {
    using stage = createStage()
    const { terminal, said, ended, made } = await startInTerminal(stage)
    terminal.stdin.write('\u0003')
    await ended
    expect(said()).toContain('Interrupted: letting requests in flight finish')
    expect(said()).toContain('No verdict: the run was interrupted')
    expect(said()).toContain('code 130')
    await stage.waitUntilClean(made)
    expect(readdirSync(join(stage.findComparison() ?? ''))).toContain('report.html')
  })
})

describe.skipIf(!able)('without a reader of its output', () => {
  test('a run whose terminal is closed ends in good order', { timeout: 90_000 }, async () => {
    using stage = createStage()
    const { terminal, ended, made } = await startInTerminal(stage)
    terminal.kill('SIGKILL')
    await ended
    await stage.waitUntilClean(made)
    const [run] = await readReport(stage)
    expect([run?.verdict, run?.because[0]]).toEqual(['unknown', 'the run was interrupted'])
    expect(run?.outcomes['in-flight'] ?? 0).toBe(0)
  })

  test('a run goes on when a pipe is closed, and its report is written', { timeout: 90_000 }, async () => {
    using stage = createStage()
    const program = new NodropProcess(['run', ...stage.options, '--config', 'exec', '--json'], { env: stage.env })
    await program.waitForOutput(/load, undisturbed ·/)
    const made = listDescendants(program.pid)
    program.closeOutput()
    const { code } = await program.ended
    await stage.waitUntilClean(made)
    const { code: again, stdout } = await runNodrop(['report', stage.findComparison() ?? '', '--json'])
    const [run] = readRuns<Run>(stdout)
    expect([code, run?.because]).toEqual([again, expect.not.arrayContaining(['the run was interrupted'])])
  })

  test('a list for a reader that has enough ends quietly', async () => {
    const program = new NodropProcess(['list'])
    program.closeOutput()
    expect((await program.ended).code).toBe(0)
  })
})

/** A run of one configuration, through a shell and npm start, when its pods are being disrupted. */
async function startInTerminal(stage: Stage) {
  const words = ['npm', 'start', '--', ...stage.options, '--config', 'exec'].map(quoteShellWord).join(' ')
  // The terminal's interrupt also reaches the shell, which must survive and print the exit code.
  const command = `stty cols 120; trap : INT; ${words}; echo "code $?"`
  const env = { ...stage.env, SHELL: '/bin/sh' }
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { cwd: home, env, detached: true })
  let said = ''
  const seen = new Promise<void>((resolve) => {
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('waiting for old pods to terminate')) resolve()
    })
  })
  const ended = once(terminal, 'close')
  await Promise.race([seen, ended])
  return { terminal, said: () => said, ended, made: listDescendants(terminal.pid ?? 0) }
}
