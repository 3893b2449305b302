import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { readRuns, runNodrop } from './stage/nodrop-process.ts'
import { isDisturbed, createStage } from './stage/stage.ts'
import type { JudgedRun } from './stage/stage.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)
const stage = createStage()
afterAll(() => stage[Symbol.dispose]())

interface Run extends JudgedRun {
  configuration: string
  ledger: Record<'planned' | 'sent' | 'notSent' | 'ok' | 'lost', number>
  tools: { tool: string; good: number; errors: number; untold: number }[]
  lanes: Record<string, { sent: number }>
}

test.skipIf(!able)(
  'a closed loop by autocannon keeps the ledger, loses where requests are lost, and is called a closed loop',
  { timeout: 120_000 },
  async () => {
    const options = ['--engine', 'autocannon', '--connections', '12', '--config', 'exec,graceful', '--json']
    const { code, stdout } = await runNodrop(['run', ...stage.options, ...options], { env: stage.env })
    const runs = readRuns<Run>(stdout)
    expect(runs.map(({ configuration }) => configuration)).toEqual(['exec', 'graceful'])
    for (const { ledger, tools, lanes } of runs) {
      expect(ledger.planned).toBe(ledger.sent + ledger.notSent)
      expect(ledger.sent).toBe(ledger.ok + ledger.lost)
      // Twelve in flight, 100 ms each, for at least the 3 s of the undisturbed phases.
      expect(ledger.ok).toBeGreaterThan(200)
      const told = tools.find(({ tool }) => tool === 'autocannon')!
      expect(told.good).toBe(ledger.ok)
      expect(told.errors + told.untold).toBe(ledger.lost)
      for (const lane of ['fresh', 'reused', 'reused-post']) expect(lanes[lane]?.sent).toBeGreaterThan(0)
    }
    expect(runs[0]?.ledger.lost).toBeGreaterThan(0)
    // On a shared machine nothing may be sent for a while, so that there is no verdict.
    const [, graceful] = runs
    if (!runs.some(isDisturbed)) expect([code, graceful?.verdict, graceful?.ledger.lost]).toEqual([0, 'passed', 0])
    const summary = readFileSync(join(stage.findComparison() ?? '', 'summary.md'), 'utf8')
    expect(summary).toContain('The load is a closed loop')
  },
)
