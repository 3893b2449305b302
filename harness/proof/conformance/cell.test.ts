import { expect, test } from 'vitest'
import type { Outcome } from '../../model/record.ts'
import type { Verdict } from '../../model/result.ts'
import { listProblems } from './cell.ts'
import type { Cell, CellOutcome } from './cell.ts'
import { cells } from './cells.ts'

const cell: Cell = {
  scenario: 'rollout',
  configuration: 'naive',
  verdict: 'failed',
  must: ['refused'],
  may: ['reset-before-response'],
  lostPercent: [1, 10],
  why: 'a port is closed too early',
}

/** A run of 1000 requests. */
function buildOutcome(verdict: Verdict, losses: Partial<Record<Outcome, number>>): CellOutcome {
  const lost = Object.values(losses).reduce((sum, count) => sum + count, 0)
  return { verdict, because: ['why'], sent: 1000, lost, kinds: Object.keys(losses) as Outcome[] }
}

test('problems: none of a run within its cell', () => {
  expect(listProblems(cell, buildOutcome('failed', { refused: 10 }))).toEqual([])
  expect(listProblems(cell, buildOutcome('failed', { refused: 60, 'reset-before-response': 40 }))).toEqual([])
})

test.each<[string, Parameters<typeof buildOutcome>, string]>([
  ['a verdict', ['passed', { refused: 20 }], 'the verdict is passed, not failed'],
  ['a kind of loss that must occur', ['failed', { 'reset-before-response': 20 }], 'nothing was lost to refused'],
  ['a kind of loss that may not', ['failed', { refused: 20, truncated: 1 }], 'requests were lost to truncated'],
  ['too little lost', ['failed', { refused: 9 }], '0.90 % were lost, not 1 … 10 %'],
  ['too much lost', ['failed', { refused: 101 }], '10.10 % were lost, not 1 … 10 %'],
  ['that there is no verdict', ['unknown', { refused: 20 }], 'no verdict: why'],
])('a cell tells %s', (_, args, problem) => {
  expect(listProblems(cell, buildOutcome(...args))).toEqual([problem])
})

test('magnitude: no cell allows more than one order of it', () => {
  expect(cells.length).toBeGreaterThanOrEqual(12)
  expect(cells.filter(({ lostPercent: [least, most] }) => most > 10 * least)).toEqual([])
})

test('scenarios: where one cell passes, others lose', () => {
  const losing = new Set(cells.filter(({ verdict }) => verdict === 'failed').map(({ scenario }) => scenario))
  expect(cells.filter(({ verdict, scenario }) => verdict === 'passed' && !losing.has(scenario))).toEqual([])
})
