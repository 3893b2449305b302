import { expect, test } from 'vitest'
import { openCounters } from './network-counters.ts'

test('Counters: read from the kernel as often as asked', () => {
  const file = openCounters(process.pid)
  const first = file?.read()
  expect(first).toMatchObject({ listenOverflows: expect.any(Number) as number })
  expect(file?.read().listenDrops).toBeGreaterThanOrEqual(first?.listenDrops ?? Infinity)
  file?.close()
})

test('Counters: of a process that is gone there is nothing to read', () => {
  expect(openCounters(2 ** 22 - 1)).toBeNull()
})
