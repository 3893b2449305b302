import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import type { Attribution } from '../model/loss.ts'
import { listDescendants } from '../testing/residue.ts'
import type { Process } from '../testing/residue.ts'
import { NodropProcess, runNodrop } from './stage/nodrop-process.ts'
import type { NodropResult } from './stage/nodrop-process.ts'
import { isDisturbed, createStage } from './stage/stage.ts'
import type { JudgedRun } from './stage/stage.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

interface Run extends JudgedRun {
  scenario: string
  configuration: string
  cluster: string
  round: number
  ledger: Record<'planned' | 'sent' | 'notSent' | 'ok' | 'lost', number>
  outcomes: Record<string, number>
  lanes: Record<string, { sent: number; lost: number; p50Ms: number; p99Ms: number }>
  hypothesis: { expects: string; held: boolean | null }
  because: string[]
  attribution: Attribution
  runDir: string
}

// Law 11: in every scenario there is a configuration that must lose requests, beside one that must lose none.
const scenarios = ['rollout', 'scale-down', 'eviction', 'eviction-budget']

describe.skipIf(!able)(
  'a comparison of a configuration that loses with one that loses none',
  { timeout: 300_000 },
  () => {
    const stage = createStage()
    let ended: NodropResult
    let runs: Run[] = []
    let made: Process[] = []
    afterAll(() => stage[Symbol.dispose]())
    beforeAll(async () => {
      const options = [
        '--cluster',
        'local',
        '--out',
        join(stage.folder, 'out'),
        '--config',
        'exec,graceful',
        '--json',
        '--repeats',
        '0',
      ]
      const program = new NodropProcess(['run', '--scenario', scenarios.join(','), ...options], { env: stage.env })
      await program.waitForOutput(/1\/8 .*\n[^]*load, undisturbed/)
      made = listDescendants(program.pid)
      ended = await program.ended
      runs = JSON.parse(ended.stdout) as Run[]
    }, 300_000)

    test('ends with 0 because every hypothesis held, in every scenario', async () => {
      expect(runs.map(({ scenario, configuration }) => `${scenario} × ${configuration}`)).toEqual(
        scenarios.flatMap((scenario) => [`${scenario} × exec`, `${scenario} × graceful`]),
      )
      const undecided = runs.filter(({ hypothesis }) => hypothesis.held !== true)
      expect(undecided.filter((run) => !isDisturbed(run)).map((run) => [run.runDir, run.because])).toEqual([])
      expect(ended.code).toBe(undecided.length === 0 ? 0 : 4)
      await stage.waitUntilClean(made)
    })

    test('every ledger balances, over all and over the lanes', () => {
      for (const { ledger, outcomes, lanes } of runs) {
        const { planned, sent, notSent, ok, lost } = ledger
        expect(planned).toBe(sent + notSent)
        expect(sent).toBe(ok + lost)
        expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(sent)
        // The lane that nothing disrupts is beside the workload's, in no figure of it.
        const { control, ...own } = lanes
        expect(control?.lost).toBe(0)
        expect(Object.values(own).reduce((sum, lane) => sum + lane.sent, 0)).toBe(sent)
        expect(Object.values(own).reduce((sum, lane) => sum + lane.lost, 0)).toBe(lost)
      }
    })

    test('graceful loses none; exec loses some, refused and closed before', () => {
      for (const run of runs) {
        const { configuration, ledger, outcomes, verdict } = run
        if (configuration === 'graceful') expect(ledger.lost).toBe(0)
        else {
          expect(outcomes['closed-before-response'] ?? 0).toBeGreaterThan(0)
          expect(Object.keys(outcomes)).not.toContain('http-5xx')
        }
        if (!isDisturbed(run)) expect(verdict).toBe(ledger.lost === 0 ? 'passed' : 'failed')
        // What was lost was lost, however busy the machine.
        if (ledger.lost > 0) expect(verdict).toBe('failed')
      }
      expect(runs.some(({ outcomes }) => (outcomes['refused'] ?? 0) > 0)).toBe(true)
    })

    test.skipIf(!existsSync('/usr/sbin/conntrack'))(
      'the kernel agrees with every answer, and knows whose the losses are',
      () => {
        for (const { attribution, ledger } of runs) {
          const { kernel, lost } = attribution
          expect(kernel).toMatchObject({ state: 'whole', contradicted: 0 })
          expect(kernel.agreed).toBeGreaterThan(0.99 * ledger.ok)
          expect(lost.nobody + lost.several).toBeLessThanOrEqual(0.01 * ledger.lost)
        }
        expect(runs.some(({ attribution }) => attribution.lost.kernel > 0)).toBe(true)
      },
    )

    test('is reported again from its logs alone, with the same bytes', async () => {
      const comparison = stage.findComparison() ?? ''
      const files = ['report.html', 'junit.xml', 'summary.md'].map((name) => join(comparison, name))
      const first = files.map((file) => readFileSync(file, 'utf8'))
      const again = await runNodrop(['report', comparison, '--json'])
      expect(again.code).toBe(ended.code)
      expect(JSON.parse(again.stdout)).toEqual(runs)
      expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(first)
    })
  },
)
