import { describe, expect, test } from 'vitest'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { buildRefused, servedAt, stepAt } from '../../testing/samples/records.ts'
import { buildLog, buildPlan, buildRolloutLog, second } from '../../testing/samples/rollout-log.ts'
import { analyseRun } from './analyse-run.ts'
import { compareConfigurations } from './compare-configurations.ts'
import { createAnalysisWithoutLog } from './withdraw-verdict.ts'

interface Run {
  plan: RunPlan
  analysis: Analysis
}

/** A run that lost this many requests of the 1,000 from 4.05 s on, and sent all of them late; `extra` records follow. */
async function createRun(
  name: string,
  round: number,
  lost: number,
  { extra = [], attempt = 1, lateUs = 0 }: { extra?: LogRecord[]; attempt?: number; lateUs?: number } = {},
): Promise<Run> {
  const configuration = { name, expects: name === 'graceful' ? ('loses-none' as const) : ('loses' as const) }
  const runId = `${name}-${round}-${attempt}`
  const plan = { ...buildPlan({}, configuration), runId, round, ...(attempt > 1 && { attempt }) }
  const first = 305
  const records = buildRolloutLog((request) =>
    request.seq >= first && request.seq < first + lost
      ? buildRefused({ seq: request.seq, dueUs: request.dueUs })
      : delayRequest(request, lateUs),
  )
  const own = records.map((record) => (record.type === 'begin' ? { ...record, runId: plan.runId } : record))
  return { plan, analysis: await analyseRun(plan, buildLog([...own, ...extra])) }
}
function delayRequest(request: RequestRecord, us: number): RequestRecord {
  const late = (atUs: number | null): number | null => atUs && atUs + us
  const [sentUs, connectedUs, firstByteUs] = [request.sentUs, request.connectedUs, request.firstByteUs].map(late)
  return { ...request, sentUs, connectedUs, firstByteUs, settledUs: request.settledUs + us } as RequestRecord
}
const compareRuns = (runs: readonly Run[]) => compareConfigurations(runs)
const interrupted = [stepAt(9 * second, 'interrupted')]

test('rows: one for each configuration, in the order of plans and rounds', async () => {
  const runs = await Promise.all([
    createRun('naive', 2, 7),
    createRun('graceful', 1, 0),
    createRun('naive', 1, 3),
    createRun('graceful', 2, 0),
    createRun('naive', 3, 0),
  ])
  const [naive, graceful, ...others] = compareRuns(runs)
  expect(others).toEqual([])
  expect(naive).toMatchObject({
    configuration: 'naive',
    judged: 3,
    roundsWithLoss: 2,
    sent: 3_000,
    lost: 10,
    rounds: [{ lost: 3 }, { lost: 7 }, { lost: 0 }],
    outcomes: [{ outcome: 'refused', count: 10 }],
    longestOutageUs: 70_000,
    noun: 'rollout',
    lostPerDisruption: { median: 3, min: 0, max: 7, rounds: 3 },
    lossFigures: {
      secondsWithLosses: { median: 1, min: 0, max: 1, rounds: 3 },
      worstSecond: { fromUs: 4 * second, due: 100, lost: 7 },
      lostInSpan: 10,
      dueInSpan: 720,
    },
    result: {
      verdict: 'failed',
      held: true,
      missing: 0,
      because: ['10 of 3,000 requests were lost, in 2 of 3 rounds'],
    },
    account: null,
    sentence:
      '10 of 3,000 requests lost in 2 of 3 rollouts, a median of 3 (0–7) (1.4 % of those due while pods left): 10 refused',
  })
  expect(graceful).toMatchObject({ lost: 0, p50Us: 100_000, longestOutageUs: 0 })
  expect(graceful?.result).toMatchObject({ held: true, verdict: 'passed' })
})

test('a zero is bounded in requests and in disruptions', async () => {
  const runs = await Promise.all(Array.from({ length: 10 }, (_, index) => createRun('graceful', index + 1, 0)))
  expect(compareRuns(runs)[0]?.sentence).toBe(
    '0 of 10,000 requests lost in 10 rollouts: fewer than 1 in 3,338 requests, fewer than 26 % of rollouts, at 95 %; no new connection reached a leaving pod after its deletion',
  )
})

test('one round says what its analysis says', async () => {
  const run = await createRun('graceful', 1, 0)
  expect(compareRuns([run])[0]).toMatchObject({ sentence: run.analysis.sentence, account: null })
  expect(compareRuns([run])[0]?.result.because).toEqual(run.analysis.because)
})

test('a round ended early: no verdict, unless another has lost requests', async () => {
  const [row] = compareRuns([
    await createRun('graceful', 1, 0),
    await createRun('graceful', 2, 0, { extra: interrupted }),
  ])
  expect(row).toMatchObject({
    judged: 1,
    result: { held: null, verdict: 'unknown', missing: 1, because: ['round 2: the run was interrupted'] },
    account: '1 of 2 rounds judged; missing: round 2 (the run was interrupted)',
    sentence: 'No verdict: round 2: the run was interrupted',
  })
  const [proved] = compareRuns([
    await createRun('graceful', 1, 2),
    await createRun('graceful', 2, 0, { extra: interrupted }),
  ])
  expect(proved).toMatchObject({
    sent: 1_000,
    result: { held: false, verdict: 'failed', missing: 1, because: ['2 of 1,000 requests were lost, in 1 of 1 round'] },
    sentence:
      '2 of 1,000 requests lost in 1 of 1 rollout (0.83 % of those due while pods left): 2 refused; 1 of 2 rounds judged',
  })
})

describe('a disturbed round', () => {
  const gap: LogRecord[] = [{ type: 'gap', t: 5 * second, from: 4 * second, what: 'pods', why: 'the watch broke' }]
  const createDisturbed = (round: number, attempt = 1): Promise<Run> =>
    createRun('graceful', round, 0, { extra: gap, attempt })
  const createClean = async (...rounds: number[]): Promise<Run[]> =>
    await Promise.all(rounds.map((round) => createRun('graceful', round, 0)))
  const why = 'nothing was seen of pods for 1 s: the watch broke'

  test('is left out with its reason while three and half of the rounds remain', async () => {
    const [row] = compareRuns([...(await createClean(1, 2, 4)), await createDisturbed(3)])
    expect(row).toMatchObject({
      judged: 3,
      sent: 3_000,
      result: { verdict: 'passed', held: true, missing: 0 },
      account: `3 of 4 rounds judged; left out: round 3 (${why})`,
    })
    expect(row?.rounds[2]).toMatchObject({ round: 3, state: 'left-out', because: why })
    expect(row?.sentence).toMatch(/^0 of 3,000 requests lost in 3 rollouts: .*; 3 of 4 rounds judged$/)
  })

  test.each([
    { rounds: 2, left: 1, verdict: 'unknown' },
    { rounds: 4, left: 1, verdict: 'passed' },
    { rounds: 4, left: 2, verdict: 'unknown' },
    { rounds: 6, left: 3, verdict: 'passed' },
    { rounds: 7, left: 3, verdict: 'passed' },
    { rounds: 7, left: 4, verdict: 'unknown' },
  ])('of $rounds rounds $left left out: $verdict', async ({ rounds, left, verdict }) => {
    const numbers = Array.from({ length: rounds }, (_, index) => index + 1)
    const runs = [
      ...(await createClean(...numbers.slice(left))),
      ...(await Promise.all(numbers.slice(0, left).map((round) => createDisturbed(round)))),
    ]
    const [row] = compareRuns(runs)
    expect(row?.result).toMatchObject({ verdict, held: verdict === 'passed' ? true : null })
    if (verdict === 'unknown')
      expect(row?.sentence).toMatch(/^No verdict: \d of \d rounds could be judged, \d are needed$/)
  })

  test('counts as what its repetition was judged', async () => {
    const [row] = compareRuns([
      ...(await createClean(1, 2)),
      await createDisturbed(3),
      await createRun('graceful', 3, 0, { attempt: 2 }),
    ])
    expect(row).toMatchObject({
      judged: 3,
      sent: 3_000,
      result: { verdict: 'passed' },
      account: `3 of 3 rounds judged; repeated: round 3 (${why})`,
    })
    expect(row?.rounds[2]).toMatchObject({ runIds: ['graceful-3-1', 'graceful-3-2'], runId: 'graceful-3-2' })
    const [lossy] = compareRuns([
      ...(await createClean(1, 2)),
      await createDisturbed(3),
      await createRun('graceful', 3, 4, { attempt: 2 }),
    ])
    expect(lossy?.result).toMatchObject({ verdict: 'failed', held: false })
  })

  test('still disturbed: left out once; a missing repetition changes nothing', async () => {
    const [row] = compareRuns([...(await createClean(1, 2, 4)), await createDisturbed(3), await createDisturbed(3, 2)])
    expect(row?.account).toBe(`3 of 4 rounds judged; left out: round 3 (${why}; 2 runs)`)
    const again = await createRun('graceful', 3, 0, { attempt: 2 })
    const never = {
      ...again,
      analysis: await createAnalysisWithoutLog(again.plan, 'never-began', 'the run did not happen'),
    }
    const [other] = compareRuns([...(await createClean(1, 2, 4)), await createDisturbed(3), never])
    expect(other).toMatchObject({ judged: 3, result: { verdict: 'passed', missing: 0 } })
  })

  test('is told with its reason as long as there are few', async () => {
    const because = (round: number): Partial<Analysis> => ({ because: [`late by ${round} ms`] })
    const late = await Promise.all([1, 2, 3, 4, 5].map((round) => createDisturbed(round)))
    const [row] = compareRuns(
      late.map((run) => ({ ...run, analysis: { ...run.analysis, ...because(run.plan.round) } })),
    )
    expect(row?.account).toBe(
      '0 of 5 rounds judged; left out: round 1 (late by 1 ms), round 2 (late by 2 ms), round 3 (late by 3 ms), rounds 4, 5 (for other reasons)',
    )
  })

  test('single round: tried once more; the sentence is of the run that counts', async () => {
    const again = await createRun('graceful', 1, 0, { attempt: 2 })
    const [row] = compareRuns([await createDisturbed(1), again])
    expect(row).toMatchObject({
      sentence: again.analysis.sentence,
      result: { verdict: 'passed' },
      account: `1 of 1 round judged; repeated: round 1 (${why})`,
    })
  })
})

test('a contradicted round is never left out: no verdict until repeated', async () => {
  const unsent = [servedAt(5 * second, { pod: 'old-b', container: 'nginx' }, { seq: 5_000 })]
  const odd = await createRun('graceful', 4, 0, { extra: unsent })
  const others = await Promise.all([1, 2, 3].map((round) => createRun('graceful', round, 0)))
  const because = odd.analysis.because[0]
  expect(because).toMatch(/1 request that no client sent/)
  expect(compareRuns([...others, odd])[0]).toMatchObject({
    judged: 3,
    rounds: [{}, {}, {}, { state: 'contradicted', because }],
    result: { verdict: 'unknown', held: null, because: [`round 4: ${because}`] },
    account: `3 of 4 rounds judged; contradicted: round 4 (${because})`,
  })
  const again = await createRun('graceful', 4, 0, { attempt: 2 })
  expect(compareRuns([...others, odd, again])[0]?.result).toMatchObject({ verdict: 'passed', held: true })
  expect(compareRuns([await createRun('graceful', 1, 2), odd])[0]?.result).toMatchObject({
    verdict: 'failed',
    held: false,
  })
})

test('latencies that cannot be told of a round are not among those of its row', async () => {
  const onTime = await createRun('naive', 1, 3)
  const late = await createRun('naive', 2, 3, { lateUs: 400_000 })
  expect(late.analysis.voided).toContain('how-late')
  expect(late.analysis.latency.p99Us).toBe(500_000)
  expect(compareRuns([onTime, late])[0]).toMatchObject({ judged: 2, p50Us: 100_000, p99Us: 100_000 })
  expect(compareRuns([late])[0]).toMatchObject({ judged: 1, p50Us: null, p99Us: null })
})

test('rounds that never happened are told together', async () => {
  const runs = await Promise.all([1, 2, 3, 4].map((round) => createRun('graceful', round, 0)))
  const some = await Promise.all(
    runs.map(async (run) =>
      run.plan.round < 3
        ? run
        : { ...run, analysis: await createAnalysisWithoutLog(run.plan, 'never-began', 'the run did not happen') },
    ),
  )
  expect(compareRuns(some)[0]).toMatchObject({
    result: { verdict: 'unknown', missing: 2, because: ['rounds 3, 4: the run did not happen'] },
    account: '2 of 4 rounds judged; missing: rounds 3, 4 (the run did not happen)',
    sent: 2_000,
  })
})

test('a configuration that should lose and never does has not held', async () => {
  const runs = [await createRun('naive', 1, 0), await createRun('naive', 2, 0)]
  expect(compareRuns(runs)[0]).toMatchObject({ result: { held: false, verdict: 'passed' } })
})
