import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleDriver } from '../load/bundle.ts'
import { neighbours } from './neighbour.ts'

// That an idle machine is never told as busy cannot be tested on one that runs tests: see `nodrop verify --neighbour`.
test('a driver whose core has a busy neighbour is told as overloaded', { timeout: 90_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'neighbour-'))
  try {
    const driverFile = join(directory, 'driver.mjs')
    writeFileSync(driverFile, await bundleDriver())
    const { beside, without } = await neighbours({ seed: 1, directory, driverFile }, 1)
    expect(beside).toMatchObject({ loads: 1, overloaded: 1, because: [expect.stringContaining('driver overloaded: ')] })
    expect(without.loads).toBe(2)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
