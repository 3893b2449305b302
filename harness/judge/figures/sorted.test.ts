import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findFirstAtOrAfter } from './sorted.ts'

test('the first at or after: the one that a look at each of them finds, or their number', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer({ min: -1, max: 10 }), (values, least) => {
      const sorted = values.toSorted((a, b) => a - b)
      const place = sorted.findIndex((value) => value >= least)
      expect(findFirstAtOrAfter(sorted, least)).toBe(place === -1 ? sorted.length : place)
    }),
  )
})
