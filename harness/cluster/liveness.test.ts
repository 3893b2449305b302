import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startClock } from '../base/clock.ts'
import { monitorLiveness } from './liveness.ts'

/** Monitors a server that does not answer while `silent` is true; returns the lengths of the gaps in ms. */
async function collectGaps(silent: (ms: number) => boolean, forMs: number): Promise<number[]> {
  const clock = startClock()
  const stop = new AbortController()
  const gaps: number[] = []
  const feeling = monitorLiveness({
    probe: (signal) => (silent(clock.now() / 1000) ? sleep(10_000, undefined, { signal }) : Promise.resolve()),
    clock,
    onGap: (fromUs) => gaps.push((clock.now() - fromUs) / 1000),
    signal: stop.signal,
    everyMs: 20,
    limitMs: 100,
  })
  await sleep(forMs)
  stop.abort()
  await feeling
  return gaps
}

test('liveness: a server that answers has no gap', async () => {
  expect(await collectGaps(() => false, 400)).toEqual([])
})

test('liveness: a silence is reported once, when it is over', async () => {
  const gaps = await collectGaps((ms) => ms > 100 && ms < 600, 1000)
  expect(gaps).toHaveLength(1)
  expect(gaps[0]).toBeGreaterThanOrEqual(450)
})

test('liveness: a silence that lasts is reported at the end', async () => {
  const gaps = await collectGaps((ms) => ms > 100, 600)
  expect(gaps).toHaveLength(1)
  expect(gaps[0]).toBeGreaterThanOrEqual(450)
})
