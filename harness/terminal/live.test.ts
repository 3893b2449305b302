import { expect, test } from 'vitest'
import type { LogRecord, PodSeen, RequestRecord } from '../model/record.ts'
import { LiveRun } from './live.ts'

const pod = (name: string, more: Partial<PodSeen>): PodSeen => ({
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
const request = (more: Partial<RequestRecord>): LogRecord => ({
  type: 'request',
  request: {
    seq: 0,
    driver: 0,
    lane: 'fresh',
    outcome: 'ok',
    dueUs: 0,
    sentUs: 0,
    connectedUs: null,
    firstByteUs: null,
    settledUs: 0,
    status: 200,
    connection: 1,
    use: 1,
    idleUs: 0,
    bytes: 0,
    pod: null,
    previousPod: null,
    localPort: null,
    detail: null,
    ...more,
  },
})

test('the rate is what was sent in the last two seconds', () => {
  const live = new LiveRun()
  for (let index = 0; index < 1000; index++) live.see(request({ sentUs: index * 5_000 }))
  expect(live.rate).toBe(200)
})

test('losses are counted by kind, the most frequent first, and what was never sent is no loss', () => {
  const live = new LiveRun()
  for (const outcome of ['refused', 'ok', 'http-5xx', 'refused'] as const) live.see(request({ outcome }))
  live.see(request({ outcome: 'overload', sentUs: null }))
  expect({ lost: live.lost, settled: live.settled, losses: live.losses }).toEqual({
    lost: 2 + 1,
    settled: 4,
    losses: '2 refused, 1 http-5xx',
  })
})

test('pods appear, turn ready, terminate and go', () => {
  const live = new LiveRun()
  live.see({ type: 'pod', t: 0, change: 'added', pod: pod('a', { ready: false }) })
  live.see({ type: 'pod', t: 0, change: 'added', pod: pod('b', {}) })
  live.see({ type: 'pod', t: 0, change: 'modified', pod: pod('b', { terminating: true }) })
  expect(live.pods).toEqual(['a starting', 'b terminating'])
  live.see({ type: 'pod', t: 0, change: 'deleted', pod: pod('b', {}) })
  expect(live.pods).toEqual(['a starting'])
})

test('the phase says what is going on, with the reason of a failure', () => {
  const live = new LiveRun()
  live.see({ type: 'step', t: 0, step: 'failed', detail: 'no pod was created' })
  expect(live.phase).toBe('failed: no pod was created')
})
