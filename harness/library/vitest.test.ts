import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { judgeDirectory } from '../judge/judge-directory.ts'
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

/** What the failure of an expectation says. */
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
  /** The run, with this margin at the tightest of its pods. */
  const withMargin = (more: Partial<typeof fresh>): RunResult => {
    const pod = { pod: 'web-1', deletionUs: 0, kept: null, upstream: null, endedBy: null, fresh: { ...fresh, ...more } }
    const margin = { tightest: pod, round: 1, fromUs: 0, toUs: 0, pods: 1 }
    return { ...lossless, row: { ...lossless.row, margin, cause: ['nginx answers longer.'] } }
  }

  test('holds, or does not, where that is so whichever way the error goes', () => {
    expect(withMargin({})).toHaveMargin({ atLeastMs: 480 })
    expect(withMargin({})).not.toHaveMargin({ atLeastMs: 521 })
    expect(withMargin({ marginUs: -950_000 })).not.toHaveMargin({ atLeastMs: 0 })
    expect(fail(() => expect(withMargin({})).toHaveMargin({ atLeastMs: 521 }))).toBe(
      'expected the run to have a margin of at least 521 ms, but that of pod web-1 is 500 ms ± 20 ms\n  nginx answers longer.',
    )
  })

  test.each([
    ['within the error of the limit', withMargin({}), /too near to the limit/],
    [
      'of a pod to which later connections may have come',
      withMargin({ atLeast: true, marginUs: 900_000 }),
      /later connections/,
    ],
  ])('one %s decides nothing', (_, run, reason) => {
    expect(fail(() => expect(run).toHaveMargin({ atLeastMs: 500 }))).toMatch(reason)
    expect(fail(() => expect(run).not.toHaveMargin({ atLeastMs: 500 }))).toMatch(reason)
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

test('what is no result is refused: a run that was not awaited, for example', () => {
  expect(fail(() => expect(Promise.resolve(lossless)).toLoseNoRequests())).toMatch(/await it first/)
})
