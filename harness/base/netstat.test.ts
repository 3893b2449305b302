import { expect, test } from 'vitest'
import { parseNetstat } from './netstat.ts'

test('finds its counters by their names, wherever they stand, and 0 for one that the kernel does not have', () => {
  const text = 'TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 9 2 3\nIpExt: InNoRoutes\nIpExt: 4\n'
  expect(parseNetstat(text)).toEqual({ listenOverflows: 2, listenDrops: 3, synRetransmits: 0 })
})
