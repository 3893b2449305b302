import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { checkLocalMachine } from '../cluster/local.ts'
import { randomOf } from '../testing/random.ts'
import { descendantsOf } from '../testing/residue.ts'
import { Nodrop, nodrop } from './nodrop.ts'
import { openStage, runsOf } from './stage.ts'

const able = (await checkLocalMachine()).every(({ ok }) => ok)
/** `NODROP_KILLS=30` for a thorough trial. */
const kills = Number(process.env['NODROP_KILLS'] ?? 3)
/** A run of the brief scenario takes about as long, from the start of the process on. */
const runMs = 11_000

describe.skipIf(!able)('kill -9 of nodrop', () => {
  const seed = Number(process.env['NODROP_SEED'] ?? Date.now() % 1_000_000)
  const draw = randomOf(seed)
  const moments = Array.from({ length: kills }, () => Math.round(draw() * runMs))

  test.each(moments)(
    `%i ms after its start (seed ${seed}) leaves nothing but its log`,
    { timeout: 60_000 },
    async (ms) => {
      using stage = openStage()
      const program = new Nodrop(['run', ...stage.options, '--config', 'exec'], { env: stage.env })
      await Promise.race([sleep(ms), program.ended])
      const made = descendantsOf(program.pid)
      if (made.length > 0) program.signal('SIGKILL')
      await program.ended
      await stage.clean(made)
      expect(readdirSync(stage.folder).sort()).toEqual(['out', 'scenarios', 'tmp'])

      const comparison = stage.comparison()
      const [run] = comparison === null ? [] : runsOf(comparison)
      if (run === undefined || !existsSync(join(run, 'events.jsonl'))) return
      // What had been written can be judged: nothing is taken for a pass.
      const { code, stdout } = await nodrop(['report', run, '--json'])
      const [{ verdict, ledger }] = JSON.parse(stdout) as [{ verdict: string; ledger: Record<string, number> }]
      expect([code, verdict]).toEqual([4, 'unknown'])
      expect(ledger['sent']).toBe((ledger['ok'] ?? 0) + (ledger['lost'] ?? 0))
    },
  )
})
