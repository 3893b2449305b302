import { spawnSync } from 'node:child_process'
import { readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Fault } from '../base/fault.ts'
import { makeTemporaryDirectory } from '../base/files/durable-file.ts'
import { EventQueue } from './event-queue.ts'

/** Files without a name that this process has open. */
const countUnnamed = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('nodrop-events-')
    } catch {
      return false
    }
  }).length

/** Of many sizes, some longer than one read. */
const create = (number: number): { number: number; text: string; none: undefined } => ({
  number,
  text: 'x'.repeat(number % 20_011 === 20_010 ? 600_000 : number % 97),
  none: undefined,
})

test('a reader that is slower than what comes gets all of it in its order, and leaves no file', async () => {
  const before = countUnnamed()
  const queue = new EventQueue<ReturnType<typeof create>>()
  const reading = queue[Symbol.asyncIterator]()
  const seen: unknown[] = []
  let pushed = 0
  // It falls behind, catches up half, catches up fully, and falls behind again.
  for (const [come, read] of [
    [30_000, 1],
    [0, 20_000],
    [50_000, 40_000],
    [10, 20_009],
    [60_000, 5],
  ] as const) {
    for (let count = 0; count < come; count++) queue.push(create(pushed++))
    for (let count = 0; count < read; count++) seen.push((await reading.next()).value)
  }
  expect(countUnnamed()).toBe(before + 1)
  queue.close()
  for await (const value of { [Symbol.asyncIterator]: () => reading }) seen.push(value)
  expect(seen).toHaveLength(pushed)
  expect(seen.findIndex((value, index) => JSON.stringify(value) !== JSON.stringify(create(index)))).toBe(-1)
  expect(Object.keys(seen[pushed - 1] as object)).toContain('none')
  expect(countUnnamed()).toBe(before)
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('nodrop-events-'))).toEqual([])
})

test('a reader that waits gets what comes at once; one that stops frees what it has not read', async () => {
  const before = countUnnamed()
  const queue = new EventQueue<number>()
  const reading = queue[Symbol.asyncIterator]()
  const first = reading.next()
  queue.push(1)
  expect(await first).toEqual({ value: 1, done: false })
  for (let count = 0; count < 100_000; count++) queue.push(count)
  expect(countUnnamed()).toBe(before + 1)
  await reading.return()
  expect(countUnnamed()).toBe(before)
  queue.push(2)
  expect(await reading.next()).toEqual({ value: undefined, done: true })
})

test('what cannot be kept: the reader gets the error in its place, and push does not throw', async () => {
  const gone = makeTemporaryDirectory('nodrop-gone-')
  rmSync(gone, { recursive: true })
  vi.stubEnv('TMPDIR', gone)
  onTestFinished(() => void vi.unstubAllEnvs())
  const queue = new EventQueue<number>()
  for (let count = 0; count < 100_000; count++) queue.push(count)
  queue.close()
  let seen = 0
  const read = async (): Promise<void> => {
    for await (const value of queue) expect(value).toBe(seen++)
  }
  await expect(read()).rejects.toThrow(Fault)
  expect(seen).toBeGreaterThan(1_000)
})

test('a lab’s events: unread ones need no more memory, and can be read in the end', () => {
  const channel = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'event-channel.ts')).href)
  const program = `
    const { EventChannel } = await import(${channel})
    const channel = new EventChannel()
    const [late, never] = [channel.read(Promise.resolve()), channel.read(Promise.resolve())]
    for (let number = 0; number < 150_000; number++) channel.say(number + ' '.repeat(500) + Math.random())
    channel.close()
    let seen = 0
    for await (const { text } of late) if (parseInt(text) !== seen++) throw new Error('not in order: ' + text)
    process.stdout.write(String(seen) + typeof never)`
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-old-space-size=48', '--input-type=module', '--eval', program],
    { encoding: 'utf8', timeout: 60_000 },
  )
  expect([status, stdout, stderr]).toEqual([0, '150000object', ''])
})
