import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ApiError } from './server.ts'
import type { LogQuery, PodLogs } from '../store/pod-logs.ts'
import { createTestPod, startTestApi } from '../testing/test-api.ts'

const pods = '/api/v1/namespaces/default/pods'
const two = {
  nodeName: 'n',
  containers: [
    { name: 'nginx', image: 'x' },
    { name: 'app', image: 'x' },
  ],
}

test('Streams: streams a log line by line until the client goes', async () => {
  const asked: LogQuery[] = []
  let ended = false
  const logs: PodLogs = {
    async *read(query, signal) {
      asked.push(query)
      try {
        for (let i = 0; !signal.aborted; i++) {
          yield `line ${i}\n`
          await sleep(5)
        }
      } finally {
        ended = true
      }
    },
  }
  await using api = await startTestApi(logs)
  api.store.create('pods', createTestPod('a'))
  const response = await api.open(`${pods}/a/log?follow=true&tailLines=3&timestamps=true&sinceSeconds=9`)
  expect(response.headers['content-type']).toBe('text/plain')
  const [first] = (await once(response, 'data')) as [Buffer]
  expect(String(first)).toContain('line 0\n')
  response.destroy()
  await expect.poll(() => ended).toBe(true)
  expect(asked).toEqual([
    {
      namespace: 'default',
      pod: 'a',
      container: 'main',
      follow: true,
      previous: false,
      timestamps: true,
      tailLines: 3,
      sinceSeconds: 9,
    },
  ])
})

test('Streams: the container of a log must be named and known', async () => {
  const logs: PodLogs = {
    // oxlint-disable-next-line require-yield -- it only fails
    async *read({ previous }) {
      await Promise.resolve()
      if (previous) throw new ApiError(400, 'BadRequest', 'previous terminated container "app" in pod "a" not found')
    },
  }
  await using api = await startTestApi(logs)
  api.store.create('pods', createTestPod('a', { spec: two }))
  const readErrorMessage = async (query: string) => (await api.ask(`${pods}/a/log${query}`)).body?.message
  expect(await readErrorMessage('')).toBe('a container name must be specified for pod a, choose one of: [nginx app]')
  expect(await readErrorMessage('?container=other')).toBe('container other is not valid for pod a')
  expect(await readErrorMessage('?container=app&tailLines=-1')).toBe(
    'PodLogOptions "a" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  )
  expect(await readErrorMessage('?container=app&previous=true')).toContain('previous terminated container')
  expect(await api.ask(`${pods}/a/log?container=app`)).toMatchObject({ code: 200, text: '' })
})

test('Streams: cuts a log at limitBytes', async () => {
  const logs: PodLogs = {
    async *read() {
      await Promise.resolve()
      for (;;) yield 'four\n'
    },
  }
  await using api = await startTestApi(logs)
  api.store.create('pods', createTestPod('a'))
  expect((await api.ask(`${pods}/a/log?limitBytes=12`)).text).toBe('four\nfour\nfo')
})

/** An HTTP server in place of a pod. */
async function startPod(handler: Parameters<typeof createServer>[1]) {
  const server = createServer(handler ?? (() => undefined)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, [Symbol.dispose]: () => server.close().closeAllConnections() }
}

test('Streams: the proxy passes requests on without the token', async () => {
  using pod = await startPod((request, response) => {
    void request.toArray().then((chunks) => {
      const { method, url, headers } = request
      response.writeHead(207, { 'x-pod': 'yes', connection: 'close' })
      response.end(JSON.stringify({ method, url, body: Buffer.concat(chunks as Buffer[]).toString(), headers }))
    })
  })
  await using api = await startTestApi()
  const ports = [{ containerPort: pod.port, name: 'http' }]
  const spec = { containers: [{ name: 'main', image: 'x', ports }] }
  api.store.create('pods', createTestPod('a', { spec, status: { podIP: '127.0.0.1' } }))
  for (const name of ['a', `a:${pod.port}`, 'a:http', `http:a:${pod.port}`]) {
    const path = `${pods}/${name}/proxy/some//path%2Fx?q=1&q=2?`
    const { code, text, headers } = await api.ask(path, { method: 'PUT', body: 'hello', headers: { 'x-mine': 'kept' } })
    const seen = JSON.parse(text) as { headers: Record<string, string> }
    expect({ code, pod: headers['x-pod'] }).toEqual({ code: 207, pod: 'yes' })
    expect(seen).toMatchObject({ method: 'PUT', url: '/some//path%2Fx?q=1&q=2?', body: 'hello' })
    expect(seen.headers).toMatchObject({ 'x-mine': 'kept', host: `127.0.0.1:${pod.port}` })
    expect(seen.headers).not.toHaveProperty('authorization')
  }
})

test('Streams: streams large bodies both ways, and ends with the client', async () => {
  let aborted = false
  using pod = await startPod((request, response) => {
    if (request.url === '/echo') return void request.pipe(response)
    response.write('begin')
    return void response.once('close', () => (aborted = true))
  })
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('a', { status: { podIP: '127.0.0.1' } }))
  const big = 'x'.repeat(20 * 1024 * 1024)
  const { text } = await api.ask(`${pods}/a:${pod.port}/proxy/echo`, { method: 'POST', body: big })
  expect(text.length).toBe(big.length)
  const endless = await api.open(`${pods}/a:${pod.port}/proxy/endless`)
  await once(endless, 'data')
  endless.destroy()
  await expect.poll(() => aborted).toBe(true)
})

test('Streams: the proxy answers 503, or breaks off as the pod does', async () => {
  using pod = await startPod((request, response) => {
    if (request.url === '/none') return void request.socket.destroy()
    response.writeHead(200, { 'content-length': 100 })
    response.write('half')
    return void setTimeout(() => response.destroy(), 20)
  })
  await using api = await startTestApi()
  api.store.create('pods', createTestPod('a', { status: { podIP: '127.0.0.1' } }))
  api.store.create('pods', createTestPod('new'))
  const refused = await api.ask(`${pods}/a:1/proxy/`)
  expect([refused.code, refused.body.reason]).toEqual([503, 'ServiceUnavailable'])
  expect(refused.body.message).toContain('error trying to reach service: connect ECONNREFUSED')
  expect((await api.ask(`${pods}/a:${pod.port}/proxy/none`)).code).toBe(503)
  expect((await api.ask(`${pods}/new:80/proxy/`)).code).toBe(503)
  expect((await api.ask(`${pods}/a:x/proxy/`)).code).toBe(400)
  await expect(api.ask(`${pods}/a:${pod.port}/proxy/half`)).rejects.toThrow(/aborted/)
})
