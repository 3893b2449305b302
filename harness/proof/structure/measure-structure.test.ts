import { expect, test } from 'vitest'
import { findCycles, measureStructure } from './measure-structure.ts'
import { readSourceFile } from './source-file.ts'

const tree = {
  'a/one.ts': `import { two } from '../b/two.ts'
import type { Three } from './three.ts'
export { two } from '../b/two.ts'
export function listOf(): string[] {
  return [two()]
}`,
  'a/three.ts': `export interface Three { one: typeof import('./one.ts') }
export type { Four } from './one.ts'`,
  'b/two.ts': `export const two = (): string => 'two'
export class Counter {
  #count = 0
  add(): number {
    const next = (): number => this.#count + 1
    return (this.#count = next())
  }
}
export const loadOne = () => import('../a/one.ts')`,
  'b/two.test.ts': `import { two } from './two.ts'
const readIt = () => two()
readIt()`,
  'b/deep/four.ts': `export const valueOf = 4`,
}
const structure = measureStructure(Object.entries(tree).map(([path, text]) => readSourceFile(path, text)))

test('structure: places, and arrows between them, of code and its types', () => {
  expect(structure).toMatchObject({ places: 2, arrows: 2 })
})

test('structure: a circle over a type import or a dynamic import counts', () => {
  expect(structure.cycles).toEqual([['a/one.ts', 'a/three.ts', 'b/two.ts']])
})

test('structure: names of functions, not of values, methods or tests', () => {
  expect(structure).toMatchObject({ namedFunctions: 4, ofFunctions: 1, oneWordFunctions: 2 })
})

test('structure: lines of a function, from its first to its last', () => {
  expect(structure.linesPerFunction).toEqual({ p90: 4, max: 4 })
})

test('structure: lines of code and tests of each room, and of each folder in it', () => {
  expect(structure.rooms).toEqual([
    { room: 'a', codeLines: 8, testLines: 0 },
    { room: 'b', codeLines: 10, testLines: 3 },
    { room: 'b/deep', codeLines: 1, testLines: 0 },
  ])
})

test('structure: two circles that do not meet are two', () => {
  const next = { a: ['b'], b: ['a', 'c'], c: ['d'], d: ['c', 'unknown'], e: ['a'] }
  expect(findCycles(new Map(Object.entries(next)))).toEqual([
    ['c', 'd'],
    ['a', 'b'],
  ])
})

test('structure: text that is no TypeScript is refused with its path', () => {
  expect(() => readSourceFile('a/x.ts', 'const =')).toThrow('Cannot parse a/x.ts')
})
