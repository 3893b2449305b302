import { expect, test } from 'vitest'
import type { LogRecord, PodSnapshot, RequestRecord } from '../model/record.ts'
import { buildRequest } from '../testing/samples/records.ts'
import { LiveRun } from './live.ts'

const createPod = (name: string, more: Partial<PodSnapshot>): PodSnapshot => ({
  name,
  uid: name,
  node: null,
  ip: null,
  phase: 'Running',
  ready: true,
  terminating: false,
  graceSeconds: null,
  containers: [],
  ...more,
})
const createRequest = (more: Partial<RequestRecord>): LogRecord => ({
  type: 'request',
  request: buildRequest({ sentUs: 0, settledUs: 0, ...more }),
})

test('progress: the rate is what was sent in the last two seconds', () => {
  const live = new LiveRun()
  for (let index = 0; index < 1000; index++) live.addRecord(createRequest({ sentUs: index * 5_000 }))
  expect(live.rate).toBe(200)
})

test('progress: losses by kind, the most frequent first, not what was not sent', () => {
  const live = new LiveRun()
  for (const outcome of ['refused', 'ok', 'http-5xx', 'refused'] as const) live.addRecord(createRequest({ outcome }))
  live.addRecord(createRequest({ outcome: 'overload', sentUs: null }))
  expect({ lost: live.lost, settled: live.settled, losses: live.losses }).toEqual({
    lost: 2 + 1,
    settled: 4,
    losses: '2 refused, 1 http-5xx',
  })
})

test('progress: pods appear, become ready, terminate and go', () => {
  const live = new LiveRun()
  live.addRecord({ type: 'pod', t: 0, change: 'added', pod: createPod('a', { ready: false }) })
  live.addRecord({ type: 'pod', t: 0, change: 'added', pod: createPod('b', {}) })
  live.addRecord({ type: 'pod', t: 0, change: 'added', pod: createPod('c', {}) })
  live.addRecord({ type: 'pod', t: 0, change: 'modified', pod: createPod('b', { terminating: true }) })
  expect(live.pods).toEqual({ ready: 1, starting: 1, terminating: 1 })
  live.addRecord({ type: 'pod', t: 0, change: 'deleted', pod: createPod('b', {}) })
  expect(live.pods).toEqual({ ready: 1, starting: 1, terminating: 0 })
})

test('progress: losses stand in the second in which they were due, counted from the first request', () => {
  const live = new LiveRun()
  const due = [5_000_000, 5_999_999, 6_000_000, 8_500_000]
  for (const dueUs of due) live.addRecord(createRequest({ dueUs, outcome: 'refused' }))
  live.addRecord(createRequest({ dueUs: 7_000_000 }))
  expect(live.lostBySecond).toEqual([2, 1, 0, 1])
})

test('progress: p99 is that of the good answers, from the instant at which they were due', () => {
  const live = new LiveRun()
  expect(live.p99Us).toBeNull()
  for (let ms = 1; ms <= 100; ms++) live.addRecord(createRequest({ dueUs: 0, settledUs: ms * 1_000 }))
  live.addRecord(createRequest({ dueUs: 0, settledUs: 900_000, outcome: 'refused' }))
  // Counted in buckets, whose highest value is at most 1/128 too high.
  expect(live.p99Us).toBeGreaterThanOrEqual(99_000)
  expect(live.p99Us).toBeLessThan(99_000 * (1 + 1 / 128))
})

test('progress: the phase says what is going on, and why a run failed', () => {
  const live = new LiveRun()
  live.addRecord({ type: 'step', t: 0, step: 'failed', detail: 'no pod was created' })
  expect(live.phase).toBe('failed: no pod was created')
})
