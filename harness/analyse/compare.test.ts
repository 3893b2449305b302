import { expect, test } from 'vitest'
import type { RunPlan } from '../model/plan.ts'
import type { LogRecord } from '../model/record.ts'
import type { Analysis } from '../model/result.ts'
import { refusedOf, stepAt } from '../testing/records.ts'
import { logOf, planOf, rolloutLog, second } from '../testing/rollout-log.ts'
import { analyse } from './analyse.ts'
import { compare } from './compare.ts'

interface Run {
  plan: RunPlan
  analysis: Analysis
}

/** A run that lost this many requests of the 1,000 from 4.05 s on; `extra` records follow. */
async function runOf(name: string, round: number, lost: number, extra: LogRecord[] = []): Promise<Run> {
  const plan = { ...planOf({}, { name, expects: name === 'graceful' ? 'loses-none' : 'loses' }), round }
  const first = 305
  const records = rolloutLog((request) =>
    request.seq >= first && request.seq < first + lost
      ? refusedOf({ seq: request.seq, dueUs: request.dueUs })
      : request,
  )
  const own = records.map((record) => (record.type === 'begin' ? { ...record, runId: plan.runId } : record))
  return { plan, analysis: await analyse(plan, logOf([...own, ...extra])) }
}
const rowsOf = (runs: readonly Run[]) =>
  compare(
    runs.map(({ analysis }) => analysis),
    runs.map(({ plan }) => plan),
  )
const interrupted = [stepAt(9 * second, 'interrupted')]

test('runs become one row for each configuration, in the order of the plans, rounds in theirs', async () => {
  const runs = await Promise.all([
    runOf('naive', 2, 7),
    runOf('graceful', 1, 0),
    runOf('naive', 1, 3),
    runOf('graceful', 2, 0),
    runOf('naive', 3, 0),
  ])
  const [naive, graceful, ...others] = rowsOf(runs)
  expect(others).toEqual([])
  expect(naive).toMatchObject({
    configuration: 'naive',
    rounds: 3,
    roundsWithLoss: 2,
    sent: 3_000,
    lost: 10,
    lostByRound: [3, 7, 0],
    outcomes: [{ outcome: 'refused', count: 10 }],
    longestOutageUs: 70_000,
    held: true,
    verdict: 'failed',
    because: ['10 of 3,000 requests were lost, in 2 of 3 rounds'],
    sentence: '10 of 3,000 requests lost in 2 of 3 rollouts (0.3 %): 10 refused',
  })
  expect(graceful).toMatchObject({ held: true, verdict: 'passed', lost: 0, p50Us: 100_000, longestOutageUs: 0 })
})

test('a zero is bounded in requests and in disruptions', async () => {
  const runs = await Promise.all(Array.from({ length: 10 }, (_, index) => runOf('graceful', index + 1, 0)))
  expect(rowsOf(runs)[0]?.sentence).toBe(
    '0 of 10,000 requests lost in 10 rollouts: fewer than 1 in 3,338 requests, fewer than 26 % of rollouts, at 95 %; no new connection reached a leaving pod after its deletion',
  )
})

test('one round says what its analysis says', async () => {
  const run = await runOf('graceful', 1, 0)
  expect(rowsOf([run])[0]).toMatchObject({ sentence: run.analysis.sentence, because: run.analysis.because })
})

test('a round without verdict leaves the row without one, unless another has proved a loss', async () => {
  const [row] = rowsOf([await runOf('graceful', 1, 0), await runOf('graceful', 2, 0, interrupted)])
  expect(row).toMatchObject({
    held: null,
    verdict: 'unknown',
    because: ['round 2: the run was interrupted'],
    sentence: 'No verdict: round 2: the run was interrupted',
  })
  const [proved] = rowsOf([await runOf('graceful', 1, 2), await runOf('graceful', 2, 0, interrupted)])
  expect(proved).toMatchObject({ held: null, verdict: 'failed' })
  expect(proved?.because[0]).toBe('2 of 2,000 requests were lost, in 1 of 2 rounds')
})

test('a configuration that should lose and never does has not held', async () => {
  const runs = [await runOf('naive', 1, 0), await runOf('naive', 2, 0)]
  expect(rowsOf(runs)[0]).toMatchObject({ held: false, verdict: 'passed' })
})
