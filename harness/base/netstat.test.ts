import { expect, test } from 'vitest'
import { parseNetstat } from './netstat.ts'

test('netstat: counters are found by name; one that is missing is 0', () => {
  const text = 'TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 9 2 3\nIpExt: InNoRoutes\nIpExt: 4\n'
  expect(parseNetstat(text)).toEqual({ listenOverflows: 2, listenDrops: 3, synRetransmits: 0 })
})
