import { expect, test } from 'vitest'
import { sampleComparison } from '../../testing/samples/sample-analyses.ts'
import { inOrder, packLosses, unpackLosses } from './payload.ts'

test('every lost request comes out of the packed data as it went in', () => {
  for (const { analysis } of sampleComparison().runs) {
    const json = JSON.stringify(packLosses(analysis.losses))
    expect(unpackLosses(JSON.parse(json))).toEqual(analysis.losses)
  }
})

test('a thousand lost requests take less than 170 bytes each', () => {
  const losses = sampleComparison().runs.flatMap(({ analysis }) => analysis.losses)
  expect(losses.length).toBeGreaterThan(1_000)
  expect(JSON.stringify(packLosses(losses)).length / losses.length).toBeLessThan(170)
})

test('lost requests are numbered in the order in which they failed, whatever order they came in', () => {
  const losses = sampleComparison().runs[4]?.analysis.losses ?? []
  const ordered = inOrder(losses)
  expect(inOrder(losses.toReversed())).toEqual(ordered)
  expect(
    ordered.every(
      ({ request }, index) => index === 0 || (ordered[index - 1]?.request.settledUs ?? 0) <= request.settledUs,
    ),
  ).toBe(true)
})
