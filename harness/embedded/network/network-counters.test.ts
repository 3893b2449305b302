import { expect, test } from 'vitest'
import { openCounters } from './network-counters.ts'

test('Counters: read from the kernel at each call', () => {
  const file = openCounters(process.pid)
  const first = file?.read()
  expect(first).toMatchObject({ listenOverflows: expect.any(Number) as number })
  expect(file?.read().listenDrops).toBeGreaterThanOrEqual(first?.listenDrops ?? Infinity)
  file?.close()
})

test('Counters: none for a process that has ended', () => {
  expect(openCounters(2 ** 22 - 1)).toBeNull()
})
