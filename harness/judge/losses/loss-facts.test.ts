import { expect, test } from 'vitest'
import type { Loss } from '../../model/result.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { createTimeScale } from '../timeline/time-scale.ts'
import { listFacts } from './loss-facts.ts'

const { analysis } = buildSampleComparison().runs.find(({ analysis: { configuration } }) => configuration === 'naive')!
const scale = createTimeScale(analysis)
const refused = analysis.losses.find(({ outcome, pod }) => outcome === 'refused' && pod !== null)!

const list = (change: Partial<Loss> = {}, request: Partial<Loss['request']> = {}): Map<string, string> =>
  new Map(listFacts({ ...refused, ...change, request: { ...refused.request, ...request } }, scale))

test('times: relative to the disruption, a dash for what never came', () => {
  const facts = list({}, { dueUs: scale.originUs + 1_250_000, firstByteUs: null })
  expect(facts.get('due')).toBe('+1.250 s')
  expect(facts.get('first byte')).toBe('–')
})

test('connection: which one, how often it was used, or that there was none', () => {
  const kept = list({}, { connection: 1_204, use: 17, idleUs: 2_350_000 })
  expect([kept.get('connection'), kept.get('use of the connection')]).toEqual(['number 1,204', 'number 17'])
  expect(kept.get('idle before')).toBe('2.35 s')
  expect(list({}, { connection: null, use: 1 }).get('connection')).toBe('no socket was opened')
  expect(list({}, { use: 1 }).get('use of the connection')).toBe('first')
})

test('pod: its name, that it is not known, or that there was none', () => {
  expect(list().get('pod')).toBe(refused.pod)
  expect(list({ pod: null, podless: null }).get('pod')).toBe('not known')
  expect(list({ pod: null, podless: 'certain' }).get('pod')).toBe('none')
})

test('pod: which answered before on the connection, which are not ruled out', () => {
  expect(list({}, { previousPod: 'web-1' }).get('answered before')).toBe('web-1')
  expect(list({ candidates: ['web-1', 'web-2'], attributedBy: null }).get('not ruled out')).toContain('web-1')
  expect(list({ candidates: [], podless: null }).has('not ruled out')).toBe(false)
})

test('facts: what is not known has no line', () => {
  const facts = list(
    {
      sinceDeletionUs: null,
      sinceEndpointRemovedUs: null,
      sinceSignalUs: null,
      stop: null,
      moment: null,
      served: null,
    },
    { status: null, localPort: null, detail: null, previousPod: null },
  )
  const names = ['status', 'local port', 'latest moment', 'since deletion', 'stop signal', 'the system said']
  expect(names.filter((name) => facts.has(name))).toEqual([])
})

test('since: durations from the moments of the pod, with their sign', () => {
  const facts = list({ sinceDeletionUs: 12_345, sinceSignalUs: 300, sinceEndpointRemovedUs: -8_000 })
  expect(facts.get('since deletion')).toBe('12.3 ms')
  expect(facts.get('since stop signal')).toBe('300 µs')
  expect(facts.get('since endpoint removed')).toBe('−8 ms')
})

test('retry: which clients would have sent it again', () => {
  expect(list({ retriedBy: ['go', 'curl'] }).get('sent again by')).toBe('Go’s net/http, libcurl')
  expect(list({ retriedBy: [] }).get('sent again by')).toBe('no client that is known')
})

test('lane: what kind of client it was, in words', () => {
  expect(list({}, { lane: 'reused-post' }).get('lane')).toBe('reused-post: POST requests on connections kept alive')
})
