import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isFlat, takeMedians, measureFootprint } from './footprint.ts'
import type { Footprint } from './footprint.ts'

const createFootprint = (bytes: number, descriptors: number): Footprint => ({
  harness: { bytes, descriptors },
  API: { bytes: 80e6, descriptors: 40 },
  driver: { bytes: 60e6, descriptors: 50 },
})

test('rounds that take more and more are not flat, by descriptors or by memory', () => {
  const rounds = Array.from({ length: 12 }, (_, round) => round)
  expect(isFlat(rounds.map((round) => createFootprint(180e6, 88 + 58 * round)))).toBe(false)
  expect(isFlat(rounds.map((round) => createFootprint(184e6 + 12e6 * round, 88)))).toBe(false)
  expect(
    isFlat(rounds.map((round) => createFootprint(184e6 + (round < 3 ? 20e6 * round : 40e6), 88 + (round % 3)))),
  ).toBe(true)
})

test('fewer than four rounds show nothing', () => {
  expect(isFlat([createFootprint(1, 1), createFootprint(1, 1), createFootprint(1, 1)])).toBe(false)
})

test('footprint: a round takes the median of its samples', () => {
  const idle = { bytes: 0, descriptors: 0 }
  const samples = [createFootprint(5, 90), createFootprint(6, 7), createFootprint(7, 8)]
  const middle = takeMedians([
    ...samples,
    { ...createFootprint(8, 9), driver: idle },
    { ...createFootprint(9, 9), driver: idle },
  ])
  expect(middle.harness).toEqual({ bytes: 7, descriptors: 9 })
  expect(middle.driver).toEqual({ bytes: 60e6, descriptors: 50 })
})

test.skipIf(process.platform !== 'linux')('a process that it has started is counted by what it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-footprint-'))
  mkdirSync(join(folder, 'embedded'))
  const file = join(folder, 'embedded', 'main.ts')
  writeFileSync(file, `process.stdin.resume(); console.log('ready')`)
  const child = spawn('sh', ['-c', '"$0" "$1" {}; :', process.execPath, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const { harness, API, driver } = measureFootprint(child.pid ?? 0)
  child.stdin.end()
  await once(child, 'exit')
  rmSync(folder, { recursive: true })
  expect(harness.descriptors).toBeGreaterThanOrEqual(3)
  expect(API.bytes).toBeGreaterThan(10e6)
  expect(API.bytes).toBeGreaterThan(harness.bytes)
  expect(driver).toEqual({ bytes: 0, descriptors: 0 })
})
