import { expect, test } from 'vitest'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { sortByDue } from './payload.ts'
import { chooseShownLosses, shareShownLosses } from './shown-losses.ts'

const { losses } = buildSampleComparison(1, 2).runs.find(({ analysis }) => analysis.configuration === 'naive')!.analysis

test('all are shown where they are few', () => {
  expect(chooseShownLosses(losses, losses.length)).toEqual(sortByDue(losses))
  expect(shareShownLosses([7_000, 0, 1_000])).toEqual([7_000, 0, 1_000])
})

test('of very many each outcome of each lane and pod has its share, in the order of loss', () => {
  const chosen = chooseShownLosses(losses, 60)
  const listKinds = (of: typeof losses) =>
    [...new Set(of.map(({ outcome, request, pod }) => [outcome, request.lane, pod].join(' ')))].toSorted()
  expect(listKinds(chosen)).toEqual(listKinds(losses))
  expect(chosen).toEqual(sortByDue(chosen))
  expect(new Set(chosen).size).toBe(chosen.length)
  expect(chosen.length).toBeLessThan(60 + listKinds(losses).length)
})

test('runs share what a page carries by what they lost, and none is left without', () => {
  const shares = shareShownLosses([60_000, 20_000, 120, 0])
  expect(shares[0]! / shares[1]!).toBeCloseTo(3, 2)
  expect(shares.slice(2)).toEqual([50, 0])
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(8_050)
})
