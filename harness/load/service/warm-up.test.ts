import { expect, test } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { warmUp } from './warm-up.ts'

const listSockets = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))

test('warm-up: takes the time that it is given, leaves no socket open', async () => {
  const before = listSockets()
  const beganUs = monotonicUs()
  await warmUp(600)
  expect(monotonicUs() - beganUs).toBeGreaterThan(600_000)
  await expect.poll(listSockets).toEqual(before)
})
