import { expect, test } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { rehearse } from './warm-up.ts'

const sockets = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))

test('a rehearsal takes the time that it was given, all its parts, and leaves no socket open', async () => {
  const before = sockets()
  const beganUs = monotonicUs()
  await rehearse(600)
  expect(monotonicUs() - beganUs).toBeGreaterThan(600_000)
  await expect.poll(sockets).toEqual(before)
})
