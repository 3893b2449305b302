import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { ContainerLog } from './logs.ts'
import type { LogQuery } from '../store/pod-logs.ts'
import { TestCluster } from '../testing/test-kubelet.ts'

const query: LogQuery = { namespace: 'default', pod: 'web', follow: false, previous: false, timestamps: false }

async function readLog(cluster: TestCluster, more: Partial<LogQuery> = {}): Promise<string> {
  let text = ''
  for await (const line of cluster.kubelet.logs.read({ ...query, ...more }, new AbortController().signal)) text += line
  return text
}

async function startRunningPod(): Promise<TestCluster> {
  const cluster = await TestCluster.start()
  cluster.createPod({ containers: [{ name: 'app', image: 'i' }] })
  await cluster.waitUntilReady()
  return cluster
}

test('Logs: all lines, the last ones, up to limitBytes, or since a time', async () => {
  await using cluster = await startRunningPod()
  const app = cluster.runtime.latest('app')
  for (const text of ['one', 'two', 'three']) app.write(text)
  expect(await readLog(cluster)).toBe('one\ntwo\nthree\n')
  expect(await readLog(cluster, { container: 'app', tailLines: 2 })).toBe('two\nthree\n')
  expect(await readLog(cluster, { tailLines: 0 })).toBe('')
  expect(await readLog(cluster, { limitBytes: 6 })).toBe('one\ntw')
  expect(await readLog(cluster, { sinceSeconds: 60 })).toBe('one\ntwo\nthree\n')
  expect(await readLog(cluster, { sinceTime: new Date(Date.now() + 60_000).toISOString() })).toBe('')
  await sleep(20)
  const sinceTime = new Date().toISOString()
  await sleep(20)
  app.write('four')
  expect(await readLog(cluster, { sinceTime })).toBe('four\n')
})

test('Logs: timestamps are wall-clock times with nine digits', async () => {
  await using cluster = await startRunningPod()
  cluster.runtime.latest('app').write('hello')
  const [, time = ''] = /^(\S+) hello\n$/.exec(await readLog(cluster, { timestamps: true })) ?? []
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
  expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(1_000)
})

test('Logs: a line keeps its time stamp when the wall clock is set', async () => {
  await using cluster = await startRunningPod()
  cluster.runtime.latest('app').write('hello')
  const first = await readLog(cluster, { timestamps: true })
  const hourLater = Date.now() + 3_600_000
  vi.spyOn(Date, 'now').mockReturnValue(hourLater)
  const again = await readLog(cluster, { timestamps: true })
  vi.restoreAllMocks()
  expect(again).toBe(first)
})

test('Logs: a follower gets later lines until the container ends', async () => {
  await using cluster = await startRunningPod()
  const app = cluster.runtime.latest('app')
  app.write('before')
  const following = readLog(cluster, { follow: true })
  await sleep(20)
  app.write('after')
  cluster.deletePod(3)
  expect(await following).toBe('before\nafter\n')
})

test('Logs: a follower stops when its signal is aborted', async () => {
  await using cluster = await startRunningPod()
  const stop = new AbortController()
  const lines = cluster.kubelet.logs.read({ ...query, follow: true }, stop.signal)[Symbol.asyncIterator]()
  const next = lines.next()
  stop.abort()
  expect((await next).done).toBe(true)
})

test('Logs: that of the previous start is kept', async () => {
  await using cluster = await startRunningPod()
  await expect(readLog(cluster, { previous: true })).rejects.toThrow(
    'previous terminated container "app" in pod "web" not found',
  )
  await expect(readLog(cluster, { container: 'other' })).rejects.toThrow('is waiting to start')
  await expect(readLog(cluster, { pod: 'nothing' })).rejects.toThrow('pods "nothing" not found')
  cluster.runtime.latest('app').write('last words')
  cluster.runtime.latest('app').end(1)
  await cluster.waitUntil(() => cluster.findEvents('Started').length === 2, 'the restart')
  expect(await readLog(cluster, { previous: true })).toBe('last words\n')
  expect(await readLog(cluster)).toBe('')
})

test('Logs: beyond the limit the oldest lines go, also for a slow reader', async () => {
  const log = new ContainerLog()
  const pages = log.pagesFrom(0, false, new AbortController().signal)
  const writeLines = (count: number): void => {
    for (let i = 0; i < count; i++) log.append({ stream: 'stdout', atUs: monotonicUs(), text: 'x'.repeat(1_000_000) })
  }
  writeLines(10)
  await pages.next()
  writeLines(10)
  let left = 0
  for await (const page of pages) for (const line of page) left += line.text.length / 1e6
  expect(left).toBeGreaterThanOrEqual(4)
  expect(left).toBeLessThanOrEqual(10)
})
