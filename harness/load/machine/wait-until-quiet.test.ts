import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { waitUntilQuiet } from './wait-until-quiet.ts'

/** Sleeps that end late until this time has passed. */
function createLateSleep(ms: number): (napMs: number) => Promise<unknown> {
  const endUs = monotonicUs() + ms * 1000
  return (napMs) => sleep(monotonicUs() < endUs ? napMs + 200 : napMs)
}

test('calm takes as long as was asked where everything comes on time', async () => {
  const fromUs = monotonicUs()
  expect(await waitUntilQuiet({ quietMs: 100, limitMs: 5000, lateMs: 100 })).toBe(true)
  expect(monotonicUs() - fromUs).toBeGreaterThanOrEqual(100_000)
})

test('calm begins after the last time that something was late', async () => {
  const fromUs = monotonicUs()
  expect(await waitUntilQuiet({ quietMs: 100, limitMs: 10_000, lateMs: 100, sleep: createLateSleep(500) })).toBe(true)
  expect(monotonicUs() - fromUs).toBeGreaterThanOrEqual(600_000)
})

test('calm that does not come is not waited for', async () => {
  const fromUs = monotonicUs()
  expect(await waitUntilQuiet({ quietMs: 100, limitMs: 400, lateMs: 100, sleep: createLateSleep(60_000) })).toBe(false)
  expect(monotonicUs() - fromUs).toBeGreaterThanOrEqual(400_000)
})
