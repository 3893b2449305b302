import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { judgeDirectory } from '../judge/judge-directory.ts'
import type { FreshMargin, PodMargin } from '../model/figures/margin.ts'
import { getRecordedDir } from '../testing/recorded-runs.ts'
import { toRunResult } from './run-result.ts'
import type { RunResult } from './run-result.ts'
import './vitest.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-matchers-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function judgeCopy(name: string, hasLog = true): Promise<RunResult> {
  const directory = join(folder, `${name}-${hasLog}`)
  cpSync(getRecordedDir(name), directory, { recursive: true, filter: (path) => hasLog || !path.includes('events') })
  return toRunResult(await judgeDirectory(directory), directory)
}

const lossless = await judgeCopy('rollout-graceful-local')
const lossy = await judgeCopy('rollout-naive-local')
const unjudged = await judgeCopy('rollout-graceful-local', false)

/** The message of the failed expectation. */
function fail(expectation: () => void): string {
  try {
    expectation()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('It did not fail')
}

describe('toLoseNoRequests', () => {
  test('passes for a run that lost none, and its opposite fails with the sentence of the run', () => {
    expect(lossless).toLoseNoRequests()
    expect(fail(() => expect(lossless).not.toLoseNoRequests())).toBe(
      `expected the run not to lose no requests, but ${lossless.sentence}`,
    )
  })

  test('a failure names kinds, pods and moments, and its lines add up to what was lost', () => {
    expect(lossy).not.toLoseNoRequests()
    const [first, ...lines] = fail(() => expect(lossy).toLoseNoRequests()).split('\n')
    expect(first).toBe(`expected the run to lose no requests, but ${lossy.sentence}`)
    expect(lines.every((line) => /^ {2}\d+ [a-z-]+: (pod web-\S+, .+ after \S+|pod not known)/.test(line))).toBe(true)
    const counts = lines.map((line) => Number(/\d+/.exec(line)?.[0]))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(lossy.row.lost)
    expect(counts).toEqual(counts.toSorted((a, b) => b - a))
  })
})

describe('toStayUnder', () => {
  const p99Ms = (lossless.row.p99Us ?? 0) / 1000

  test('passes below every limit, and fails at one', () => {
    expect(lossless).toStayUnder({ p50Ms: p99Ms, p99Ms: p99Ms + 0.001 })
    expect(lossless).not.toStayUnder({ p99Ms })
    expect(fail(() => expect(lossless).toStayUnder({ p50Ms: 60_000, p99Ms }))).toMatch(
      /but p99 is over its limit\n {2}p50: .*\n {2}p99: /,
    )
  })

  test('without a verdict, or where latencies of a round may not be told, nothing is decided', () => {
    const [round] = lossless.row.rounds
    const { latency: _, ...untimed } = { ...round!, round: 2 }
    const late: RunResult = { ...lossless, row: { ...lossless.row, rounds: [round!, untimed] } }
    const doubtful: RunResult = { ...lossless, verdict: 'unknown', because: ['1 of 5 rounds could be judged'] }
    for (const [run, reason] of [
      [late, /the latencies of round 2 are not known/],
      [doubtful, /there is no verdict: 1 of 5 rounds could be judged/],
    ] as const) {
      expect(fail(() => expect(run).toStayUnder({ p99Ms: 60_000 }))).toMatch(reason)
      expect(fail(() => expect(run).not.toStayUnder({ p99Ms }))).toMatch(reason)
    }
  })

  test('without a limit it is refused', () => {
    expect(fail(() => expect(lossless).toStayUnder({}))).toMatch(/needs a limit/)
  })
})

describe('toHaveMargin', () => {
  const fresh = {
    connectingUs: 400_000,
    source: 'kernel' as const,
    atLeast: false,
    answeringUs: 900_000,
    marginUs: 500_000,
    errorUs: 20_000,
  }
  /** The run, with pods of these margins; other margins are unknown. */
  const withMargins = (...of: (Partial<FreshMargin> | null)[]): RunResult => {
    const margins = of.map((more, index): PodMargin => {
      const pod = { pod: `web-${index + 1}`, deletionUs: 0, kept: null, upstream: null, endedBy: null }
      return { ...pod, fresh: more && { ...fresh, ...more } }
    })
    const analyses = lossless.analyses.map((analysis) => ({ ...analysis, margins }))
    return { ...lossless, analyses, row: { ...lossless.row, cause: ['nginx answers longer.'] } }
  }

  test('holds, or does not, where that is so whichever way the error goes', () => {
    expect(withMargins({})).toHaveMargin({ atLeastMs: 480 })
    expect(withMargins({})).not.toHaveMargin({ atLeastMs: 521 })
    expect(withMargins({ marginUs: -950_000 })).not.toHaveMargin({ atLeastMs: 0 })
    expect(fail(() => expect(withMargins({})).toHaveMargin({ atLeastMs: 521 }))).toBe(
      'expected the run to have a margin of at least 521 ms, but that of pod web-1 is 500 ms ± 20 ms\n  nginx answers longer.',
    )
  })

  test.each([
    ['one within the error of the limit', withMargins({}), /too near to the limit/],
    [
      'one of a pod to which later connections may have come',
      withMargins({ atLeast: true, marginUs: 900_000 }),
      /later connections/,
    ],
    [
      'one below the limit of a pod that may have answered for longer',
      withMargins({ answeringAtLeast: true, marginUs: 100_000 }),
      /web-1 is 100 ms ± 20 ms or more/,
    ],
    ['one that is not known', withMargins({ marginUs: 900_000 }, null), /that of pod web-2 is not known/],
    [
      'one of another pod than the tightest',
      withMargins({ marginUs: 900_000, atLeast: true }, { marginUs: 800_000 }),
      /web-1 .*later connections/,
    ],
    ['no pod that left', withMargins(), /no pod left/],
    ['no verdict', { ...withMargins({ marginUs: 900_000 }), verdict: 'unknown' as const }, /there is no verdict/],
  ])('%s decides nothing', (_, run, reason) => {
    expect(fail(() => expect(run).toHaveMargin({ atLeastMs: 500 }))).toMatch(reason)
    expect(fail(() => expect(run).not.toHaveMargin({ atLeastMs: 500 }))).toMatch(reason)
  })

  test('one pod below the limit is enough, also where others are not known', () => {
    const run = withMargins({ marginUs: 50_000, answeringAtLeast: true }, null, { marginUs: 100_000 })
    expect(run).not.toHaveMargin({ atLeastMs: 500 })
    expect(fail(() => expect(run).toHaveMargin({ atLeastMs: 500 }))).toContain('that of pod web-3 is 100 ms')
  })

  test('a run that was repeated, and does not count, decides nothing', () => {
    const [counted] = withMargins({ marginUs: 900_000 }).analyses
    const left = { ...withMargins({ marginUs: -900_000 }).analyses[0]!, runId: 'left-out' }
    expect({ ...lossless, analyses: [left, counted!] }).toHaveMargin({ atLeastMs: 500 })
  })
})

test.each([
  ['toLoseNoRequests', undefined],
  ['toStayUnder', { p99Ms: 60_000 }],
  ['toHaveMargin', { atLeastMs: 1 }],
] as const)('%s: a run without a verdict fails it and its opposite, with the reason', (matcher, limit) => {
  expect(unjudged.verdict).toBe('unknown')
  const judge = (expectation: object): unknown =>
    (expectation as Record<string, (limit?: object) => unknown>)[matcher]?.(limit)
  const messages = [fail(() => void judge(expect(unjudged))), fail(() => void judge(expect(unjudged).not))]
  for (const message of messages) expect(message).toContain(unjudged.because[0])
})

test.each([
  ['that of a missing setting', Number(undefined)],
  ['that of a gate', '<250ms' as unknown as number],
  ['null', null as unknown as number],
  ['infinite', Infinity],
])('a limit that is %s is refused, by a matcher and by its opposite', (_, limit) => {
  for (const expectation of [
    () => expect(lossless).toStayUnder({ p99Ms: limit }),
    () => expect(lossless).not.toStayUnder({ p50Ms: 1, p99Ms: limit }),
    () => expect(lossless).toHaveMargin({ atLeastMs: limit }),
    () => expect(lossless).not.toHaveMargin({ atLeastMs: limit }),
  ])
    expect(fail(expectation)).toMatch(/must be a number of milliseconds/)
})

test('what is no result is refused: a run that was not awaited, for example', () => {
  expect(fail(() => expect(Promise.resolve(lossless)).toLoseNoRequests())).toMatch(/await it first/)
})
