/** Published examples of each statistic, with the published digits. */
import { testShareIsSmaller } from '../../judge/statistics/boschloo.ts'
import { countRoundsForBound } from '../../judge/statistics/certainty.ts'
import { computeMedianInterval, computeShareInterval } from '../../judge/statistics/exact-binomial.ts'
import { adjustByHolm, testPairsDiffer, testSharesDiffer } from '../../judge/statistics/exact-tests.ts'
import type { Share } from '../../judge/statistics/exact-tests.ts'

export interface PublishedExample {
  statistic: string
  example: string
  source: string
  /** Numbers as printed there, separated by blanks. */
  published: string
  compute: () => number[]
}

type Table = [events: number, trials: number, otherEvents: number, otherTrials: number]

function toShares([events, trials, otherEvents, otherTrials]: Table): [Share, Share] {
  return [
    { events, trials },
    { events: otherEvents, trials: otherTrials },
  ]
}

function listFisherExamples(): PublishedExample[] {
  const examples: [example: string, source: string, table: Table, published: string][] = [
    ['tea tasted, 3 of 4 cups', 'Agresti, Categorical Data Analysis, 3.5.2', [3, 4, 1, 4], '0.486'],
    ["twins of convicts, Lange's", "R, fisher.test, Fisher's data of 1962", [2, 17, 10, 13], '0.0005367'],
  ]
  return examples.map(([example, source, table, published]) => ({
    statistic: "Fisher's exact test",
    example,
    source,
    published,
    compute: () => [testSharesDiffer(...toShares(table))],
  }))
}

function listBoschlooExamples(): PublishedExample[] {
  // From R's package Exact, one-sided, to the seven decimals with which SciPy checks its own test: R adds the probability that the common
  // share lies outside the interval in which it searches for the largest probability.
  const examples: [table: Table, published: string][] = [
    [[2, 10, 7, 9], '0.0098861'],
    [[5, 15, 1, 11], '0.9450994'],
    [[5, 25, 16, 41], '0.0582735'],
    [[10, 20, 5, 6], '0.0856561'],
    [[0, 3, 1, 3], '0.3437500'],
    [[7, 15, 12, 15], '0.0341092'],
    [[10, 35, 24, 61], '0.1512882'],
  ]
  return examples.map(([table, published]) => ({
    statistic: "Boschloo's test, one-sided",
    example: `${table[0]} of ${table[1]}, ${table[2]} of ${table[3]}`,
    source: 'R, package Exact; tests of SciPy, boschloo_exact',
    published,
    compute: () => [testShareIsSmaller(...toShares(table))],
  }))
}

/** Differences of height of 15 pairs, in eighths of an inch. */
const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]

const permutationExamples: PublishedExample[] = [
  {
    statistic: 'permutation of pairs',
    example: "Darwin's maize, one side of 32,768",
    source: 'Fisher, The Design of Experiments, 21',
    published: '863',
    compute: () => [(testPairsDiffer(maize) / 2) * 2 ** 15],
  },
  {
    statistic: 'permutation of pairs',
    example: "Darwin's maize, per cent, two-sided",
    source: 'Fisher, The Design of Experiments, 21',
    published: '5.267',
    compute: () => [testPairsDiffer(maize) * 100],
  },
]

const holmExamples: PublishedExample[] = [
  {
    statistic: "Holm's adjustment",
    example: '0.01, 0.04, 0.03, 0.005',
    source: 'R, p.adjust',
    published: '0.03 0.06 0.06 0.02',
    compute: () => adjustByHolm([0.01, 0.04, 0.03, 0.005]),
  },
]

function listIntervalExamples(): PublishedExample[] {
  const shares: [events: number, trials: number, published: string][] = [
    [81, 263, '0.2527 0.3676'],
    [15, 148, '0.0578 0.1617'],
    [0, 20, '0.0000 0.1684'],
    [1, 29, '0.0009 0.1776'],
  ]
  // Critical values of the sign test at 5 %, two-sided, plus one: the rank below.
  const medians: [samples: number, published: string][] = [
    [10, '2 9'],
    [15, '4 12'],
    [20, '6 15'],
    [25, '8 18'],
    [50, '18 33'],
  ]
  return [
    ...shares.map(([events, trials, published]) => ({
      statistic: 'Clopper-Pearson interval',
      example: `${events} of ${trials}`,
      source: 'Newcombe, Statistics in Medicine 17 (1998), table I',
      published,
      compute: (): number[] => {
        const { low, high } = computeShareInterval(events, trials)
        return [low, high]
      },
    })),
    ...medians.map(([samples, published]) => ({
      statistic: 'interval of the median, ranks',
      example: `${samples} samples`,
      source: 'Dixon and Mood, JASA 41 (1946), sign test',
      published,
      compute: (): number[] => {
        const ranks = computeMedianInterval(Array.from({ length: samples }, (_, place) => place + 1))
        return ranks === null ? [] : [ranks.low, ranks.high]
      },
    })),
  ]
}

/** 95 % confidence that at least 90, 95 and 99 per cent are on one side of the extreme sample. */
const boundExamples: PublishedExample[] = [
  {
    statistic: 'trials without an event',
    example: 'for bounds of 10 %, 5 % and 1 %',
    source: 'Somerville, Annals of Math. Statistics 29 (1958)',
    published: '29 59 299',
    compute: () => [0.1, 0.05, 0.01].map(countRoundsForBound),
  },
]

export const publishedExamples: readonly PublishedExample[] = [
  ...listFisherExamples(),
  ...listBoschlooExamples(),
  ...permutationExamples,
  ...holmExamples,
  ...listIntervalExamples(),
  ...boundExamples,
]

/** Our results, with as many digits as were published. */
export function computeWithDigits({ published, compute }: PublishedExample): string {
  const digits = published.split(' ').map((number) => number.split('.')[1]?.length ?? 0)
  return compute()
    .map((value, place) => value.toFixed(digits[place] ?? 0))
    .join(' ')
}
