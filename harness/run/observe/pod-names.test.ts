import { expect, test } from 'vitest'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import { PodNames, getApiName } from './pod-names.ts'

test('pod names: a pod that takes the name of another is told from it', () => {
  const names = new PodNames()
  expect(names.nameOf('shop-0', 'a', 10)).toBe('shop-0')
  expect(names.nameOf('shop-0', 'a', 20)).toBe('shop-0')
  expect(names.nameOf('shop-0', 'b', 30)).toBe('shop-0~2')
  expect(names.nameOf('shop-0', 'c', 40)).toBe('shop-0~3')
  // The deletion of the first may be reported late.
  expect(names.nameOf('shop-0', 'a', 50)).toBe('shop-0')
  expect(names.nameOf('shop-0', undefined, 60)).toBe('shop-0~3')
  expect(names.nameOf('shop-1', undefined, 60)).toBe('shop-1')
  expect(['shop-0', 'shop-0~12'].map(getApiName)).toEqual(['shop-0', 'shop-0'])
})

function buildRequest(pod: string | null, settledUs: number, more: Partial<RequestRecord> = {}): LogRecord {
  const request = {
    driver: 0,
    seq: 1,
    lane: 'fresh',
    outcome: 'ok',
    dueUs: 0,
    sentUs: 0,
    connectedUs: 0,
    firstByteUs: 0,
  }
  const rest = { status: 200, connection: 1, use: 1, idleUs: 0, bytes: 1, localPort: 1, detail: null }
  return {
    type: 'request',
    request: { ...request, ...rest, settledUs, pod, previousPod: null, ...more } as RequestRecord,
  }
}

const readPods = (records: readonly LogRecord[]): (string | null)[][] =>
  records.flatMap((record) => (record.type === 'request' ? [[record.request.pod, record.request.previousPod]] : []))

test('pod names: an answer is of the pod that had the name then', () => {
  const names = new PodNames()
  names.nameOf('shop-0', 'a', 10)
  const early = [buildRequest('shop-0', 5)]
  expect(names.renameAnswers(early)).toBe(early)
  names.nameOf('shop-0', 'b', 30)
  const kept = buildRequest('shop-0', 40, { sentUs: 35, idleUs: 10, previousPod: 'shop-0' })
  const answers = [...early, buildRequest('shop-0', 29), buildRequest('shop-0', 30), kept, buildRequest('other', 40)]
  expect(readPods(names.renameAnswers([...answers, buildRequest(null, 40)]))).toEqual([
    // Before the first was seen it already had its name.
    ['shop-0', null],
    ['shop-0', null],
    ['shop-0~2', null],
    ['shop-0~2', 'shop-0'],
    ['other', null],
    [null, null],
  ])
})

test('pod names: an Event about a pod that was gone before is about none of those known', () => {
  const names = new PodNames()
  names.nameOf('shop-0', 'b', 10)
  const about = (uid: string, kind = 'Pod') => names.renameReference({ kind, name: 'shop-0', uid }).name
  expect([about('b'), about('a'), about('a', 'StatefulSet')]).toEqual(['shop-0', 'shop-0~a', 'shop-0'])
})
