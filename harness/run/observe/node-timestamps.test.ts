import { afterEach, expect, test, vi } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { WallClock, parseWallUs } from './node-timestamps.ts'

const clock = { originUs: monotonicUs() - 60_000_000, now: () => monotonicUs() - clock.originUs }

const sameClock = { aheadUs: 0, errorUs: 0 }

afterEach(() => vi.restoreAllMocks())

test('wall clock: a stamp of this machine is right within its error', () => {
  const wall = new WallClock(clock, sameClock)
  // Date.now() cuts to whole ms: the wall clock is between this and 1 ms more.
  const before = clock.now()
  const wallUs = Date.now() * 1000
  const after = clock.now()
  const { at, errorUs } = wall.fromStamp(wallUs, after)
  expect(at + errorUs).toBeGreaterThanOrEqual(before - 1_000)
  expect(at - errorUs).toBeLessThanOrEqual(after)
  expect(errorUs).toBeLessThan(10_000)
})

test('wall clock: another machine’s may be a second off', () => {
  const wall = new WallClock(clock, null)
  expect(wall.fromStamp(Date.now() * 1000, clock.now()).errorUs).toBeGreaterThanOrEqual(1_000_000)
})

test('wall clock: one that was compared is corrected', () => {
  const wall = new WallClock(clock, { aheadUs: 3_600_000_000, errorUs: 20_000 })
  const t = clock.now()
  const { at, errorUs } = wall.fromStamp((Date.now() + 3_600_000) * 1000, t)
  expect(Math.abs(at - t)).toBeLessThan(errorUs)
  expect([errorUs >= 20_000, errorUs < 40_000]).toEqual([true, true])
})

test('wall clock: a whole second ends at its arrival', () => {
  const wall = new WallClock(clock, sameClock)
  const arrivedUs = clock.now()
  const time = `${new Date().toISOString().slice(0, 19)}Z`
  const { at, errorUs } = wall.fromSeconds(time, arrivedUs)
  expect(at).toBeLessThanOrEqual(arrivedUs)
  expect(at + errorUs).toBeLessThan(arrivedUs + 10_000)
})

test('wall clock: once it was set, only later stamps are right', () => {
  const wall = new WallClock(clock, sameClock)
  const staleUs = Date.now() * 1000
  const realNow = Date.now.bind(Date)
  const hour = 3_600_000
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() - hour)
  const t = clock.now()
  expect(wall.fromStamp(staleUs, t)).toEqual({ at: t, errorUs: t })
  const { at, errorUs } = wall.fromStamp(Date.now() * 1000, clock.now())
  expect(Math.abs(at - clock.now())).toBeLessThan(errorUs + 2_000)
})

test('wall clock: a stamp is read to the µs', () => {
  expect(parseWallUs('2026-11-25T02:43:32.123456789Z')).toBe(Date.UTC(2026, 10, 25, 2, 43, 32) * 1000 + 123_457)
  expect(parseWallUs('2026-11-25T02:43:32Z')).toBe(Date.UTC(2026, 10, 25, 2, 43, 32) * 1000)
  expect(parseWallUs('2026-11-25T03:43:32.5+01:00')).toBe(Date.UTC(2026, 10, 25, 2, 43, 32) * 1000 + 500_000)
  expect(parseWallUs('no time')).toBeNaN()
})
