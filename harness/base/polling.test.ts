import { expect, test } from 'vitest'
import { pause, waitFor, waitUntil } from './polling.ts'

const patient = { limitMs: 5_000, intervalMs: 1 }

test('polling: resolves as soon as nothing is missing', async () => {
  let calls = 0
  await waitUntil('x', patient, () => (++calls === 3 ? null : 'not yet'))
  expect(calls).toBe(3)
})

test('polling: an answer that was waited for is handed on, 0 and null too', async () => {
  const answers = [undefined, false, 0] as const
  let calls = 0
  expect(await waitFor('x', patient, () => answers[calls++])).toBe(0)
  expect(await waitFor('x', patient, () => Promise.resolve(null))).toBe(null)
})

test('polling: a time-out says what was waited for, how long, and what was seen last', async () => {
  let calls = 0
  await expect(waitUntil('pods to get ready', { limitMs: 200 }, () => `look ${++calls}`)).rejects.toMatchObject({
    kind: 'unknown',
    message: expect.stringMatching(/^Timed out after 0\.2 s waiting for pods to get ready; last seen: look [234]$/),
  })
  await expect(waitFor('a sign', { limitMs: 20 }, () => undefined)).rejects.toThrow(
    /^Timed out after 0\.02 s waiting for a sign$/,
  )
})

test('polling: it is looked once also when there is no time at all', async () => {
  await waitUntil('x', { limitMs: 0 }, () => null)
  await expect(waitUntil('x', { limitMs: 0 }, () => 'no')).rejects.toThrow('Timed out after 0 s')
})

test('polling: what a check throws ends the wait', async () => {
  const broken = (): string => {
    throw new Error('gone for good')
  }
  await expect(waitUntil('x', patient, broken)).rejects.toThrow('gone for good')
})

test('polling: an abort ends the wait at once, with its reason', async () => {
  const stop = new AbortController()
  const waiting = waitUntil('x', { limitMs: 60_000, intervalMs: 60_000, signal: stop.signal }, () => 'not yet')
  stop.abort(new Error('interrupted'))
  await expect(waiting).rejects.toThrow('interrupted')
  let calls = 0
  const late = waitUntil('x', { limitMs: 60_000, signal: stop.signal }, () => `${++calls}`)
  await expect(late).rejects.toThrow('interrupted')
  expect(calls).toBe(0)
})

test('polling: a pause that is aborted resolves', async () => {
  const stop = new AbortController()
  const paused = pause(60_000, stop.signal)
  stop.abort()
  const began = performance.now()
  await paused
  expect(performance.now() - began).toBeLessThan(5_000)
})
