import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startBoundedFrequencyRunner } from './bounded-frequency-runner.ts'

test('Runner: waiting requests are one run, those during a run another', async () => {
  let runs = 0
  const run = async (): Promise<void> => {
    runs++
    await sleep(30)
  }
  await using runner = startBoundedFrequencyRunner({ run, minIntervalMs: () => 20, onError: () => undefined })
  for (let count = 0; count < 5; count++) runner.request()
  await sleep(10)
  expect(runs).toBe(1)
  runner.request()
  await sleep(100)
  expect(runs).toBe(2)
})

test('Runner: a failed run is repeated until one succeeds', async () => {
  const errors: Error[] = []
  let runs = 0
  const run = (): Promise<void> => (++runs < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve())
  const onError = (error: Error): void => void errors.push(error)
  await using runner = startBoundedFrequencyRunner({ run, minIntervalMs: () => 0, retryIntervalMs: 20, onError })
  runner.request()
  await sleep(150)
  expect(runs).toBe(3)
  expect(errors.map(({ message }) => message)).toEqual(['not yet', 'not yet'])
})
