import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Baseline } from '../../model/baseline/baseline.ts'
import { sampleConditions, simulateBaseline } from '../../testing/samples/sample-baselines.ts'
import { buildSampleComparison, changeComparison, withDisturbance } from '../../testing/samples/sample-analyses.ts'
import { buildBaseline } from './build-baseline.ts'
import { formatBaselineComparison } from './change-text.ts'
import type { BaselineRound } from '../../model/baseline/baseline.ts'
import { compareBaselines, findLeastLossyRounds, findLeastRounds } from './compare-baselines.ts'

/** Models of the shipped configurations: the share of rounds with losses, and the length of bursts. */
const shipped = {
  naive: { share: 1, burst: 110 },
  sleep: { share: 0.9, burst: 9 },
  graceful: { share: 0, burst: 0 },
}
const otherMachine = {
  ...sampleConditions,
  environment: { ...sampleConditions.environment, cpus: 2, kernel: '6.11.0' },
}

test('a planted regression: is named within ten rounds, and nothing else is', () => {
  const before = simulateBaseline('before', shipped, { rounds: 10, seed: 1 })
  for (let seed = 100; seed < 120; seed++) {
    const planted = { ...shipped, graceful: { share: 0.95, burst: 25 } }
    const { rows } = compareBaselines(before, simulateBaseline('after', planted, { rounds: 10, seed }))
    expect(rows.filter(({ change }) => change === 'worse').map(({ configuration }) => configuration)).toEqual([
      'graceful',
    ])
  }
})

test('a planted regression: of one that always lost, by how many it loses', () => {
  const before = simulateBaseline('before', { app: { share: 1, burst: 10 } }, { rounds: 10, seed: 3 })
  const after = simulateBaseline('after', { app: { share: 1, burst: 200 } }, { rounds: 10, seed: 4 })
  expect(compareBaselines(before, after).rows[0]).toMatchObject({
    change: 'worse',
    figures: [{ figure: 'lost' }, {}, {}],
  })
  expect(compareBaselines(after, before).rows[0]).toMatchObject({ change: 'better' })
})

test('an unchanged workload: 20 of 20 pass, and of 200 no more than the level allows', () => {
  const playNight = (seed: number): string =>
    compareBaselines(
      simulateBaseline('before', shipped, { rounds: 10, seed: 2 * seed }),
      simulateBaseline('after', shipped, { rounds: 10, seed: 2 * seed + 1 }),
    ).rows.some(({ change }) => change === 'worse')
      ? 'worse'
      : 'passes'
  const nights = Array.from({ length: 200 }, (_, index) => playNight(1_000 + index))
  expect(nights.slice(0, 20).filter((night) => night === 'passes')).toHaveLength(20)
  // At most one in a hundred, and half of those are called better: at most 2 of 200, with three standard deviations 6.
  expect(nights.filter((night) => night === 'worse').length).toBeLessThanOrEqual(6)
})

test('another machine: losses are compared, latencies are not, and it is said', () => {
  const before = simulateBaseline('before', shipped, { rounds: 10, seed: 5, conditions: otherMachine })
  const slow = simulateBaseline('after', { ...shipped, graceful: { share: 1, burst: 30 } }, { rounds: 10, seed: 6 })
  const comparison = compareBaselines(before, slow)
  expect(comparison.rows.map(({ figures }) => figures.map(({ figure }) => figure))).toEqual([
    ['lost'],
    ['lost'],
    ['lost'],
  ])
  expect(comparison.rows.map(({ change }) => change)).toEqual(['~', '~', 'worse'])
  expect(formatBaselineComparison(comparison).at(-1)).toBe(
    'Measured otherwise, so losses alone are compared, no latencies: kernel 6.11.0 → 6.8.0 and CPUs 2 → 4.',
  )
})

test('another load: only whether a round lost requests is compared', () => {
  const conditions = { ...sampleConditions, load: { ...sampleConditions.load, ratePerSecond: 50 } }
  const before = simulateBaseline('before', { app: { share: 1, burst: 10 } }, { rounds: 10, seed: 7, conditions })
  const after = simulateBaseline('after', { app: { share: 1, burst: 200 } }, { rounds: 10, seed: 8 })
  expect(compareBaselines(before, after).rows[0]).toMatchObject({
    change: '~',
    figures: [{ figure: 'roundsWithLoss', p: 1 }],
  })
})

test('another image: is what is under test, so all is compared, and it is said', () => {
  const conditions = { ...sampleConditions, images: [{ name: 'nodrop/app', digest: `sha256:${'b'.repeat(64)}` }] }
  const before = simulateBaseline('before', shipped, { rounds: 10, seed: 9, conditions })
  const comparison = compareBaselines(before, simulateBaseline('after', shipped, { rounds: 10, seed: 10 }))
  expect(comparison.rows[0]?.figures.map(({ figure }) => figure)).toEqual(['lost', 'p50Us', 'p99Us'])
  expect(formatBaselineComparison(comparison).at(-1)).toBe(
    'Under test: image nodrop/app sha256:bbbbbbbbbbbb → sha256:aaaaaaaaaaaa.',
  )
})

test('slower answers: worse where rounds show it and it is more than the mood of a machine', () => {
  const slowDown = (by: number) => {
    const { rows, ...rest } = simulateBaseline('after', { app: { share: 0, burst: 0 } }, { rounds: 10, seed: 12 })
    const slow = rows.map((row) => ({
      ...row,
      rounds: row.rounds.map((round) => ({
        ...round,
        latency: { ...round.latency!, p99Us: Math.round(round.latency!.p99Us! * by) },
      })),
    }))
    return { ...rest, rows: slow }
  }
  const before = simulateBaseline('before', { app: { share: 0, burst: 0 } }, { rounds: 10, seed: 11 })
  expect(compareBaselines(before, slowDown(2)).rows[0]).toMatchObject({ change: 'worse' })
  expect(compareBaselines(before, slowDown(1.2)).rows[0]).toMatchObject({ change: '~' })
})

test('too few rounds: undecided, with how many more would decide', () => {
  const models = { app: { share: 0, burst: 0 } }
  const before = simulateBaseline('before', models, { rounds: 10, seed: 13 })
  const after = simulateBaseline('after', { app: { share: 1, burst: 9 } }, { rounds: 1, seed: 14 })
  // All of 2 against none of 10: 1 of 66 tables; all of 3: 1 of 286.
  expect(compareBaselines(before, after).rows[0]).toMatchObject({ change: '~', roundsNeeded: 3 })
  expect(formatBaselineComparison(compareBaselines(before, after))[1]).toContain('; 3 rounds like these would decide')
})

test('too few rounds for any difference: said with how many are needed, and no row is said not to differ', () => {
  const play = (rounds: number, models: Parameters<typeof simulateBaseline>[1] = { app: shipped.graceful }) =>
    simulateBaseline(`of-${rounds}`, models, { rounds, seed: 17 })
  // None of 20 against all of k: 1 of (20 + k choose k) tables, at most 1 in 100: 21, 231. Of five rows 1 in 500: 1771.
  const once = compareBaselines(play(20), play(1))
  expect(once.rows).toMatchObject([{ change: '~', canDecide: false, leastRounds: 2 }])
  expect(formatBaselineComparison(once).slice(0, 2)).toEqual([
    'Nothing could be held against of-20: too few rounds were judged, 2 rounds are needed.',
    expect.stringMatching(/^ {2}rollout × app: ~: lost .*; 1 round after 20 cannot decide: 2 rounds are needed$/),
  ])
  expect(compareBaselines(play(20), play(2)).rows).toMatchObject([{ canDecide: true, leastRounds: null }])
  const five = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, shipped.graceful]))
  const { rows } = compareBaselines(play(20, five), play(2, five))
  expect(rows.map(({ canDecide, leastRounds }) => [canDecide, leastRounds])).toEqual(rows.map(() => [false, 3]))
  const none = compareBaselines(play(20), { ...play(1), rows: play(1).rows.map((row) => ({ ...row, rounds: [] })) })
  expect([none.rows[0]?.canDecide, formatBaselineComparison(none)[0]]).toEqual([
    false,
    'Nothing could be held against of-20: no round was judged.',
  ])
  const two = { a: shipped.graceful, b: shipped.graceful }
  const half = play(10, two)
  half.rows[1]!.rounds = []
  expect(formatBaselineComparison(compareBaselines(play(20, two), half))[0]).toBe(
    'No difference from of-20 found in 1 row; 1 row could not be compared.',
  )
})

test('what the manual says is found: losses in three of three, in seven of ten, and in four of ten after twenty without', () => {
  const decide = (base: number, rounds: number, lossy: number): string | undefined => {
    const quiet = (count: number) => simulateBaseline('c', { app: { share: 0, burst: 0 } }, { rounds: count, seed: 1 })
    const { rows, ...rest } = quiet(rounds)
    const lose = (row: (typeof rows)[number]) =>
      row.rounds.map((round, place) => ({ ...round, lost: place < lossy ? 3 : 0 }))
    return compareBaselines(quiet(base), { ...rest, rows: rows.map((row) => ({ ...row, rounds: lose(row) })) }).rows[0]
      ?.change
  }
  expect([decide(10, 3, 3), decide(10, 10, 7), decide(20, 10, 4)]).toEqual(['worse', 'worse', 'worse'])
  expect([decide(10, 2, 2), decide(10, 10, 6), decide(20, 10, 3)]).toEqual(['~', '~', '~'])
})

test('rounds that are needed: one before is too few for ninety-eight after, and for six rows for any number', () => {
  // All of k against none of 1: 1 of k + 1 tables, at most 1 in 100.
  expect([findLeastRounds(1, 1), findLeastRounds(1, 6), findLeastRounds(0, 1)]).toEqual([99, null, null])
})

test('later rounds with losses that are needed: more of them the more rows there are', () => {
  // None of 20 against k of 10: 210 of 27,405 tables, 252 of 142,506, 210 of 593,775.
  const find = (rows: number) => findLeastLossyRounds({ before: 20, after: 10 }, rows)
  expect([find(1), find(2), find(5), find(6), find(28)]).toEqual([4, 5, 5, 6, 6])
  expect(findLeastLossyRounds({ before: 20, after: 1 }, 1)).toBeNull()
})

test('rows that one side alone has: are named, and nothing is concluded from them', () => {
  const before = simulateBaseline('before', shipped, { rounds: 2, seed: 15 })
  const after = simulateBaseline('after', { mine: shipped.naive }, { rounds: 2, seed: 16 })
  expect(formatBaselineComparison(compareBaselines(before, after))).toEqual([
    'Nothing in common with before.',
    'Not measured now: rollout × naive, rollout × sleep and rollout × graceful.',
    'Not measured before: rollout × mine.',
  ])
})

/** A baseline with one row: the first `lossy` of its rounds lost `lost` requests each, the others none. */
function buildLossy(rounds: number, lossy: number, lost = 3): Baseline {
  const { rows, ...rest } = simulateBaseline(`of-${rounds}`, { app: shipped.graceful }, { rounds, seed: 1 })
  const all = rows[0]!.rounds.map((round, place) => ({ ...round, lost: place < lossy ? lost : 0 }))
  return { ...rest, rows: [{ ...rows[0]!, rounds: all }] }
}

test('rounds that are said to decide: do, where they lose like those that were seen', () => {
  const broken: string[] = []
  let promised = 0
  for (const base of [5, 10, 20]) {
    for (let was = 0; was <= base; was++) {
      for (const [rounds, lossy] of [
        [3, 0],
        [3, 1],
        [3, 3],
        [5, 2],
        [5, 5],
        [10, 4],
        [10, 6],
        [10, 9],
        [10, 10],
      ] as const) {
        const needed = compareBaselines(buildLossy(base, was), buildLossy(rounds, lossy)).rows[0]!.roundsNeeded
        if (needed === null) continue
        promised++
        const later = buildLossy(needed, Math.round((lossy / rounds) * needed))
        const { change } = compareBaselines(buildLossy(base, was), later).rows[0]!
        if (change === '~') broken.push(`${was} of ${base}, then ${lossy} of ${rounds}: not in ${needed}`)
      }
    }
  }
  expect(promised).toBeGreaterThan(50)
  expect(broken).toEqual([])
})

test('a difference that is too small to be called one: more rounds before are not asked for', () => {
  const [, line] = formatBaselineComparison(compareBaselines(buildLossy(20, 19), buildLossy(20, 20)))
  expect(line).toMatch(/was 19 of 20\), p = \d(\.\d+)?$/)
})

test('a mean of a few losses in many rounds: does not read as none', () => {
  expect(formatBaselineComparison(compareBaselines(buildLossy(30, 0), buildLossy(30, 1, 1)))[1]).toContain(
    'lost per round 0 → 0.033 (in 1 of 30 rounds, was 0 of 30)',
  )
})

test('a comparison as a baseline: its judged rounds with their figures, the others counted', () => {
  const whole = changeComparison(buildSampleComparison(3), (analysis, { round }) =>
    round === 2 ? withDisturbance('the driver was late', analysis) : {},
  )
  const { rows } = buildBaseline('20261124-120000', whole.runs)
  expect(rows.map(({ configuration, rounds, unjudged }) => [configuration, rounds.length, unjudged])).toEqual(
    whole.rows.map(({ configuration }) => [configuration, 2, 1]),
  )
  const [naive] = rows
  expect(naive?.rounds.map(({ lost }) => lost)).toEqual(
    whole.runs
      .slice(0, 3)
      .filter((_, index) => index !== 1)
      .map(({ analysis }) => analysis.losses.length),
  )
  expect(naive?.conditions).toMatchObject({
    cluster: 'local',
    load: { ratePerSecond: 200, replicas: 3, via: 'service' },
  })
})

/** One row whose rounds are so. */
function buildRounds(comparison: string, rounds: readonly Partial<BaselineRound>[]): Baseline {
  const { rows, ...rest } = simulateBaseline(comparison, { app: shipped.graceful }, { rounds: rounds.length, seed: 41 })
  const changed = rows.map((row) => ({
    ...row,
    rounds: row.rounds.map((one, place) => ({ ...one, ...rounds[place] })),
  }))
  return { ...rest, rows: changed }
}

/** `count` rounds, of which the last have `last` in place of `usual`. */
function repeatRounds<T>(count: number, usual: T, ...last: T[]): T[] {
  return [...Array.from({ length: count - last.length }, () => usual), ...last]
}

const slowBy = (p99Us: number): Partial<BaselineRound> => ({
  latency: { p50Us: 101_000, p90Us: 104_000, p99Us, maxUs: 30_000_000 },
})

test.each<[what: string, before: Partial<BaselineRound>[], after: Partial<BaselineRound>[], says: RegExp]>([
  [
    'in every round, where one burst was larger than all of it',
    repeatRounds(10, { lost: 0 }, { lost: 1_000 }),
    repeatRounds(10, { lost: 1 }),
    /: worse: lost in a median round 0 → 1 \(in 10 of 10 rounds, was 1 of 10\), p = [\d.]+$/,
  ],
  [
    'in more rounds, still fewer than half of them',
    repeatRounds(100, { lost: 0 }, { lost: 1_000 }),
    repeatRounds(100, { lost: 0 }, ...repeatRounds(40, { lost: 1 })),
    /: worse: losses in 40 of 100 rounds, was 1 of 100, p < 0\.0001$/,
  ],
  [
    'in more rounds, of the same mean',
    repeatRounds(10, { lost: 0 }, { lost: 10 }),
    repeatRounds(10, { lost: 1 }),
    /: worse: lost in a median round 0 → 1 /,
  ],
  [
    'slower, where one round was slower still',
    repeatRounds(10, slowBy(110_000), slowBy(20_000_000)),
    repeatRounds(10, slowBy(200_000)),
    /: worse: p99 of a median round 110 ms → 200 ms, p = [\d.]+$/,
  ],
])('a word and its figure agree: worse %s', (_, before, after, says) => {
  const comparison = compareBaselines(buildRounds('before', before), buildRounds('after', after))
  expect(formatBaselineComparison(comparison)[1]).toMatch(says)
})

test('a word and its figure agree: whatever was lost', () => {
  const bursts = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 50, 1_000), { minLength: 8, maxLength: 14 })
  const share = fc.constantFrom(0, 1, 5)
  const agrees = fc.property(bursts, bursts, share, (before, after, more) => {
    const toRounds = (lost: number[], by: number): Partial<BaselineRound>[] => lost.map((one) => ({ lost: one + by }))
    const { rows } = compareBaselines(buildRounds('a', toRounds(before, 0)), buildRounds('b', toRounds(after, more)))
    const { change, ...lost } = rows[0]!.figures.find(({ figure }) => figure === 'lost')!
    return change === '~' || (change === 'worse') === lost.after > lost.before
  })
  expect(fc.check(agrees).counterexample).toBeNull()
})
