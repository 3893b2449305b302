import { expect, test } from 'vitest'
import type { ContainerMoment, LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { noIdentification } from '../../model/workload.ts'
import { buildRefused } from '../../testing/samples/records.ts'
import { buildLog, buildPlan, buildRolloutLog, ms, second } from '../../testing/samples/rollout-log.ts'
import { computeStopDistanceUs } from './pod-moments.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

const sample = buildPlan()
const plan = { ...sample, workload: { ...sample.workload, identification: noIdentification } }

/** The conclusions about a rollout whose answers name no pod; `change` gets each request. */
function analyseUnnamed(
  change: (request: RequestRecord) => RequestRecord = (request) => request,
  keep: (record: LogRecord) => boolean = () => true,
): Promise<Analysis> {
  const log = buildRolloutLog((request) => change({ ...request, pod: null, previousPod: null }))
  return analyseRun(plan, buildLog(log.filter(keep)))
}

const isDueBetween = ({ dueUs }: RequestRecord, fromUs: number, toUs: number): boolean =>
  dueUs >= fromUs && dueUs < toUs

test('answers without a pod: a rollout that loses nothing passes', async () => {
  const { verdict, claims } = await analyseUnnamed()
  expect(claims.filter(({ holds }) => !holds)).toEqual([])
  expect(verdict).toBe('passed')
})

test('answers without a pod: a pod that was no endpoint is not taken to be met', async () => {
  const isAfterRestart = (record: LogRecord): boolean => record.type === 'endpoints' && record.t > 5 * second
  const { verdict, because } = await analyseUnnamed(undefined, (record) => !isAfterRestart(record))
  expect(verdict).toBe('unknown')
  expect(because[0]).toMatch(/^new-b was no ready endpoint of the Service after the disruption/)
})

test('answers without a pod: a refusal most likely belongs to the pod that was stopping', async () => {
  const { losses } = await analyseUnnamed((request) =>
    isDueBetween(request, 4.05 * second, 4.1 * second)
      ? buildRefused({ seq: request.seq, dueUs: request.dueUs })
      : request,
  )
  // The other one became ready 150 ms before, and has not been seen to serve.
  expect(losses).toHaveLength(5)
  for (const loss of losses) expect(loss).toMatchObject({ pod: 'old-a', candidates: ['old-a', 'new-a'] })
})

test('answers without a pod: a kept connection that was cut belongs to the pod that stopped meanwhile', async () => {
  const cutUs = 4.321 * second
  const { losses } = await analyseUnnamed((request) => {
    if (!isDueBetween(request, 4.3 * second, 4.31 * second)) return request
    const kept = { use: 7, idleUs: 500 * ms, connectedUs: request.sentUs, firstByteUs: null, status: null, bytes: 0 }
    return { ...request, ...kept, outcome: 'reset-before-response', settledUs: cutUs, detail: 'ECONNRESET' }
  })
  expect(losses).toMatchObject([{ pod: 'old-a', attributedBy: 'moment', moment: { name: 'exited' } }])
})

test('answers without a pod: where only Events tell of stops, a cut belongs to the pod that may have stopped then', async () => {
  const cutUs = 9 * second
  const exitAt = (atUs: number, pod: string): LogRecord => {
    const told = { t: atUs, at: atUs, errorUs: 1.4 * second, source: 'event', detail: '137' } as const
    return { type: 'container', pod, container: 'app', moment: 'exited', ...told }
  }
  const isEnd = (record: LogRecord): boolean =>
    record.type === 'container' || (record.type === 'pod' && record.change === 'deleted')
  const log = buildRolloutLog((request) => {
    const named = { ...request, pod: null, previousPod: null }
    if (!isDueBetween(request, 8.99 * second, 9 * second)) return named
    const kept = { use: 7, idleUs: 500 * ms, connectedUs: request.sentUs, firstByteUs: null, status: null, bytes: 0 }
    return { ...named, ...kept, outcome: 'reset-before-response', settledUs: cutUs, detail: 'ECONNRESET' }
  })
  const exits = [exitAt(8.6 * second, 'old-a'), exitAt(10.6 * second, 'old-b')]
  const { losses } = await analyseRun(plan, buildLog([...log.filter((record) => !isEnd(record)), ...exits]))
  // The other one was deleted 2 s later: nearer to the cut.
  expect(losses).toMatchObject([{ pod: 'old-a', candidates: ['old-a', 'old-b'] }])
})

test('answers without a pod: a log with whole seconds does not say that a server listens after its stop', async () => {
  const say = (at: number, moment: ContainerMoment, errorUs: number): LogRecord => {
    const told = { t: at, at, errorUs, source: 'log', detail: null } as const
    return { type: 'container', pod: 'old-a', container: 'app', moment, ...told }
  }
  const told = [say(600 * ms, 'started', 50 * ms), say(4.02 * second, 'stopped-accepting', 1 * second)]
  const log = buildRolloutLog((request) => {
    const { seq, dueUs } = request
    const named = { ...request, pod: null, previousPod: null }
    return isDueBetween(request, 4.05 * second, 4.1 * second) ? buildRefused({ seq, dueUs }) : named
  })
  const { losses } = await analyseRun(plan, buildLog([...log.filter(({ type }) => type !== 'container'), ...told]))
  expect(losses).toHaveLength(5)
  for (const { pod } of losses) expect(pod).toBe('old-a')
})

test('answers without a pod: a deletion that comes later makes no pod the likelier', async () => {
  const { pods } = await analyseUnnamed(undefined, ({ type }) => type !== 'container')
  const [first, second] = pods.filter(({ old }) => old)
  if (!first || !second) throw new Error('Cannot test without two old pods')
  const lostUs = (second.deletionUs ?? 0) - 400 * ms
  expect(computeStopDistanceUs(first, lostUs)).toBeLessThan(computeStopDistanceUs(second, lostUs))
  expect(computeStopDistanceUs(second, (second.deletionUs ?? 0) - 20 * ms)).toBe(20 * ms)
})

test('answers without a pod: pods that are ready for long are not suspected for want of a name', async () => {
  const { losses } = await analyseUnnamed((request) =>
    isDueBetween(request, 9 * second, 9.01 * second)
      ? buildRefused({ seq: request.seq, dueUs: request.dueUs })
      : request,
  )
  expect(losses).toMatchObject([{ pod: null, candidates: [] }])
})
