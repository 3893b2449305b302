/**
 * Matchers for vitest, by `import 'nodrop/vitest'`: `expect(run).toLoseNoRequests()`, `.toStayUnder({ p99Ms: 250 })`, `.toHaveMargin({
 * atLeastMs: 500 })`, where `run` is a result of `lab.run`. A run without a verdict fails a matcher and also its `.not`.
 */
import { expect } from 'vitest'
import { decideLatency, decideLoss, decideMargin } from './judge-result.ts'
import type { Decision, LatencyLimits, MarginLimit } from './judge-result.ts'
import type { RunResult } from './run-result.ts'

interface RunMatchers<R, _> {
  /** No request of any round was lost. */
  toLoseNoRequests(): R
  /** The median over rounds of each round's quantile is below its limit. */
  toStayUnder(limits: LatencyLimits): R
  /** Every pod that left still answered for at least this long after its last new connection had come. */
  toHaveMargin(limit: MarginLimit): R
}

declare module 'vitest' {
  // The same type parameters as in vitest, so that the declarations merge.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends RunMatchers<R, T> {}
}

interface MatcherState {
  isNot?: boolean
}

interface MatcherAnswer {
  pass: boolean
  message: () => string
}

function buildAnswer({ isNot = false }: MatcherState, what: string, { holds, says, lines }: Decision): MatcherAnswer {
  const wanted = `expected the run ${isNot ? 'not ' : ''}${what}`
  return {
    // Without evidence both fail.
    pass: holds ?? isNot,
    message: () => [`${wanted}, but ${says}`, ...lines.map((line) => `  ${line}`)].join('\n'),
  }
}

expect.extend({
  toLoseNoRequests(run: unknown) {
    return buildAnswer(this, 'to lose no requests', decideLoss(requireRun(run)))
  },
  toStayUnder(run: unknown, limits: LatencyLimits) {
    return buildAnswer(this, `to stay under ${JSON.stringify(limits)}`, decideLatency(requireRun(run), limits))
  },
  toHaveMargin(run: unknown, limit: MarginLimit) {
    return buildAnswer(this, `to have a margin of at least ${limit.atLeastMs} ms`, decideMargin(requireRun(run), limit))
  },
})

function requireRun(value: unknown): RunResult {
  if (typeof value === 'object' && value !== null && 'row' in value && 'analyses' in value) return value as RunResult
  throw new TypeError('Cannot judge what is no result of lab.run: await it first')
}
