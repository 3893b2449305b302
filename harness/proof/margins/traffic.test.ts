import { expect, test } from 'vitest'
import { marginTraffic } from './traffic.ts'

test.each(Object.entries(marginTraffic))(
  'traffic on %s: the last connection to the leaving pod comes soon enough in 98 of 100 plays',
  (_, { ratePerSecond, probeEveryMs, allowedMs }) => {
    for (const everyMs of [1_000 / ratePerSecond, probeEveryMs]) {
      // Each connection is sent to it or to its successor with equal probability.
      expect(0.5 ** Math.floor(allowedMs / everyMs)).toBeLessThan(0.02)
    }
  },
)

test('traffic on kind: driver and probe ask no more often than an ordinary run', () => {
  const { ratePerSecond, probeEveryMs } = marginTraffic.kind
  expect(ratePerSecond + 1_000 / probeEveryMs).toBeLessThanOrEqual(200)
})
