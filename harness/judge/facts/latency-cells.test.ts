import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildHistogram } from '../../model/histogram.ts'
import { workloadLanes } from '../../model/plan.ts'
import type { Lane } from '../../model/plan.ts'
import { Cells } from './latency-cells.ts'
import { PackedPairs } from './packed-pairs.ts'

const spanUs = 100_000

interface Put {
  lane: Lane
  span: number
  times: number[]
}

function createCells(puts: readonly Put[]): Cells {
  const cells = new Cells()
  for (const { lane, span, times } of puts) {
    const [fromUs, toUs] = [span * spanUs, (span + 1) * spanUs]
    cells.add({ fromUs, toUs, firstDueUs: fromUs + 7 }, { lane, latency: buildHistogram(times) })
  }
  return cells
}

const puts: fc.Arbitrary<Put[]> = fc.array(
  fc.record({
    lane: fc.constantFrom(...workloadLanes),
    // More spans than can be open at a time, in any order: some are opened again.
    span: fc.nat(200),
    times: fc.array(fc.nat(80_000_000), { minLength: 1, maxLength: 5 }),
  }),
  { maxLength: 400 },
)

test('cells: what is put in comes out, packed, unpacked or opened again', () => {
  fc.assert(
    fc.property(puts, fc.nat(200), (all, from) => {
      const cells = createCells(all)
      const listTimes = (keep: (put: Put) => boolean): number[] => all.filter(keep).flatMap(({ times }) => times)
      const counts = [...cells].reduce((sum, { count }) => sum + count, 0)
      expect(counts).toBe(listTimes(() => true).length)
      expect(cells.mergeLatency(({ dueUs, lane }) => lane === 'fresh' && dueUs >= from * spanUs)).toEqual(
        buildHistogram(listTimes(({ span, lane }) => lane === 'fresh' && span >= from)),
      )
      const bySpan = cells.mergeLatencies(100, ({ dueUs }) => Math.floor(dueUs / spanUs) - from)
      expect(bySpan).toHaveLength(100)
      expect(bySpan[3]).toEqual(buildHistogram(listTimes(({ span }) => span === from + 3)))
    }),
  )
})

test('batches that tell of the same span a little apart share its cell', () => {
  const turns = [0, 1, 0, 2, 1, 3, 2].map((span): Put => ({ lane: 'reused', span, times: [5000, 5100] }))
  expect([...createCells(turns)].map(({ dueUs, count }) => [dueUs, count])).toEqual([
    [7, 4],
    [100_007, 4],
    [200_007, 4],
    [300_007, 2],
  ])
})

test('packed numbers are as they were, in the bytes that the comment tells', () => {
  const pairs = new PackedPairs()
  pairs.append(5, 300)
  expect(pairs.size).toBe(3)
  const values = [0, 127, 128, 2 ** 31, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER]
  for (const value of values) pairs.append(value, 1)
  const found: number[] = []
  pairs.forEach(3, pairs.size, (first, second) => found.push(first * second))
  expect(found).toEqual(values)
})
