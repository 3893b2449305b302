import { expect, test } from 'vitest'
import type { Loss } from '../../model/result.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { explainLoss } from './loss-explanation.ts'

const scale = { fromUs: 1_000_000, toUs: 26_000_000, originUs: 5_000_000, fromDisruption: true }
const [first] = buildSampleComparison().runs[0]?.analysis.losses ?? []
if (first === undefined) throw new Error('Cannot test without a lost request')
const loss: Loss = {
  outcome: 'closed-before-response',
  lostUs: 7_004_000,
  lostBy: 'failure',
  phase: 'during',
  pod: 'web-1',
  attributedBy: 'connection',
  candidates: [],
  podless: null,
  moment: {
    name: 'signal',
    container: 'nginx',
    atUs: 7_000_000,
    errorUs: 1,
    source: 'kubelet',
    detail: 'SIGTERM',
    sinceUs: 4_000,
  },
  sinceDeletionUs: 10_000,
  sinceSignalUs: 4_000,
  sinceEndpointRemovedUs: -8_000,
  stop: { container: 'nginx', signal: 'SIGTERM', signalUs: 7_000_000, exitedUs: null, faults: [] },
  retriedBy: ['go', 'firefox'],
  origin: null,
  served: null,
  request: {
    ...first.request,
    seq: 42,
    driver: 1,
    lane: 'reused',
    outcome: 'closed-before-response',
    dueUs: 6_990_000,
    sentUs: 6_990_500,
    connectedUs: 6_990_500,
    settledUs: 7_004_000,
    use: 7,
    idleUs: 588_000,
  },
}
const explainSample = (change: Partial<Loss>) => explainLoss({ ...loss, ...change }, scale).sentences.join(' ')

test('explanation: what, when, which connection, which pod, retried or not', () => {
  expect(explainLoss(loss, scale).title).toBe('Request 1-42: closed-before-response')
  expect(explainSample({})).toBe(
    'The request was sent, but the connection was closed before any byte of a response came. ' +
      'It was due 1.99 s after the disruption began, in the phase “during”, was sent 500 µs later and failed 13.5 ms after that. ' +
      'It was request number 7 on a kept connection that had been idle for 588 ms. ' +
      'It belonged to pod web-1: the pod had answered before on the same connection. ' +
      'It failed 4 ms after nginx was sent SIGTERM; that was 10 ms after the deletion of the pod and 8 ms before the news that its endpoint was removed. ' +
      'It was under way when nginx was sent SIGTERM. ' +
      'By their own rules Go’s net/http and Firefox would have sent it again; other clients tell of it.',
  )
})

test('moments: the source and its precision, where it is not the cluster', () => {
  const signal = { ...loss.moment!, errorUs: 1_600, source: 'log' } as const
  expect(explainSample({ moment: signal })).toContain(
    'It failed 4 ms after nginx received SIGTERM (its log, ±1.6 ms); that',
  )
  const hook = { ...loss.moment!, name: 'hook-failed', errorUs: 480_000, source: 'event' } as const
  expect(explainSample({ moment: hook })).toContain(
    'after the preStop hook of nginx failed (an Event, ±480 ms); that was',
  )
})

test('a loss that was noticed late is told for the instant that mattered', () => {
  const unanswered = explainSample({ outcome: 'connect-timeout', lostBy: 'first-syn', lostUs: 6_990_500 })
  expect(unanswered).toContain('failed 13.5 ms after that.')
  expect(unanswered).toContain('Its first SYN, which was never answered, was sent 4 ms after nginx was sent SIGTERM')
  expect(explainSample({ outcome: 'refused', lostBy: 'last-syn' })).toContain('It was refused 4 ms after nginx')
  expect(explainSample({ lostBy: 'answer-due' })).toContain('An answer would have been there 4 ms after nginx')
})

test('the story says which signal took the request, and what went wrong before', () => {
  const stop = loss.stop!
  const kill = { ...stop, signal: 'SIGKILL' }
  const outlived = { atUs: 7_000_000, kind: 'outlived-signal', signal: 'SIGTERM', graceSeconds: 12 } as const
  const moment = { ...loss.moment!, detail: 'SIGKILL' }
  const killed = explainSample({ moment, stop: { ...kill, faults: [outlived] } })
  expect(killed).toContain('It failed 4 ms after nginx was sent SIGKILL; that was')
  expect(killed).toContain(
    'It was under way when nginx was sent SIGKILL. nginx had not ended on SIGTERM when its grace period of 12 s was used up, and was killed.',
  )
  const failed = { atUs: 6_999_000, kind: 'hook-failed', detail: '127' } as const
  expect(explainSample({ stop: { ...stop, faults: [failed] } })).toContain(
    'The preStop hook of nginx had failed (exit code 127): the stop signal followed at once.',
  )
  const outlasted = { atUs: 7_000_000, kind: 'hook-outlasted-grace', graceSeconds: 12 } as const
  expect(explainSample({ stop: { ...stop, faults: [outlasted] } })).toContain(
    'The preStop hook of nginx still ran when its grace',
  )
})

test('proxy error: whether its server had the request or had exited before', () => {
  const request = { ...loss.request, outcome: 'http-5xx' } as const
  const stop = { ...loss.stop!, container: 'app' }
  const bad = { outcome: 'http-5xx', request, lostBy: 'first-byte' } as const
  expect(explainSample({ ...bad, stop })).toContain('It was under way when app was sent SIGTERM.')
  expect(explainSample({ ...bad, stop: { ...stop, exitedUs: 6_980_500 } })).toContain(
    'It was sent 10 ms after app had exited, while the pod still answered.',
  )
  expect(explainSample({ ...bad, stop: { ...stop, signalUs: 6_985_500 } })).toContain(
    'It was sent 5 ms after app was sent SIGTERM, while the pod still answered.',
  )
})

test('what is not known is not invented', () => {
  expect(
    explainSample({
      pod: null,
      attributedBy: null,
      moment: null,
      stop: null,
      sinceDeletionUs: null,
      sinceSignalUs: null,
      sinceEndpointRemovedUs: null,
    }),
  ).toContain('It cannot be tied to any pod. By their own rules')
  expect(explainSample({ attributedBy: null, candidates: ['web-1', 'web-2'] })).toContain(
    'It most likely belonged to pod web-1, but web-1 and web-2 cannot be distinguished.',
  )
  expect(explainSample({ attributedBy: null, candidates: ['web-1', 'web-2'], podless: 'possible' })).toContain(
    'but web-1 and web-2 cannot be distinguished, or to none, as the Service may have had no pod.',
  )
  expect(explainSample({ pod: null, attributedBy: null, podless: 'certain' })).toContain(
    'The Service had no pod to send it to.',
  )
  expect(explainSample({ request: { ...loss.request, sentUs: null, dueUs: 4_000_000 } })).toContain(
    'It was due 1 s before the disruption began, in the phase “during”.',
  )
})

test('the facts hold every time, relative to the beginning of the disruption', () => {
  const facts = new Map(explainLoss(loss, scale).facts.map(([name, value]) => [name, value]))
  expect(facts.get('due')).toBe('+1.990 s')
  expect(facts.get('failed')).toBe('+2.004 s')
  expect(facts.get('first byte')).toBe('–')
  expect(facts.get('latest moment')).toBe('signal nginx SIGTERM at +2.000 s, from its kubelet, ±1 µs')
  expect(facts.get('since endpoint removed')).toBe('−8 ms')
})

test('through an ingress controller it says who failed the request', () => {
  const failed = { ...loss.request, outcome: 'http-5xx', status: 502 } as const
  const bad = { outcome: 'http-5xx', request: failed, origin: 'controller' } as const
  expect(explainSample(bad)).toContain('It was failed by the ingress controller: its own answer')
  expect(explainSample({})).not.toContain('ingress controller')
})

const line = {
  pod: 'web-1',
  container: 'nginx',
  role: 'proxy',
  errorUs: 1_600,
  atUs: 7_000_000,
  tookUs: 90_000,
  status: 200,
  upstream: null,
  whole: true,
} as const

test('servers: what their logs have of the request, and what that proves', () => {
  const explainServed = (served: Loss['served']): string => explainLoss({ ...loss, served }, scale).sentences.join(' ')
  expect(explainServed({ fate: 'answered', lines: [line] })).toContain(
    'nginx of web-1 logged status 200 after 90 ms: the answer was lost on its way.',
  )
  const failed = { ...line, status: 502, upstream: '10.0.0.7:8000', whole: false }
  expect(explainServed({ fate: 'failed', lines: [failed] })).toContain(
    'nginx of web-1 logged status 502 after 90 ms, its upstreams 10.0.0.7:8000, not sent as a whole.',
  )
  const app = { ...line, container: 'app', role: 'application', upstream: '' } as const
  expect(explainServed({ fate: 'worked', lines: [app, line] })).toContain(
    'app of web-1 logged status 200 after 90 ms, asking no upstream and nginx of web-1 logged status 200 after 90 ms: the work was done',
  )
  expect(explainServed({ fate: 'never-seen', lines: [] })).toContain(
    'No server has seen it: it is in none of their logs',
  )
  expect(explainServed({ fate: 'untold', lines: [] })).toContain('No server’s log has it, which proves nothing')
})

test('moments: the pod’s own have no container, and are told once', () => {
  const own = { ...loss.moment!, container: null, detail: null, source: 'watch' } as const
  const deletion = explainSample({ moment: { ...own, name: 'deletion', sinceUs: 10_000 } })
  expect(deletion).toContain(
    'It failed 10 ms after the deletion of the pod was accepted; that was 8 ms before the news that its endpoint was removed and 4 ms after SIGTERM.',
  )
  const removed = explainSample({ moment: { ...own, name: 'endpoint-removed' }, sinceEndpointRemovedUs: 4_000 })
  expect(removed).toContain(
    'It failed 4 ms after the endpoint of the pod was removed; that was 10 ms after the deletion',
  )
  const phrases = (['created', 'ready', 'removed-from-proxy', 'gone'] as const).map(
    (name) => /It failed 4 ms after (.*?); that was/.exec(explainSample({ moment: { ...own, name } }))?.[1],
  )
  expect(phrases).toEqual([
    'the pod was created',
    'the pod became ready',
    'the node stopped sending new connections to the pod',
    'the pod was gone',
  ])
})

test('moments: a container’s name it, and a status says how exact it is', () => {
  const phrase = (change: Partial<NonNullable<Loss['moment']>>): string | undefined =>
    /It failed 4 ms after (.*?); that was/.exec(explainSample({ moment: { ...loss.moment!, ...change } }))?.[1]
  expect(phrase({ name: 'exited', source: 'status', errorUs: 1_000_000 })).toBe('nginx exited (the pod’s status, ±1 s)')
  expect(phrase({ name: 'stopped-accepting', container: 'app' })).toBe('app stopped accepting connections')
  expect(phrase({ name: 'signal', detail: null, source: 'log', errorUs: 500 })).toBe(
    'nginx received its stop signal (its log, ±500 µs)',
  )
  expect(phrase({ name: 'unhealthy' })).toBe('a probe of nginx failed')
  expect(phrase({ name: 'hook-ended' })).toBe('the preStop hook of nginx ended')
})

test('since: told without a moment too, and not at all where nothing is known', () => {
  expect(explainSample({ moment: null })).toContain(
    'It failed 10 ms after the deletion of the pod, 8 ms before the news that its endpoint was removed and 4 ms after SIGTERM.',
  )
  const nothing = { sinceDeletionUs: null, sinceSignalUs: null, sinceEndpointRemovedUs: null } as const
  expect(explainSample({ moment: null, ...nothing })).not.toContain('It failed')
  expect(explainSample(nothing)).toContain('It failed 4 ms after nginx was sent SIGTERM. It was')
})

test('order: nothing is said of a stop that came after the loss, or of a request that had no connection', () => {
  const stop = loss.stop!
  expect(explainSample({ stop: { ...stop, signalUs: 8_000_000 } })).not.toContain('under way')
  expect(explainSample({ request: { ...loss.request, connectedUs: null } })).not.toContain('under way')
  expect(explainSample({ stop: { ...stop, signalUs: null, exitedUs: 7_001_000 } })).toContain(
    'It was under way when nginx exited.',
  )
})

test('retry: the clients that would have sent it again are named', () => {
  expect(explainSample({})).toMatch(
    /By their own rules Go’s net\/http and Firefox would have sent it again; other clients tell of it\.$/,
  )
  expect(explainSample({ retriedBy: [] })).toMatch(/None of the clients and proxies .* would have sent it again\.$/)
})
