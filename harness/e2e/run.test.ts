import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { readLog } from '../log/reader.ts'
import type { Attribution } from '../model/loss.ts'
import { listDescendants } from '../testing/residue.ts'
import type { Process } from '../testing/residue.ts'
import { NodropProcess, readRuns, runNodrop } from './stage/nodrop-process.ts'
import type { NodropResult } from './stage/nodrop-process.ts'
import { isDisturbed, createStage, listRunDirs } from './stage/stage.ts'
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

// Law 11: every scenario has a configuration that must lose requests, and one that must lose none.
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
      runs = readRuns<Run>(ended.stdout)
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
        // The undisrupted lane is separate from the workload's, and in none of its figures.
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
        // A loss is a loss, however busy the machine was.
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
      expect(readRuns(again.stdout)).toEqual(runs)
      expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(first)
    })
  },
)

const steps = `import { defineScenario, repeat, rolloutRestart, steady, step, untilSettled } from 'nodrop'

export default defineScenario({
  summary: 'restarts two pods, twice, and deletes one',
  replicas: 2,
  load: { ratePerSecond: 60 },
  steps: [
    steady(1.5),
    repeat(2, [rolloutRestart(), untilSettled()]),
    step('delete the first', async ({ namespace, pods, request }) => {
      const [first] = [...pods].sort()
      await request('DELETE', \`/api/v1/namespaces/\${namespace}/pods/\${first}\`)
      return \`deleted \${first}\`
    }),
    untilSettled(),
    steady(1.5),
  ],
})
`

test.skipIf(!able)(
  'a scenario of several steps: each is performed in its turn and proved',
  { timeout: 180_000 },
  async () => {
    using stage = createStage()
    const [scenarios, out] = [join(stage.folder, 'scenarios'), join(stage.folder, 'out')]
    writeFileSync(join(stage.folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(scenarios, 'several.ts'), steps)
    const options = ['--cluster', 'local', '--scenarios', scenarios, '--scenario', 'several', '--out', out]
    const { code, stdout, stderr } = await runNodrop(
      ['run', ...options, '--config', 'graceful', '--repeats', '0', '--json'],
      {
        env: stage.env,
      },
    )
    const [run] = readRuns<Run>(stdout)
    expect(run.claims.find(({ name }) => name === 'disruption-happened')).toMatchObject({ holds: true })
    expect([run.ledger.lost, stderr]).toEqual([0, expect.stringMatching(/disrupting: step delete the first/)])
    if (!isDisturbed(run)) expect([code, run.verdict]).toEqual([0, 'passed'])
    const [runDir = ''] = listRunDirs(stage.findComparison() ?? '')
    const told: string[] = []
    for await (const record of readLog(runDir)) {
      if (record.type === 'step' && record.step === 'step-end') told.push(`${record.number} ${record.detail}`)
    }
    expect(told).toEqual([
      '1 null',
      '2 null',
      '3 null',
      '4 null',
      '5 null',
      expect.stringMatching(/^6 deleted web-/),
      '7 null',
      '8 null',
    ])
    await stage.waitUntilClean([])
  },
)
