import { expect, test } from 'vitest'
import type { LogRecord } from '../../model/record.ts'
import { ObservedState } from './observed-state.ts'

function createPodRecord(t: number, name: string, change: 'added' | 'modified' | 'deleted' = 'modified'): LogRecord {
  const pod = { name, uid: name, node: 'n', ip: null, phase: 'Running', ready: true, terminating: false }
  return { type: 'pod', t, change, pod: { ...pod, graceSeconds: 30, containers: [] } }
}

function createSlice(t: number, ...pods: string[]): LogRecord {
  const endpoints = pods.map((pod) => ({ pod, ip: '10.0.0.1', ready: true, serving: true, terminating: false }))
  return { type: 'endpoints', t, slice: 's', service: 'shop', endpoints }
}

function describeRecords(records: readonly LogRecord[]): string[] {
  return records.map((record) => {
    if (record.type === 'pod') return `${record.t} ${record.change} ${record.pod.name}`
    return record.type === 'endpoints' ? `${record.t} ${record.endpoints.map(({ pod }) => pod).join()}` : record.type
  })
}

test('observed state: a log that begins later has what was there, and everything since', () => {
  const state = new ObservedState(1_000)
  const seen = [
    createPodRecord(1, 'a', 'added'),
    createPodRecord(2, 'b', 'added'),
    createSlice(3, 'a', 'b'),
    createPodRecord(500, 'a', 'deleted'),
    createSlice(501, 'b'),
    createPodRecord(900, 'c', 'added'),
  ]
  for (const record of seen) state.add(record)
  expect(describeRecords(state.listFrom(600))).toEqual(['600 added b', '600 b', '900 added c'])
  expect(describeRecords(state.listFrom(300))).toEqual([
    '300 added a',
    '300 added b',
    '300 a,b',
    '500 deleted a',
    '501 b',
    '900 added c',
  ])
})

test('observed state: its size follows what is there, not how long it has been looking', () => {
  const state = new ObservedState(1_000)
  let largest = 0
  for (let step = 0; step < 5_000; step++) {
    const t = step * 100
    state.add(createPodRecord(t, `pod-${step}`, 'added'))
    state.add({ type: 'event', t, object: 'Pod/x', reason: 'Pulled', message: '' })
    state.add(createSlice(t, `pod-${step}`))
    if (step > 1) state.add(createPodRecord(t, `pod-${step - 2}`, 'deleted'))
    largest = Math.max(largest, state.size)
  }
  expect(largest).toBeLessThan(60)
})

test('observed state: the last comparison of the clocks keeps its age', () => {
  const state = new ObservedState(1_000)
  state.add({ type: 'clock', t: 10, driver: 0, offsetUs: 5, errorUs: 1 })
  state.add(createPodRecord(5_000, 'a', 'added'))
  expect(state.listFrom(4_500)[0]).toMatchObject({ type: 'clock', t: 10 })
})

test('observed state: a later log knows whether connections are reported, and where those since its start are led', () => {
  const state = new ObservedState(1_000)
  const on = { type: 'tracking', t: 1, node: 'n', state: 'on', from: 1, why: null } as const
  const translate = (t: number): LogRecord => {
    return {
      type: 'translation',
      t,
      driver: 0,
      errorUs: 0,
      to: ['10.0.0.1:80'],
      ports: [40_000],
      times: [0],
      places: [0],
    }
  }
  const seen: LogRecord[] = [
    on,
    { ...on, t: 2, state: 'lossy', from: 1, why: 'full' },
    translate(100),
    translate(4_600),
  ]
  for (const record of [...seen, createPodRecord(5_000, 'a', 'added')]) state.add(record)
  expect(state.listFrom(4_500).slice(0, 2)).toEqual([{ ...on, t: 4_500, from: 4_500 }, translate(4_600)])
})

test('observed state: of trackers the one of the present load counts', () => {
  const state = new ObservedState(1_000)
  const told = { type: 'tracking', t: 1, node: 'n', state: 'on', from: 1, why: null } as const
  const lost: LogRecord = { ...told, t: 2, state: 'off', from: 2, why: 'the node is gone' }
  const records: LogRecord[] = [told, lost, { ...told, t: 3, node: 'other', from: 3 }]
  for (const record of records) state.add(record)
  const list = (fromUs: number): LogRecord[] => state.listFrom(fromUs)
  expect(list(10)).toEqual([{ ...told, t: 10, node: 'other', from: 10 }])
  state.add({ ...told, t: 4, node: 'other', state: 'off', from: 4 })
  expect(list(10)).toEqual([])
})
