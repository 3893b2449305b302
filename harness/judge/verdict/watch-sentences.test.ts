import { expect, test } from 'vitest'
import type { Verdict } from '../../model/result.ts'
import type { EpisodeResult, WatchSession } from '../../model/watch/watch-session.ts'
import { formatWatchSentences, judgeWatch } from './watch-sentences.ts'

function buildEpisode(verdict: Verdict, what: EpisodeResult['what'] = 'rollout'): EpisodeResult {
  return {
    number: 1,
    dir: null,
    what,
    fromUs: 0,
    toUs: 1,
    verdict,
    sent: 100,
    lost: verdict === 'failed' ? 1 : 0,
    sentence: '',
  }
}

function buildSession(verdicts: Verdict[], fields: Partial<WatchSession> = {}): WatchSession {
  return {
    schema: 1,
    id: 'x',
    target: 'deployment/shop',
    namespace: 'shop',
    ratePerSecond: 20,
    began: '2026-01-01T00:00:00.000Z',
    durationUs: 3_600e6,
    ending: { why: 'limit', detail: null },
    unseen: 0,
    ledger: { planned: 10_300, background: 10_000, episodes: 300 },
    background: {
      outcomes: { ok: 10_000 },
      control: { sent: 500, lost: 0 },
      latency: { counts: [200, 10_000], maxUs: 200 },
      spanUs: 60e6,
      spans: [],
    },
    episodes: verdicts.map((verdict) => buildEpisode(verdict)),
    forgotten: { passed: 0, failed: 0, unknown: 0 },
    ...fields,
  }
}

test.each<[Verdict, Verdict[], Partial<WatchSession>]>([
  ['passed', ['passed', 'passed'], {}],
  ['failed', ['unknown', 'failed', 'passed'], {}],
  ['unknown', ['passed', 'unknown'], {}],
  ['unknown', [], {}],
  ['passed', [], { forgotten: { passed: 1, failed: 0, unknown: 0 } }],
  ['failed', ['passed'], { forgotten: { passed: 0, failed: 1, unknown: 0 } }],
  ['unknown', ['passed'], { ledger: { planned: 10_301, background: 10_000, episodes: 300 } }],
  ['unknown', ['passed'], { unseen: 1 }],
  ['unknown', ['passed'], { ending: null }],
  ['unknown', ['passed'], { ending: { why: 'broken', detail: 'the load driver was lost' } }],
  ['failed', ['failed'], { ending: { why: 'broken', detail: null } }],
  ['passed', ['passed'], { ending: { why: 'interrupted', detail: null } }],
])('watch: %s with episodes %j and %j', (verdict, verdicts, fields) => {
  expect(judgeWatch(buildSession(verdicts, fields))).toBe(verdict)
})

test('watch: it says what became of the episodes, of the traffic between them, and of every request', () => {
  const episodes = [buildEpisode('passed'), buildEpisode('failed'), buildEpisode('unknown', 'node-drain')]
  expect(formatWatchSentences(buildSession([], { episodes }))).toEqual([
    '3 episodes of deployment/shop in 1 h (2 rollouts and 1 node drain): 1 lost no request, 1 lost requests and 1 could not be judged',
    'Between episodes 0 of 10,000 requests were lost (fewer than 1 in 3,338 at 95 %); p50 200 µs, p99 200 µs',
    'Each of 10,300 requests that were due is accounted for once: 300 in episodes and 10,000 between them',
  ])
})

test('watch: one that goes on, or was killed, does not say that every request is accounted for', () => {
  const [, , ledger] = formatWatchSentences(buildSession(['passed'], { ending: null }))
  expect(ledger).toBe('10,300 requests are accounted for so far: 300 in episodes and 10,000 between them')
})

test('watch: episodes that are no longer listed are among those that are counted', () => {
  const [first] = formatWatchSentences(
    buildSession(['passed'], { forgotten: { passed: 1_200, failed: 0, unknown: 0 } }),
  )
  expect(first).toBe('1,201 episodes of deployment/shop in 1 h (1 rollout and 1,200 earlier): 1,201 lost no request')
})

test('watch: what was lost between episodes, and what is missing, is told', () => {
  const { background } = buildSession([])
  const lossy = { ...background, outcomes: { ok: 9_990, refused: 3, 'http-5xx': 7, overload: 2 } }
  const session = buildSession([], {
    background: lossy,
    unseen: 2,
    ledger: { planned: 10_305, background: 10_000, episodes: 300 },
  })
  const [none, between, unseen, ledger] = formatWatchSentences(session)
  expect(none).toBe('No pod of deployment/shop in 1 h was replaced, so nothing is known of what that costs')
  expect(between).toMatch(
    /^Between episodes 10 of 10,000 requests were lost \(0.1 %, 7 http 5xx and 3 refused\); p50 .*; 2 more were not sent$/,
  )
  expect(unseen).toBe('2 signs that pods were being replaced came while no load was sent')
  expect(ledger).toBe(
    'The ledger does not balance: 10,305 requests were due, 300 in episodes and 10,000 between them, 5 missing',
  )
})
