import { createServer as createHttp1Server } from 'node:http'
import { createServer } from 'node:http2'
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { checkGrpcHealth } from './grpc-check.ts'

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void

function serveHttp2(answer: Answer): Promise<string> {
  const server = createServer()
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('error', () => undefined)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => answer(stream, headers, Buffer.concat(chunks)))
  })
  return listen(server)
}

/** A complete answer: a message after its prefix, and the status in the trailers. */
function reply(stream: ServerHttp2Stream, message: number[], trailers: OutgoingHttpHeaders = { 'grpc-status': '0' }) {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]))
}

const check = (authority: string, service = '', timeoutMs = 5000) =>
  checkGrpcHealth({ authority, service, userAgent: 'kube-probe/1.34', timeoutMs })

test('asks for the service as health.proto has it, and takes SERVING for healthy', async () => {
  const seen: unknown[] = []
  const authority = await serveHttp2((stream, headers, body) => {
    seen.push([
      headers[':method'],
      headers[':path'],
      headers['content-type'],
      headers['te'],
      headers['user-agent'],
      body,
    ])
    reply(stream, [8, 1])
  })
  expect(await check(authority)).toBe(null)
  expect(await check(authority, 'shop')).toBe(null)
  expect(await check(authority, 'x'.repeat(200))).toBe(null)
  const request = ['POST', '/grpc.health.v1.Health/Check', 'application/grpc', 'trailers', 'kube-probe/1.34']
  expect(seen).toEqual([
    [...request, Buffer.from([0, 0, 0, 0, 0])],
    [...request, Buffer.from([0, 0, 0, 0, 6, 10, 4, ...Buffer.from('shop')])],
    [...request, Buffer.from([0, 0, 0, 0, 203, 10, 200, 1, ...Buffer.from('x'.repeat(200))])],
  ])
})

const headersOnly = (headers: OutgoingHttpHeaders): Answer => {
  return (stream) => stream.respond(headers, { endStream: true })
}
const grpc = { ':status': 200, 'content-type': 'application/grpc' }

test.each<[what: string, answer: Answer, says: string]>([
  ['does not serve', (stream) => reply(stream, [8, 2]), 'service unhealthy (responded with "NOT_SERVING")'],
  ['leaves its status out, which is 0', (stream) => reply(stream, []), 'service unhealthy (responded with "UNKNOWN")'],
  [
    'does not know the service',
    headersOnly({ ...grpc, 'grpc-status': '5', 'grpc-message': 'unknown service: %22x%22' }),
    'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service: "x"',
  ],
  [
    'has no such method',
    headersOnly({ ...grpc, 'grpc-status': '12', 'grpc-message': 'unknown service grpc.health.v1.Health' }),
    'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health',
  ],
  [
    'speaks HTTP/2 and no gRPC',
    headersOnly({ ':status': 404 }),
    'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unexpected HTTP status code received from server: 404',
  ],
  [
    'fails behind a proxy',
    headersOnly({ ':status': 503 }),
    'error: health rpc probe failed: rpc error: code = Unavailable desc = unexpected HTTP status code received from server: 503',
  ],
  [
    'says nothing at the end',
    headersOnly(grpc),
    'error: health rpc probe failed: rpc error: code = Internal desc = server closed the stream without sending trailers',
  ],
])('a server that %s is told of', async (_, answer, says) => {
  expect(await check(await serveHttp2(answer))).toBe(says)
})

test('a server that breaks the connection is told of', async () => {
  const authority = await serveHttp2((stream) => stream.session?.destroy())
  expect(await check(authority)).toMatch(/^error: health rpc probe failed: rpc error: code = Unavailable desc = ./)
})

test('a server that does not answer in time is reported', async () => {
  const authority = await serveHttp2(() => undefined)
  expect(await check(authority, '', 500)).toBe('timeout: health rpc did not complete within 0.5s')
})

test.each<[what: string, listening: () => Promise<string>]>([
  ['has no listener', () => Promise.resolve('127.0.0.1:1')],
  ['speaks HTTP/1.1', () => listen(createHttp1Server((_, response) => response.end('hello')))],
  ['sends nothing', () => listen(createTcpServer((socket) => socket.on('error', () => undefined).resume()))],
])('a port that %s is reported after the time limit', async (_, listening) => {
  const authority = await listening()
  const says = `timeout: failed to connect service "${authority}" within 0.5s: context deadline exceeded`
  expect(await check(authority, '', 500)).toBe(says)
})

test('a server that begins to listen within the time is healthy', async () => {
  const first = createTcpServer()
  const authority = await listen(first)
  await new Promise((resolve) => first.close(resolve))
  const server = createServer()
  server.on('stream', (stream) => reply(stream, [8, 1]))
  const checked = check(authority)
  setTimeout(() => server.listen(Number(authority.split(':')[1]), '127.0.0.1'), 300)
  onTestFinished(() => void server.close())
  expect(await checked).toBe(null)
})
