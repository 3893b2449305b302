import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runAll } from './task-group.ts'

const never = new AbortController().signal

test('gives what each came to, in their order', async () => {
  expect(await runAll(never, () => [sleep(5).then(() => 'a'), false, Promise.resolve(2)])).toEqual(['a', false, 2])
})

test('gives the others up when one has failed, and rejects with that', async () => {
  let ended = ''
  const other = (signal: AbortSignal): Promise<void> =>
    sleep(60_000, undefined, { signal }).catch((error: Error) => void (ended = String(error.cause)))
  const failing = runAll(never, (signal) => [other(signal), Promise.reject(new Error('no such image'))])
  await expect(failing).rejects.toThrow('no such image')
  expect(ended).toContain('Another part of the same work has failed')
})

test('rejects only once those that it gave up have ended', async () => {
  let ended = false
  const slow = (signal: AbortSignal): Promise<void> =>
    sleep(60_000, undefined, { signal }).catch(async () => {
      await sleep(30)
      ended = true
    })
  await expect(runAll(never, (signal) => [Promise.reject(new Error('first')), slow(signal)])).rejects.toThrow('first')
  expect(ended).toBe(true)
})

test('gives all up when it is told to', async () => {
  const all = runAll(AbortSignal.abort(new Error('Ctrl-C')), (signal) => [sleep(60_000, undefined, { signal })])
  await expect(all).rejects.toThrow('aborted')
})
