import { expect, test } from 'vitest'
import { computeWithDigits, publishedExamples } from './published-examples.ts'
import { trials } from './sessions.ts'
import { simulateSessions } from './simulate-sessions.ts'

test.each(publishedExamples)('published: $statistic, $example', (example) => {
  expect(computeWithDigits(example)).toBe(example.published)
})

test.each(trials)('simulated: $title', ({ session, atMost = 1, atLeast = 0 }) => {
  // `npm run statistics` plays a thousand of each.
  const sessions = session.untilDecided ? 200 : 1_000
  const found = simulateSessions(session, sessions, 1).different / sessions
  expect(found).toBeLessThanOrEqual(atMost)
  expect(found).toBeGreaterThanOrEqual(atLeast)
})

test('simulated: the same seed gives the same sessions', () => {
  const { session } = trials.find(({ atLeast }) => atLeast !== undefined)!
  expect(simulateSessions(session, 50, 3)).toEqual(simulateSessions(session, 50, 3))
  expect(simulateSessions(session, 50, 3).different).toBeGreaterThan(0)
})
