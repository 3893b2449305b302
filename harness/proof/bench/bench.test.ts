import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { BenchResult } from './bench.ts'

const main = join(import.meta.dirname, 'main.ts')
const runCli = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, [main, ...args])

describe.skipIf(availableParallelism() < 2)('a bench', () => {
  test(
    'measures every client that was asked for in each loop it knows, and the log',
    { timeout: 300_000 },
    async () => {
      const { stdout } = await runCli(
        '--seconds',
        '0.2',
        '--turns',
        '1',
        '--requests',
        '5000',
        '--aggregated',
        '5000',
        '--clients',
        'bare sockets,undici',
        '--json',
      )
      const { loops, log, aggregated, aggregatedMore, aggregatedMoreLost, targets, machine } = JSON.parse(
        stdout,
      ) as BenchResult & Record<'targets' | 'machine', unknown>
      expect(loops.map(({ others }) => others.map(({ name }) => name))).toEqual([
        ['bare sockets', 'undici'],
        ['bare sockets', 'undici'],
        ['bare sockets', 'undici'],
      ])
      for (const { driver, others, loop } of loops) {
        // The test checks that every request is accounted for, not how fast it is.
        expect(driver).toMatchObject({ failed: 0, told: driver.received })
        // If the machine delays the driver by a second some requests are not sent, and the ledger shows it.
        expect(driver.received).toBeLessThanOrEqual(driver.planned ?? 0)
        if (loop.ratePerSecond !== null) expect(driver.planned).toBe(loop.ratePerSecond)
        for (const trial of [driver, ...others]) expect(trial.cpuUs).toBeGreaterThan(0)
      }
      expect(log).toMatchObject({ requests: 5000, repeatable: true })
      expect(log.bytesPerRequest).toBeGreaterThan(aggregated.bytesPerRequest)
      expect(aggregated).toMatchObject({ requests: 5000, fullRecords: 500, repeatable: true })
      expect(aggregatedMore).toMatchObject({ requests: 25_000, fullRecords: 500, lostEvery: 5000, repeatable: true })
      expect(aggregatedMoreLost).toMatchObject({
        requests: 25_000,
        fullRecords: 500,
        lostEvery: 1000,
        repeatable: true,
      })
      expect(targets).toHaveLength(10)
      expect(machine).toMatchObject({ node: process.version })
    },
  )

  test('says what it does not understand', async () => {
    await expect(runCli('--seconds', 'many')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--seconds many: it must be a number/),
    })
    await expect(runCli('--wrong')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Unknown option '--wrong'/),
    })
  })
})
