import { expect, test } from 'vitest'
import { countersIn, openCounters } from './network-counters.ts'

test('finds its counters by their names, wherever they stand, and 0 for one that the kernel does not have', () => {
  const text = 'TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 9 2 3\nIpExt: InNoRoutes\nIpExt: 4\n'
  expect(countersIn(text)).toEqual({ listenOverflows: 2, listenDrops: 3, synRetransmits: 0 })
})

test('reads what the kernel has of this process’s own network, as often as it is asked', () => {
  const file = openCounters(process.pid)
  const first = file?.read()
  expect(first).toMatchObject({ listenOverflows: expect.any(Number) as number })
  expect(file?.read().listenDrops).toBeGreaterThanOrEqual(first?.listenDrops ?? Infinity)
  file?.close()
})

test('of a process that is gone there is nothing to read', () => {
  expect(openCounters(2 ** 22 - 1)).toBeNull()
})
