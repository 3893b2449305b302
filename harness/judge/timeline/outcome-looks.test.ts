import { expect, test } from 'vitest'
import { outcomes } from '../../model/record.ts'
import { parsePage } from '../../testing/html-elements.ts'
import { markHeld } from '../gates/row-mark.ts'
import { renderHeld, renderGlyphDefinitions, renderOutcomeChip, renderVerdictBadge } from './badges.ts'
import { getOutcomeLook } from './outcome-looks.ts'

const lost = outcomes.filter((outcome) => outcome !== 'ok')

test('looks: no two outcomes of a family look alike', () => {
  const shapes = lost.map((outcome) => {
    const { family, path, drawn } = getOutcomeLook(outcome)
    return `${family} ${path} ${drawn}`
  })
  expect(new Set(shapes).size).toBe(lost.length)
})

test('looks: every outcome has words of its own, short enough for a legend', () => {
  const words = lost.map((outcome) => getOutcomeLook(outcome).short)
  expect(new Set(words).size).toBe(lost.length)
  for (const text of words) expect(text.length).toBeLessThanOrEqual(32)
})

test('glyphs: what a mark refers to is defined once', () => {
  const ids = parsePage(renderGlyphDefinitions())
    .list('path')
    .map((path) => path.getAttribute('id'))
  expect(ids).toHaveLength(lost.length)
  expect(new Set(ids)).toEqual(new Set(lost.map((outcome) => `o-${outcome}`)))
  const chip = parsePage(renderOutcomeChip('refused', 1_234))
  expect(chip.only('use').getAttribute('href')).toBe('#o-refused')
  expect(chip.texts('li')).toEqual(['refused 1,234'])
})

test('badges: a sign and a word, so that no colour is needed', () => {
  const read = (badge: { toString(): string }): string => parsePage(badge).texts('.verdict')[0] ?? ''
  expect((['passed', 'failed', 'unknown'] as const).map(renderVerdictBadge).map(read)).toEqual([
    '✓ passed',
    '✗ failed',
    '? unknown',
  ])
  const readDecisions = (by: 'expectation' | 'gates'): string[] =>
    [true, false, null].map((held) => parsePage(renderHeld(markHeld(held, by))).texts('.decision')[0] ?? '')
  expect(readDecisions('expectation')).toEqual(['as expected', '✗ not as expected', '? undecided'])
  expect(readDecisions('gates')).toEqual(['kept', '✗ not kept', '? undecided'])
})
