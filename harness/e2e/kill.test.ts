import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { readLog } from '../log/reader.ts'
import { createRandom } from '../base/random.ts'
import { listDescendants } from '../testing/residue.ts'
import { NodropProcess, readRuns, runNodrop } from './stage/nodrop-process.ts'
import { createStage, listRunDirs } from './stage/stage.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)
/** `NODROP_KILLS=30` for a thorough trial. */
const kills = Number(process.env['NODROP_KILLS'] ?? 4)
/** A run of the brief scenario takes about as long, from the start of the process on. */
const runMs = 11_000
/** From its first message about cleaning up to its end. */
const cleanUpMs = 3_000

/** In ms, from the start of the process or from when it began to clean up. */
type InterruptMoment = ['its start' | 'it began to clean up', number]

describe.skipIf(!able)('kill -9 of nodrop', () => {
  const seed = Number(process.env['NODROP_SEED'] ?? Date.now() % 1_000_000)
  const draw = createRandom(seed)
  const moments = Array.from({ length: kills }, (_, number): InterruptMoment =>
    // One in four while it cleans up, compresses, judges and reports.
    number % 4 === 3
      ? ['it began to clean up', Math.round(draw() * cleanUpMs)]
      : ['its start', Math.round(draw() * runMs)],
  )

  test.each(moments)(
    `after %s, %i ms later, leaves nothing but its log (seed ${seed})`,
    { timeout: 60_000 },
    async (since, ms) => {
      using stage = createStage()
      const program = new NodropProcess(['run', ...stage.options, '--config', 'exec'], { env: stage.env })
      if (since !== 'its start') await program.waitForOutput(/cleaning up/)
      await Promise.race([sleep(ms), program.ended])
      const made = listDescendants(program.pid)
      if (made.length > 0) program.signal('SIGKILL')
      await program.ended
      await stage.waitUntilClean(made)
      expect(readdirSync(stage.folder).sort()).toEqual(['out', 'scenarios', 'tmp'])

      const comparison = stage.findComparison()
      // Once the planned runs are recorded, those that never happened are reported.
      if (comparison !== null && existsSync(join(comparison, 'comparison.json'))) {
        const { code, stdout } = await runNodrop(['report', comparison, '--json'])
        const told = readRuns<{ verdict: string }>(stdout)
        expect(told).toHaveLength(1)
        if (told[0]?.verdict === 'unknown') expect(code).toBe(4)
      }
      const [run] = comparison === null ? [] : listRunDirs(comparison)
      if (run === undefined) return
      await expectReadable(run)
    },
  )
})

test.skipIf(!able)(
  'the embedded cluster that is killed under load ends the run within 5 s, in one sentence',
  { timeout: 90_000 },
  async () => {
    using stage = createStage()
    const program = new NodropProcess(['run', ...stage.options, '--config', 'exec,graceful'], { env: stage.env })
    await program.waitForOutput(/load, undisturbed ·/)
    const made = listDescendants(program.pid)
    // The program that isolates it has the same arguments after its own.
    const api = made.find(({ command }) => /^\S*node \S*\/embedded\/main\.ts /.test(command))
    if (!api) throw new Error('No process of the embedded cluster was found')
    process.kill(api.pid, 'SIGKILL')
    const killedMs = performance.now()
    const { code, stdout, stderr } = await program.ended
    const tookMs = performance.now() - killedMs
    expect(code).toBe(4)
    expect(tookMs).toBeLessThan(5_000)
    expect(stdout).toMatch(/^exec: No verdict: .*The embedded cluster ended unexpectedly: it was killed \(0 of/m)
    // When it happened, and in the verdict.
    expect(stderr.match(/The embedded cluster ended unexpectedly/g)).toHaveLength(2)
    await stage.waitUntilClean(made)
    for (const run of listRunDirs(stage.findComparison() ?? '')) await expectReadable(run)
  },
)

/** The written part can be judged, and is never a pass: a verdict needs the run's last record, which follows its clean-up. */
async function expectReadable(run: string): Promise<void> {
  const { code, stdout } = await runNodrop(['report', run, '--json'])
  const [{ verdict, ledger }] = readRuns<{ verdict: string; ledger: Record<string, number> }>(stdout)
  if (!(await isComplete(run))) expect([code, verdict]).toEqual([4, 'unknown'])
  expect(ledger['sent']).toBe((ledger['ok'] ?? 0) + (ledger['lost'] ?? 0))
}

async function isComplete(run: string): Promise<boolean> {
  const log = readLog(run)
  let ended = false
  for await (const record of log) ended ||= record.type === 'step' && record.step === 'end'
  return ended && !log.torn
}
