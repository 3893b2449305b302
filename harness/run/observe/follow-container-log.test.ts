import { expect, test } from 'vitest'
import { connectApi } from '../../cluster/api.ts'
import { waitUntil } from '../../testing/residue.ts'
import { startScriptedApi } from '../../testing/scripted-api.ts'
import type { ScriptedApi, WatchCall } from '../../testing/scripted-api.ts'
import { followContainerLog } from './follow-container-log.ts'
import type { LogEnd } from './follow-container-log.ts'

interface Followed extends AsyncDisposable {
  server: ScriptedApi
  texts: string[]
  state: { restarts: number }
  /** Announces the end of the container. */
  warn: () => void
  stop: () => void
  end: Promise<LogEnd>
}

interface Following extends Followed {
  first: WatchCall
}

async function startFollowing(): Promise<Followed> {
  const server = await startScriptedApi()
  const stop = new AbortController()
  const ending = new AbortController()
  const api = connectApi(server.kubeconfig)
  const texts: string[] = []
  const state = { restarts: 0 }
  const end = followContainerLog({
    api,
    namespace: 'n',
    pod: 'web-1',
    container: 'nginx',
    onLines: (lines) => texts.push(...lines.map(({ text }) => text)),
    restarts: () => state.restarts,
    pauseMs: () => 50,
    ending: ending.signal,
    signal: stop.signal,
  })
  return {
    server,
    texts,
    state,
    warn: () => ending.abort(),
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

/** A container's log that is followed to its end, once the stream has sent this text and its complete lines were processed. */
async function startFollowingAfter(text: string): Promise<Following> {
  const followed = await startFollowing()
  const { server, texts } = followed
  followed.warn()
  for (let look = await server.nextWatch(); ; look = await server.nextWatch()) {
    if (look.query.has('follow')) {
      look.write(text)
      await waitUntil(() => texts.length === text.split('\n').length - 1)
      return { ...followed, first: look }
    }
    look.end()
  }
}

const stampLine = (second: number, text: string): string =>
  `2026-01-01T00:00:${String(second).padStart(2, '0')}.5Z ${text}\n`

test('container log: it is complete when read until the pod is gone', async () => {
  await using log = await startFollowingAfter(stampLine(1, 'one') + stampLine(2, 'two'))
  const { server, first } = log
  expect(first.path).toBe('/api/v1/namespaces/n/pods/web-1/log')
  expect(Object.fromEntries(first.query)).toEqual({ container: 'nginx', timestamps: 'true', follow: 'true' })
  first.end()
  const second = await server.nextWatch()
  second.write(stampLine(2, 'two') + stampLine(3, 'three'))
  second.end()
  const third = await server.nextWatch()
  third.refuse(404)
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(log.texts).toEqual(['one', 'two', 'three'])
})

test('container log: a cut stream resumes, and repeats and misses nothing', async () => {
  await using log = await startFollowingAfter(
    `${stampLine(1, 'old')}${stampLine(10, 'same')}${stampLine(10, 'same')}${stampLine(10, 'cut').slice(0, 24)}`,
  )
  const { server, first } = log
  first.cut()
  const second = await server.nextWatch()
  expect(second.query.get('sinceTime')).toBe('2026-01-01T00:00:09.500Z')
  second.write(stampLine(10, 'same') + stampLine(10, 'same') + stampLine(10, 'same') + stampLine(10, 'cut'))
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(log.texts).toEqual(['old', 'same', 'same', 'same', 'cut'])
})

test('container log: a pod that is gone after a cut may leave lines missing', async () => {
  await using log = await startFollowingAfter(stampLine(1, 'one'))
  const { server, first } = log
  first.cut()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('stream was cut') as string })
})

test('container log: an error instead of a log takes nothing away', async () => {
  await using log = await startFollowingAfter(stampLine(1, 'one'))
  const { server, first } = log
  first.end()
  const second = await server.nextWatch()
  second.write('failed to try resolving symlinks in path "/var/log/pods/n_web-1/nginx/0.log"')
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toEqual({ complete: true, why: null })
})

test('container log: an error after a cut leaves lines missing', async () => {
  await using log = await startFollowingAfter(stampLine(1, 'one'))
  const { server, first } = log
  first.cut()
  const second = await server.nextWatch()
  second.write('unable to retrieve container logs for containerd://1')
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false })
})

test('container log: an error in the stream is no line', async () => {
  await using log = await startFollowingAfter(
    `${stampLine(1, 'one')}unable to retrieve container logs for containerd://1`,
  )
  const { server, first } = log
  first.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('unable to retrieve') as string })
  expect(log.texts).toEqual(['one'])
})

test('container log: a restart while it cannot be read loses its end', async () => {
  await using log = await startFollowingAfter(stampLine(1, 'one'))
  const { server, first } = log
  first.cut()
  const second = await server.nextWatch()
  log.state.restarts = 1
  second.write(stampLine(2, 'two'))
  second.end()
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('restarted') as string })
})

test('container log: at the end of the run it is read once more', async () => {
  await using log = await startFollowingAfter(stampLine(1, 'one'))
  const { server } = log
  log.stop()
  const last = await server.nextWatch()
  expect(last.query.has('follow')).toBe(false)
  last.write(stampLine(1, 'one') + stampLine(1, 'two'))
  last.end()
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(log.texts).toEqual(['one', 'two'])
})

/** Answers the next request for the log with this text. */
async function answerNext(server: ScriptedApi, text: string): Promise<URLSearchParams> {
  const call = await server.nextWatch()
  call.write(text)
  call.end()
  return call.query
}

test('container log: one that was followed to its end is whole', async () => {
  await using log = await startFollowingAfter(stampLine(1, 'one'))
  log.first.end()
  const next = await log.server.nextWatch()
  log.stop()
  next.end()
  ;(await log.server.nextWatch()).end()
  expect(await log.end).toEqual({ complete: true, why: null })
})

test('container log: it is followed only when its end is in sight', async () => {
  await using log = await startFollowing()
  const { server, texts } = log
  expect((await answerNext(server, stampLine(1, 'one'))).has('follow')).toBe(false)
  const again = await answerNext(server, stampLine(1, 'one') + stampLine(5, 'two'))
  expect(Object.fromEntries(again)).toEqual({
    container: 'nginx',
    timestamps: 'true',
    sinceTime: '2026-01-01T00:00:00.500Z',
  })
  await waitUntil(() => texts.length === 2)
  log.warn()
  expect((await answerNext(server, stampLine(5, 'two') + stampLine(6, 'three'))).has('follow')).toBe(false)
  expect((await answerNext(server, stampLine(6, 'three') + stampLine(7, 'four'))).get('follow')).toBe('true')
  ;(await server.nextWatch()).refuse(404)
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(texts).toEqual(['one', 'two', 'three', 'four'])
})

test('container log: after a restart the end before comes first', async () => {
  await using log = await startFollowing()
  const { server, texts } = log
  await answerNext(server, stampLine(1, 'one'))
  await answerNext(server, stampLine(3, 'new start'))
  const before = await answerNext(server, stampLine(1, 'one') + stampLine(2, 'last word'))
  expect(Object.fromEntries(before)).toMatchObject({ previous: 'true', sinceTime: '2026-01-01T00:00:00.500Z' })
  await waitUntil(() => texts.length === 3)
  log.stop()
  await answerNext(server, stampLine(3, 'new start'))
  // The lines read last may be of both starts.
  await answerNext(server, stampLine(2, 'last word'))
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(texts).toEqual(['one', 'last word', 'new start'])
})

test('container log: after a rotation lines may be missing', async () => {
  await using log = await startFollowing()
  const { server } = log
  await answerNext(server, stampLine(1, 'one'))
  await answerNext(server, stampLine(5, 'new'))
  ;(await server.nextWatch()).refuse(400)
  log.stop()
  await answerNext(server, stampLine(5, 'new'))
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('restarted or its log rotated') })
  expect(log.texts).toEqual(['one', 'new'])
})

test('container log: a pod that is gone at once may leave lines missing', async () => {
  await using log = await startFollowing()
  await answerNext(log.server, stampLine(1, 'one'))
  ;(await log.server.nextWatch()).refuse(404)
  ;(await log.server.nextWatch()).refuse(404)
  expect(await log.end).toMatchObject({ complete: false, why: expect.stringContaining('gone before') })
})

test('container log: the next look makes up for one that is cut', async () => {
  await using log = await startFollowing()
  const { server, texts } = log
  const first = await server.nextWatch()
  first.write(stampLine(1, 'one') + stampLine(1, 'two').slice(0, 10))
  first.cut()
  await answerNext(server, stampLine(1, 'one') + stampLine(1, 'two'))
  await waitUntil(() => texts.length === 2)
  log.stop()
  await answerNext(server, stampLine(1, 'one') + stampLine(1, 'two'))
  expect(await log.end).toEqual({ complete: true, why: null })
  expect(texts).toEqual(['one', 'two'])
})
