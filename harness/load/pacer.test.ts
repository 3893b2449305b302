import { expect, test } from 'vitest'
import { monotonicUs } from '../clock.ts'
import { Pacer, wholeNapUs } from './pacer.ts'

test.each([
  [100, null],
  [6_000, null],
  [8_000, 400],
  [10_000, 400],
  [20_000, 200],
  [50_000, 150],
])('at %i/s a nap that is not cut short lasts %s µs', (ratePerSecond, napUs) => {
  expect(wholeNapUs(1e6 / ratePerSecond)).toBe(napUs)
})

test('at a high rate it wakes up for several due instants together', async () => {
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
    new Pacer({ tick, busy: () => true, intervalUs }).wake()
  })
  expect(wakes).toBeGreaterThan(1)
  expect(wakes).toBeLessThanOrEqual(count / 2)
})
