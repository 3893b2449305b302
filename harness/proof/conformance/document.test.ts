import { expect, test } from 'vitest'
import { formatCellName } from './cell.ts'
import { cells } from './cells.ts'
import { renderCurrentDocument, readDocument } from './document-file.ts'
import { selectPairs } from '../endings/endings.ts'
import { formatPlayName } from '../endings/table.ts'
import { comparedClusters, readResults } from './results.ts'
import { cases } from './suite.ts'

test('conformance.md: made from the suite and its results (--write renews)', () => {
  expect(readDocument()).toBe(renderCurrentDocument())
})

test('conformance.md: it has every case and every cell', () => {
  const text = readDocument()
  expect(cases.filter(({ name }) => !text.includes(`| \`${name}\` |`)).map(({ name }) => name)).toEqual([])
  expect(cells.map(formatCellName).filter((name) => !text.includes(`| ${name} |`))).toEqual([])
})

test('results: nothing is kept that is not in the suite any more', () => {
  const results = readResults()
  const pairs = selectPairs(undefined).map(([ending, setting]) =>
    formatPlayName({ ending: ending.name, setting: setting.name }),
  )
  const known = new Set([...cases.map(({ name }) => name), ...cells.map(formatCellName), ...pairs])
  for (const cluster of comparedClusters) {
    const marks = {
      ...results.cases[cluster]?.marks,
      ...results.cells[cluster]?.marks,
      ...results.endings[cluster]?.marks,
    }
    expect(Object.keys(marks).filter((name) => !known.has(name))).toEqual([])
  }
})
