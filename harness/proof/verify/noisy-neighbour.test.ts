import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleDriver } from '../../load/service/bundle.ts'
import { runNeighbourTrials } from './noisy-neighbour.ts'

// That an idle machine is never reported as busy cannot be tested on one that runs tests: see `nodrop verify --neighbour`.
test(
  'a driver whose core has a busy neighbour is told as overloaded, as good as always',
  { timeout: 90_000 },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'neighbour-'))
    try {
      const driverFile = join(directory, 'driver.mjs')
      writeFileSync(driverFile, await bundleDriver())
      const { beside, without } = await runNeighbourTrials(
        { seed: 1, directory, driverFile },
        { beside: 3, without: 0 },
      )
      // The scheduler may hardly delay one of them.
      expect(beside.overloaded).toBeGreaterThanOrEqual(2)
      expect(beside.because).toHaveLength(beside.overloaded)
      for (const why of beside.because) expect(why).toMatch(/^driver overloaded: /)
      expect([beside.loads, without]).toEqual([3, { loads: 0, overloaded: 0, because: [] }])
    } finally {
      rmSync(directory, { recursive: true })
    }
  },
)
