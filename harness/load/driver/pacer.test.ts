import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { Pacer, computeFixedSleepUs } from './pacer.ts'

test.each([
  [100, null],
  [6_000, null],
  [8_000, 400],
  [10_000, 400],
  [20_000, 200],
  [50_000, 150],
])('at %i/s a sleep that is not cut short lasts %s µs', (ratePerSecond, sleepUs) => {
  expect(computeFixedSleepUs(1e6 / ratePerSecond)).toBe(sleepUs)
})

test('pacer: at a high rate it wakes up for several due instants together', async () => {
  const [intervalUs, count] = [100, 1000]
  const startUs = monotonicUs()
  let [wakes, taken] = [0, 0]
  await new Promise<void>((resolve) => {
    const tick = (nowUs: number): number => {
      wakes++
      while (taken < count && startUs + taken * intervalUs <= nowUs) taken++
      if (taken < count) return startUs + taken * intervalUs
      resolve()
      return Number.POSITIVE_INFINITY
    }
    new Pacer({ tick, isBusy: () => true, intervalUs }).wake()
  })
  expect(wakes).toBeGreaterThan(1)
  expect(wakes).toBeLessThanOrEqual(count / 2)
})

test('pacer: what waits for a sending comes right after it, not a sleep', async () => {
  const seen: string[] = []
  const tick = (nowUs: number): number => {
    seen.push('sent')
    return nowUs + 500
  }
  const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    seen.push('sleep')
    return 'timed-out'
  })
  const pacer = new Pacer({ tick, isBusy: () => true, intervalUs: 500 })
  try {
    pacer.wake()
    await pacer.afterSending().then(() => seen.push('callback'))
    expect(seen).toEqual(['sent', 'callback'])
    while (!seen.includes('sleep')) await sleep(1)
  } finally {
    pacer.stop()
    wait.mockRestore()
  }
})

test('pacer: nothing waits for a sending that is far away or never comes', async () => {
  let ticks = 0
  const pacer = new Pacer({ tick: (nowUs) => nowUs + 60e6 * ++ticks, isBusy: () => true, intervalUs: 60e6 })
  await pacer.afterSending()
  pacer.wake()
  const asked = pacer.afterSending()
  pacer.stop()
  await asked
  pacer.wake()
  await expect.poll(() => ticks).toBe(1)
  await pacer.afterSending()
  expect(ticks).toBe(1)
  pacer.stop()
})
