import { expect, test } from 'vitest'
import { waitUntil } from './polling.ts'

const never = new AbortController().signal

test('resolves as soon as there is nothing to complain of', async () => {
  let asked = 0
  await waitUntil('x', 5_000, never, () => (++asked === 3 ? null : 'not yet'))
  expect(asked).toBe(3)
})

test('tells what was waited for, how long, and the last complaint', async () => {
  await expect(waitUntil('pods to get ready', 200, never, () => 'web-1: ErrImageNeverPull')).rejects.toMatchObject({
    kind: 'unknown',
    message: 'Waited 0.2 s for pods to get ready, in vain: web-1: ErrImageNeverPull',
  })
})

test('ends at once when it is interrupted, with the reason of the interruption', async () => {
  const stop = new AbortController()
  const waiting = waitUntil('x', 60_000, stop.signal, () => 'not yet')
  stop.abort(new Error('interrupted'))
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  await expect(waitUntil('x', 60_000, stop.signal, () => 'not yet')).rejects.toThrow('interrupted')
})
