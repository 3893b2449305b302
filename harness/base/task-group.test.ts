import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runAll } from './task-group.ts'

const never = new AbortController().signal

test('task group: results in the order of the tasks', async () => {
  expect(await runAll(never, () => [sleep(5).then(() => 'a'), false, Promise.resolve(2)])).toEqual(['a', false, 2])
})

test('task group: one failure aborts the others and rejects with its reason', async () => {
  let ended = ''
  const other = (signal: AbortSignal): Promise<void> =>
    sleep(60_000, undefined, { signal }).catch((error: Error) => void (ended = String(error.cause)))
  const failing = runAll(never, (signal) => [other(signal), Promise.reject(new Error('no such image'))])
  await expect(failing).rejects.toThrow('no such image')
  expect(ended).toContain('Another part of the same work has failed')
})

test('task group: rejects only once those that it aborted have ended', async () => {
  let ended = false
  const slow = (signal: AbortSignal): Promise<void> =>
    sleep(60_000, undefined, { signal }).catch(async () => {
      await sleep(30)
      ended = true
    })
  await expect(runAll(never, (signal) => [Promise.reject(new Error('first')), slow(signal)])).rejects.toThrow('first')
  expect(ended).toBe(true)
})

test('task group: its own signal aborts all', async () => {
  const all = runAll(AbortSignal.abort(new Error('Ctrl-C')), (signal) => [sleep(60_000, undefined, { signal })])
  await expect(all).rejects.toThrow('aborted')
})
