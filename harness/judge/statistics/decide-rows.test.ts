import { describe, expect, test } from 'vitest'
import { decideRows } from './decide-rows.ts'
import { formatDecisions } from './decision-text.ts'
import type { RowRounds } from './pair-rounds.ts'

type Result = RowRounds['rounds'][number]

/** `null`: a round that could not be judged. */
function buildRow(configuration: string, lost: readonly (number | null)[], more: Partial<RowRounds> = {}): RowRounds {
  const rounds = lost.map((count, place): Result => {
    const common = { round: place + 1, runIds: [], runId: '', sent: 1_000, lost: count ?? 0 }
    return count === null
      ? { ...common, state: 'left-out', because: 'driver overloaded' }
      : { ...common, state: 'judged', verdict: count > 0 ? 'failed' : 'passed' }
  })
  return { scenario: 'rollout', configuration, cluster: 'local', rounds, ...more }
}

const repeat = (count: number, ...values: number[]): number[] =>
  Array.from({ length: count }, (_, place) => values[place % values.length]!)
const relate = (rows: readonly RowRounds[]): string[] =>
  decideRows(rows).map(({ first, relation, second }) => `${first} ${relation} ${second}`)

test('pairs: each of a scenario and cluster once, in the order of the rows', () => {
  const rows = [
    buildRow('naive', repeat(10, 90, 80)),
    buildRow('graceful', repeat(10, 0)),
    buildRow('naive', repeat(10, 90), { scenario: 'drain' }),
    buildRow('graceful', repeat(10, 0), { scenario: 'drain', cluster: 'kind' }),
    buildRow('sleep', repeat(10, 0)),
  ]
  expect(relate(rows)).toEqual(['naive worse graceful', 'naive worse sleep', 'graceful ~ sleep'])
})

test('losses in more rounds decide, and the effect is the difference in a round, with its interval', () => {
  const [decision] = decideRows([
    buildRow('graceful', repeat(10, 0)),
    buildRow('naive', [4, 9, 5, 6, 7, 8, 3, 10, 1, 2]),
  ])
  expect(decision).toMatchObject({
    relation: 'better',
    by: 'rounds-with-loss',
    rounds: 10,
    roundsWithLoss: [0, 10],
    difference: { median: -5.5, interval: { low: -9, high: -2 } },
    moreRounds: null,
    isSame: false,
  })
  expect(decision!.p).toBeLessThan(0.001)
})

test('where both lose in every round, how much they lose decides, from six rounds on', () => {
  const rowsOf = (rounds: number) => [
    buildRow('naive', repeat(rounds, 90, 70)),
    buildRow('exec', repeat(rounds, 20, 30)),
  ]
  expect(decideRows(rowsOf(5))[0]).toMatchObject({ relation: '~', by: 'lost-per-round', moreRounds: 1 })
  expect(decideRows(rowsOf(6))[0]).toMatchObject({ relation: 'worse', by: 'lost-per-round' })
})

test('a few rounds decide nothing, and it is said how many would', () => {
  const one = decideRows([buildRow('naive', [90]), buildRow('graceful', [0])])
  expect(one[0]).toMatchObject({ relation: '~', rounds: 1, moreRounds: 2 })
  expect(formatDecisions(one)).toEqual(['~ naive and graceful: undecided, 2 more rounds would decide'])
  // Exactly the number that it states.
  expect(relate([buildRow('naive', repeat(3, 90)), buildRow('graceful', repeat(3, 0))])).toEqual([
    'naive worse graceful',
  ])
})

test('what does not differ is not said to be decided some day', () => {
  const [clean] = decideRows([buildRow('sleep', repeat(10, 0)), buildRow('graceful', repeat(10, 0))])
  expect(clean).toMatchObject({ relation: '~', p: 1, moreRounds: null })
  expect(formatDecisions([clean!])).toEqual(['~ sleep and graceful: undecided, neither lost a request in 10 rounds'])
  const [noisy] = decideRows([buildRow('sleep', repeat(10, 0, 5)), buildRow('exec', repeat(10, 5, 0))])
  expect(formatDecisions([noisy!])).toEqual([
    '~ sleep and exec: undecided, and more rounds like these would not decide',
  ])
})

test('only rounds in which both were judged count', () => {
  const [decision] = decideRows([buildRow('naive', [90, null, 80, 70]), buildRow('graceful', [null, 0, 0, 0])])
  expect(decision).toMatchObject({ rounds: 2, roundsWithLoss: [2, 0] })
  const [none] = decideRows([buildRow('naive', [90, null]), buildRow('graceful', [null, 0])])
  expect(none).toMatchObject({ relation: '~', p: 1, rounds: 0, difference: null, moreRounds: null })
})

test('several directories: a round is held against that of its own directory alone', () => {
  const both = (configuration: string, first: (number | null)[], second: (number | null)[]): RowRounds => {
    const rounds = [...buildRow(configuration, first).rounds, ...buildRow(configuration, second).rounds]
    return { ...buildRow(configuration, []), rounds: rounds.sort((a, b) => a.round - b.round) }
  }
  const [decision] = decideRows([both('naive', [90, 80], [70, 60]), both('graceful', [null, 0], [5, 0])])
  // 80 to 0, 70 to 5 and 60 to 0; the 90 stand alone.
  expect(decision).toMatchObject({ rounds: 3, difference: { median: 65 } })
})

test('many pairs: each needs the more evidence the more there are', () => {
  const lossy = [0, 0, 0, 0, 0, 0, 5, 6, 7, 8]
  const clean = buildRow('graceful', repeat(10, 0))
  expect(decideRows([clean, buildRow('exec', lossy)])[0]!.relation).toBe('better')
  const more = [clean, buildRow('exec', lossy), buildRow('sleep', repeat(10, 0)), buildRow('other', repeat(10, 0))]
  expect(decideRows(more)[0]!.relation).toBe('~')
})

describe('rounds that go on until all is decided', () => {
  const play = (rounds: number) =>
    decideRows([buildRow('naive', repeat(rounds, 90)), buildRow('graceful', repeat(rounds, 0))], {
      untilDecided: true,
    })[0]!

  test('are looked at after the fourth first, and what that look finds costs twice its p', () => {
    expect(play(3)).toMatchObject({ relation: '~', p: 1, moreRounds: 1 })
    expect(play(4).relation).toBe('worse')
    // Three judged rounds are too few for that look.
    const rows = [buildRow('naive', [90, 90, 90]), buildRow('graceful', [0, 0, null])]
    expect(decideRows(rows, { untilDecided: true })[0]).toMatchObject({ rounds: 2, moreRounds: 3 })
    expect(play(4).p).toBeCloseTo((2 * 2 * 0.25 ** 4) / 0.9, 12)
  })

  test('between two looks nothing is found, and what was found stays', () => {
    const found = decideRows(
      [buildRow('naive', [...repeat(4, 90), ...repeat(4, 0)]), buildRow('graceful', repeat(8, 0))],
      { untilDecided: true },
    )[0]!
    expect(found.relation).toBe('worse')
    const late = decideRows(
      [buildRow('naive', [...repeat(3, 0), ...repeat(8, 90)]), buildRow('graceful', repeat(11, 0))],
      { untilDecided: true },
    )[0]!
    expect(late).toMatchObject({ relation: '~', moreRounds: 1 })
  })
})

describe('a configuration under two names', () => {
  const again = { sameAs: 'graceful' }

  test('is compared with itself alone, and not to be told apart', () => {
    const rows = [
      buildRow('naive', repeat(10, 90)),
      buildRow('graceful', repeat(10, 0)),
      buildRow('graceful-again', repeat(10, 0), again),
    ]
    expect(relate(rows)).toEqual(['naive worse graceful', 'graceful ~ graceful-again'])
    expect(formatDecisions(decideRows(rows)).at(-1)).toBe(
      'graceful and graceful-again are the same configuration: no difference was found in 10 rounds',
    )
  })

  test('that differs in its losses, or in its latencies, tells of the machine', () => {
    const differing = decideRows([
      buildRow('graceful', repeat(10, 0)),
      buildRow('graceful-again', repeat(10, 9), again),
    ])
    expect(differing[0]).toMatchObject({ isSame: true, relation: 'better', by: 'rounds-with-loss' })
    const slow = (p99Us: number) => (row: RowRounds) => ({
      ...row,
      rounds: row.rounds.map((round) => ({ ...round, latency: { p50Us: 100_000, p99Us: p99Us + round.round } })),
    })
    const late = decideRows([
      slow(120_000)(buildRow('graceful', repeat(10, 0))),
      slow(180_000)(buildRow('graceful-again', repeat(10, 0), again)),
    ])
    expect(late[0]).toMatchObject({ isSame: true, relation: 'better', by: 'p99' })
    expect(formatDecisions(late)).toEqual([
      'graceful and graceful-again are the same configuration, and differ in p99 latency (p = 0.0059): the machine makes them differ, so no other difference can be trusted',
    ])
  })
})

test('in words: what decides is told, whatever else the table shows', () => {
  const say = (...rows: RowRounds[]): string[] => formatDecisions(decideRows(rows))
  // It has lost a hundred times as many.
  expect(say(buildRow('a', [...repeat(9, 0), 1_000]), buildRow('b', repeat(10, 1)))).toEqual([
    expect.stringMatching(/^a is better than b: it loses requests in fewer rounds \(p [<=] [\d.]+\)$/),
  ])
  expect(say(buildRow('a', repeat(10, 9)), buildRow('b', repeat(10, 90)))).toEqual([
    expect.stringMatching(/^a is better than b: it loses fewer requests in a round \(p [<=] [\d.]+\)$/),
  ])
})

test('in words: what is better stands together, and so do many undecided pairs', () => {
  const rows = [
    buildRow('naive', repeat(10, 90, 80)),
    buildRow('exec', repeat(10, 70, 95)),
    buildRow('sleep', repeat(10, 0)),
    buildRow('graceful', repeat(10, 0)),
  ]
  expect(formatDecisions(decideRows(rows))).toEqual([
    'sleep is better than naive and exec: it loses requests in fewer rounds (p < 0.0001)',
    'graceful is better than naive and exec: it loses requests in fewer rounds (p < 0.0001)',
    '~ naive and exec: undecided, and more rounds like these would not decide',
    '~ sleep and graceful: undecided, neither lost a request in 10 rounds',
  ])
  const first = rows.map((row) => ({ ...row, rounds: row.rounds.slice(0, 1) }))
  // Eight rounds: 2 of 2^8 for naive and exec, six times that for the pairs.
  expect(formatDecisions(decideRows(first))).toEqual([
    '~ none of 6 pairs is decided: 7 more rounds would decide 5 of them',
  ])
  expect(formatDecisions([])).toEqual([])
})
