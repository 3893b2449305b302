import { expect, test } from 'vitest'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { poisonTexts } from '../../testing/hostile-texts.ts'
import { escapeJson } from '../report/escape-html.ts'
import { sortByDue, packLosses, unpackLosses } from './payload.ts'

test('every lost request comes out of the packed data as it went in', () => {
  for (const { analysis } of buildSampleComparison().runs) {
    const json = JSON.stringify(packLosses(analysis.losses))
    expect(unpackLosses(JSON.parse(json))).toEqual(analysis.losses)
  }
})

test('who failed a request comes out as well', () => {
  const losses = buildSampleComparison()
    .runs.flatMap(({ analysis }) => analysis.losses)
    .slice(0, 3)
  const [first, second, third] = losses.map((loss) => ({ ...loss }))
  if (!first || !second || !third) throw new Error('Cannot test without lost requests')
  first.origin = 'controller'
  third.origin = 'unknown'
  const packed = JSON.stringify(packLosses([first, second, third]))
  expect(unpackLosses(JSON.parse(packed)).map(({ origin }) => origin)).toEqual(['controller', null, 'unknown'])
})

test('a thousand lost requests take less than 170 bytes each', () => {
  const losses = buildSampleComparison().runs.flatMap(({ analysis }) => analysis.losses)
  expect(losses.length).toBeGreaterThan(1_000)
  expect(JSON.stringify(packLosses(losses)).length / losses.length).toBeLessThan(170)
})

test('order: lost requests are numbered in the order in which they failed', () => {
  const losses = buildSampleComparison().runs[4]?.analysis.losses ?? []
  const ordered = sortByDue(losses)
  expect(sortByDue(losses.toReversed())).toEqual(ordered)
  expect(
    ordered.every(
      ({ request }, index) => index === 0 || (ordered[index - 1]?.request.settledUs ?? 0) <= request.settledUs,
    ),
  ).toBe(true)
})

test('payload: invisible characters are made visible, in nested texts too', () => {
  for (const { analysis } of poisonTexts(buildSampleComparison()).runs) {
    const json = escapeJson(packLosses(analysis.losses)).toString()
    const shown = JSON.stringify(unpackLosses(JSON.parse(json)), (_, part: unknown) =>
      typeof part === 'string' ? part.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '!INVISIBLE!') : part,
    )
    expect(shown).not.toContain('!INVISIBLE!')
  }
})
