import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connectApi } from '../cluster/api.ts'
import { startKubeServer } from '../testing/kube-server.ts'
import type { KubeServer, WatchCall } from '../testing/kube-server.ts'
import { followLog } from './container-log.ts'
import type { LogEnd } from './container-log.ts'

interface Following extends AsyncDisposable {
  server: KubeServer
  first: WatchCall
  texts: string[]
  state: { restarts: number }
  stop: () => void
  end: Promise<LogEnd>
}

/** A container's log that is being followed, once the first stream has told this much and its whole lines were taken. */
async function following(text: string): Promise<Following> {
  const server = await startKubeServer()
  const stop = new AbortController()
  const api = connectApi(server.kubeconfig)
  const texts: string[] = []
  const state = { restarts: 0 }
  const end = followLog({
    api,
    namespace: 'n',
    pod: 'web-1',
    container: 'nginx',
    onLines: (lines) => texts.push(...lines.map(({ text }) => text)),
    restarts: () => state.restarts,
    signal: stop.signal,
  })
  const first = await server.nextWatch()
  first.write(text)
  await until(() => texts.length === text.split('\n').length - 1)
  return {
    server,
    first,
    texts,
    state,
    stop: () => stop.abort(),
    end,
    async [Symbol.asyncDispose]() {
      stop.abort()
      api.close()
      await end
      await server[Symbol.asyncDispose]()
    },
  }
}

const line = (second: number, text: string): string =>
  `2026-01-01T00:00:${String(second).padStart(2, '0')}.5Z ${text}\n`

async function until(done: () => boolean): Promise<void> {
  for (let attempt = 0; !done() && attempt < 250; attempt++) await sleep(20)
  expect(done()).toBe(true)
}

test('reads on after the stream has ended until the pod is gone: its log is complete', async () => {
  await using log = await following(line(1, 'one') + line(2, 'two'))
  const { server, first } = log
  expect(first.path).toBe('/api/v1/namespaces/n/pods/web-1/log')
  expect(Object.fromEntries(first.query)).toEqual({ container: 'nginx', timestamps: 'true', follow: 'true' })
  first.end()
  const second = await server.nextWatch()
  second.write(line(2, 'two') + line(3, 'three'))
  second.end()
  const third = await server.nextWatch()
  third.refuse(404)
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(log.texts).toEqual(['one', 'two', 'three'])
})

test('a cut stream resumes before its last line, and repeats and misses nothing', async () => {
  await using log = await following(
    `${line(1, 'old')}${line(10, 'same')}${line(10, 'same')}${line(10, 'cut').slice(0, 24)}`,
  )
  const { server, first } = log
  first.cut()
  const second = await server.nextWatch()
  expect(second.query.get('sinceTime')).toBe('2026-01-01T00:00:09.500Z')
  second.write(line(10, 'same') + line(10, 'same') + line(10, 'same') + line(10, 'cut'))
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(log.texts).toEqual(['old', 'same', 'same', 'same', 'cut'])
})

test('when the pod is gone before a cut stream could resume, lines may be missing', async () => {
  await using log = await following(line(1, 'one'))
  const { server, first } = log
  first.cut()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('stream was cut') as string })
})

test('a kubelet that has nothing but a complaint, when the container has exited and its files are gone, takes nothing away', async () => {
  await using log = await following(line(1, 'one'))
  const { server, first } = log
  first.end()
  const second = await server.nextWatch()
  second.write('failed to try resolving symlinks in path "/var/log/pods/n_web-1/nginx/0.log"')
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toEqual({ complete: true, why: null })
})

test('a complaint after a cut leaves what was cut off missing', async () => {
  await using log = await following(line(1, 'one'))
  const { server, first } = log
  first.cut()
  const second = await server.nextWatch()
  second.write('unable to retrieve container logs for containerd://1')
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false })
})

test('a complaint in the stream is no line, and leaves the log incomplete', async () => {
  await using log = await following(`${line(1, 'one')}unable to retrieve container logs for containerd://1`)
  const { server, first } = log
  first.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('unable to retrieve') as string })
  expect(log.texts).toEqual(['one'])
})

test('a container that is restarted while its log cannot be read has lost the end of it', async () => {
  await using log = await following(line(1, 'one'))
  const { server, first } = log
  first.cut()
  const second = await server.nextWatch()
  log.state.restarts = 1
  second.write(line(2, 'two'))
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('restarted') as string })
})

test('at the end of the run it is read once more to where it is', async () => {
  await using log = await following(line(1, 'one'))
  const { server } = log
  log.stop()
  const last = await server.nextWatch()
  expect(last.query.has('follow')).toBe(false)
  last.write(line(1, 'one') + line(1, 'two'))
  last.end()
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(log.texts).toEqual(['one', 'two'])
})
