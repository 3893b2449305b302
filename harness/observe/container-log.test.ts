import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connectApi } from '../cluster/api.ts'
import { startKubeServer } from '../testing/kube-server.ts'
import type { KubeServer } from '../testing/kube-server.ts'
import { followLog } from './container-log.ts'
import type { LogEnd } from './container-log.ts'

interface Following extends AsyncDisposable {
  texts: string[]
  state: { restarts: number }
  stop: () => void
  end: Promise<LogEnd>
}

function following(server: KubeServer): Following {
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
  return {
    texts,
    state,
    stop: () => stop.abort(),
    end,
    async [Symbol.asyncDispose]() {
      stop.abort()
      api.close()
      await end
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
  await using server = await startKubeServer()
  await using log = following(server)
  const first = await server.nextWatch()
  expect(first.path).toBe('/api/v1/namespaces/n/pods/web-1/log')
  expect(Object.fromEntries(first.query)).toEqual({ container: 'nginx', timestamps: 'true', follow: 'true' })
  first.write(line(1, 'one') + line(2, 'two'))
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
  await using server = await startKubeServer()
  await using log = following(server)
  const first = await server.nextWatch()
  first.write(`${line(1, 'old')}${line(10, 'same')}${line(10, 'same')}${line(10, 'cut').slice(0, 24)}`)
  await until(() => log.texts.length === 3)
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
  await using server = await startKubeServer()
  await using log = following(server)
  const first = await server.nextWatch()
  first.write(line(1, 'one'))
  await until(() => log.texts.length === 1)
  first.cut()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('stream was cut') as string })
})

test('a kubelet that has nothing but a complaint, when the container has exited and its files are gone, takes nothing away', async () => {
  await using server = await startKubeServer()
  await using log = following(server)
  const first = await server.nextWatch()
  first.write(line(1, 'one'))
  first.end()
  const second = await server.nextWatch()
  second.write('failed to try resolving symlinks in path "/var/log/pods/n_web-1/nginx/0.log"')
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toEqual({ complete: true, why: null })
})

test('a complaint after a cut leaves what was cut off missing', async () => {
  await using server = await startKubeServer()
  await using log = following(server)
  const first = await server.nextWatch()
  first.write(line(1, 'one'))
  await until(() => log.texts.length === 1)
  first.cut()
  const second = await server.nextWatch()
  second.write('unable to retrieve container logs for containerd://1')
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false })
})

test('a complaint in the stream is no line, and leaves the log incomplete', async () => {
  await using server = await startKubeServer()
  await using log = following(server)
  const first = await server.nextWatch()
  first.write(`${line(1, 'one')}unable to retrieve container logs for containerd://1`)
  first.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('unable to retrieve') as string })
  expect(log.texts).toEqual(['one'])
})

test('a container that is restarted while its log cannot be read has lost the end of it', async () => {
  await using server = await startKubeServer()
  await using log = following(server)
  const first = await server.nextWatch()
  first.write(line(1, 'one'))
  await until(() => log.texts.length === 1)
  first.cut()
  const second = await server.nextWatch()
  log.state.restarts = 1
  second.write(line(2, 'two'))
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('restarted') as string })
})

test('at the end of the run it is read once more to where it is', async () => {
  await using server = await startKubeServer()
  await using log = following(server)
  const first = await server.nextWatch()
  first.write(line(1, 'one'))
  await until(() => log.texts.length === 1)
  log.stop()
  const last = await server.nextWatch()
  expect(last.query.has('follow')).toBe(false)
  last.write(line(1, 'one') + line(1, 'two'))
  last.end()
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(log.texts).toEqual(['one', 'two'])
})
