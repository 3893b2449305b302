import { expect, test } from 'vitest'
import type { PlayedEnding } from './compare-run.ts'
import {
  formatEndingsSummary,
  formatEndingsTable,
  toEndingMark,
  formatPlayName,
  computeRightShare,
  formatWrongBlames,
} from './table.ts'

const buildPlayed = (changed: Partial<PlayedEnding['blames']>): PlayedEnding => ({
  ending: 'exit',
  setting: 'no-hook',
  cluster: 'local',
  verdict: 'failed',
  because: ['lost'],
  sent: 1000,
  lost: 10,
  kinds: [
    ['refused', 7],
    ['connect-timeout', 3],
  ],
  blames: { right: 0, listed: 0, wrong: 0, undecided: 0, unproven: 0, ...changed },
  wrong: [],
  moved: 2,
  checked: 990,
  contradictions: [],
  runDir: '/runs/1',
})

test('right share: counts the blames that name one pod', () => {
  expect(
    computeRightShare([buildPlayed({ right: 8, listed: 2 }), buildPlayed({ right: 1, wrong: 1, undecided: 8 })]),
  ).toBe(0.9)
  expect(computeRightShare([buildPlayed({ listed: 10 })])).toBe(1)
})

test('table: a row for each, and their sum in one sentence', () => {
  const one = buildPlayed({ right: 9, wrong: 1 })
  const row = { name: formatPlayName(one), cluster: one.cluster, mark: toEndingMark(one) }
  expect(formatEndingsTable([row]).at(-1)).toBe(
    '| exit × no-hook | local | failed | 1000 | 10 (1.0 %) | 7 refused, 3 connect-timeout | 9 | 0 | 1 | 0 | 2 |',
  )
  expect(formatEndingsSummary([row.mark])).toContain(
    '10 of 1000 requests lost: one pod blamed for 10, and right for 9 (90.00 %)',
  )
})

test('wrong blame: says who was blamed for what, and who it was', () => {
  const wrong = [
    { seq: 7, outcome: 'refused', sentMs: 5, settledMs: 6, blamed: ['a'], by: 'moment', truth: 'b' } as const,
  ].map((one) => ({ ...one, blamed: [...one.blamed] }))
  expect(formatWrongBlames({ ...buildPlayed({ wrong: 1 }), wrong })).toEqual([
    'local exit × no-hook #7 refused: blamed a (moment), it was b; sent at 5.0 ms, settled at 6.0 ms; /runs/1',
  ])
})
