/** Listed requests on real sockets: which one is sent, and how its expectations decide its outcome. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished, expect, test } from 'vitest'
import { createRequestChooser } from '../../model/load/request-choice.ts'
import type { RequestRecord } from '../../model/record.ts'
import { noIdentification } from '../../model/workload.ts'
import { createTrialPlan, startTrialLoad } from '../driver/trial-load.ts'
import { parseDriverPlan } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import type { DriverRequest } from '../service/driver-requests.ts'
import { probeTarget } from '../service/probe-target.ts'

interface Received {
  seq: number
  line: string
  headers: IncomingMessage['headers']
  body: string
}

/** Answers by path, and keeps all requests that it got. */
async function startServer(
  answer: (response: ServerResponse, request: Received) => void,
): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      const seq = Number(/\d+$/.exec(String(headers['x-request-id']))?.[0] ?? -1)
      const one = { seq, line: `${method} ${url}`, headers, body: Buffer.concat(chunks).toString() }
      received.push(one)
      answer(response, one)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { port: (server.address() as AddressInfo).port, received }
}

const get = (path: string, expect: DriverRequest['expect'] = {}): DriverRequest => ({
  weight: 1,
  method: 'GET',
  path,
  headers: {},
  body: '',
  expect,
})

/** For a workload whose answers do not identify themselves, on new and on kept connections. */
function createListPlan(port: number, listed: DriverRequest[], changed: Partial<DriverPlan> = {}): DriverPlan {
  const shares = { fresh: 0.5, reused: 0.5, 'reused-post': 0 }
  const slow = { timeoutMs: 5000, connectTimeoutMs: 5000, bodyTimeoutMs: 5000 }
  const plan = createTrialPlan(port, { listed, shares, identification: noIdentification, ...slow, ...changed })
  return parseDriverPlan(JSON.stringify(plan))
}

const runList = async (
  port: number,
  listed: DriverRequest[],
  changed?: Partial<DriverPlan>,
): Promise<RequestRecord[]> => startTrialLoad(createListPlan(port, listed, changed)).records

test('list: each number is the request that seed and weights make it, whole, in every lane', async () => {
  const { port, received } = await startServer((response) => response.end('x'))
  const listed: DriverRequest[] = [
    { ...get('/cart?a=1'), weight: 3, headers: { Accept: 'text/html' } },
    { ...get('/orders'), method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"für":1}' },
    { ...get('/orders/1'), method: 'PATCH', body: 'x'.repeat(200_000) },
    { ...get('/orders/2'), method: 'DELETE' },
    { ...get('/'), method: 'HEAD' },
    { ...get('/'), method: 'OPTIONS' },
  ]
  const all = await runList(port, listed, { seed: 11, ratePerSecond: 400 })
  const choose = createRequestChooser(11, listed)
  expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['ok']))
  expect(received.length).toBe(all.length)
  expect(new Set(all.map(({ seq }) => choose(seq))).size).toBe(6)
  for (const { seq, line, headers, body } of received) {
    const { method, path, body: sent } = listed[choose(seq)]!
    expect([seq, line]).toEqual([seq, `${method} ${path}`])
    expect(body).toBe(sent)
    if (path.startsWith('/cart')) expect([headers.accept, headers['content-length']]).toEqual(['text/html', undefined])
    if (method === 'POST') expect(headers['content-type']).toBe('application/json')
    if (method === 'PATCH')
      expect([headers['content-type'], headers['content-length']]).toEqual(['text/plain', '200000'])
  }
})

const page = '<title>cart</title>'
const sha256 = createHash('sha256').update(page).digest('hex')

/** What the server answers at each path: status, header, body in pieces. */
const answers: Record<string, { status: number; headers?: Record<string, string | string[]>; pieces?: string[] }> = {
  '/ok': { status: 200, headers: { 'x-version': 'v2' }, pieces: [page] },
  '/pieces': { status: 200, pieces: ['<title>ca', 'rt</tit', 'le>'] },
  '/none': { status: 204 },
  '/gone': { status: 404, pieces: [page] },
  '/moved': { status: 302, headers: { location: '/ok' } },
  '/broken': { status: 503, pieces: [page] },
  '/twice': { status: 200, headers: { 'x-version': ['v1', 'v2'] }, pieces: [page] },
}

const right = 'ok null'
test.each<[what: string, path: string, expect: DriverRequest['expect'], said: string]>([
  ['any 2xx without a word', '/ok', {}, right],
  ['no content', '/none', {}, right],
  ['a status that was expected', '/gone', { status: 404 }, right],
  ['one of a list', '/moved', { status: ['2xx', 302] }, right],
  ['a client error that was not', '/gone', {}, 'http-4xx null'],
  ['a server error that was not', '/broken', { status: 404 }, 'http-5xx null'],
  ['a success that was not', '/ok', { status: [204, 404] }, 'unexpected-status null'],
  ['a redirect that was not', '/moved', {}, 'unexpected-status null'],
  ['a header that is there', '/ok', { header: { 'X-Version': 'v2' } }, right],
  ['one of two lines', '/twice', { header: { 'x-version': 'v2' } }, right],
  ['a header with another value', '/ok', { header: { 'X-Version': 'v1' } }, 'header-mismatch header x-version: other'],
  ['a header that is missing', '/gone', { status: 404, header: { etag: 'a' } }, 'header-mismatch header etag: absent'],
  ['how long it is', '/ok', { header: { 'content-length': String(page.length) } }, right],
  ['a text', '/ok', { body: { contains: 'cart' } }, right],
  ['a text over the borders of chunks', '/pieces', { body: { contains: 'cart</title' } }, right],
  ['a text that is not there', '/pieces', { body: { contains: 'carts' } }, 'body-mismatch body text: absent'],
  ['a text where there is no body', '/none', { body: { contains: 'x' } }, 'body-mismatch body text: absent'],
  ['a pattern', '/pieces', { body: { matches: '^<title>\\w+</title>$' } }, right],
  ['a pattern that does not match', '/ok', { body: { matches: '^cart' } }, 'body-mismatch body pattern: no match'],
  ['a digest', '/pieces', { body: { sha256 } }, right],
  [
    'another digest',
    '/ok',
    { body: { sha256: sha256.replace(/^./, (x) => (x === '0' ? '1' : '0')) } },
    'body-mismatch body sha-256: other',
  ],
  [
    'everything',
    '/ok',
    { status: 200, header: { 'x-version': 'v2' }, body: { contains: 'c', matches: 'r', sha256 } },
    right,
  ],
])('expected: %s', async (_, path, expected, said) => {
  const { port } = await startServer((response, { line }) => {
    const { status, headers, pieces = [] } = answers[line.slice('GET '.length)]!
    response.writeHead(status, { ...headers, ...(pieces.length === 1 && { 'content-length': pieces[0]!.length }) })
    for (const piece of pieces) response.write(piece)
    response.end()
  })
  const all = await runList(port, [get(path, expected)], { limitMs: 100 })
  expect(all.length).toBeGreaterThan(10)
  expect(new Set(all.map(({ outcome, detail }) => `${outcome} ${detail}`))).toEqual(new Set([said]))
})

test('kept connection: what one request expects is asked of its own answer only', async () => {
  const { port } = await startServer((response, { line }) => {
    if (line.endsWith('/a')) response.writeHead(404, { 'x-of': 'a' }).end('of a')
    else response.writeHead(200, { 'x-of': 'b', 'content-length': '4' }).end(line.startsWith('HEAD') ? '' : 'of b')
  })
  const listed = [
    get('/a', { status: 404, header: { 'x-of': 'a' }, body: { contains: 'of a' } }),
    get('/b', { header: { 'x-of': 'b' }, body: { contains: 'of b' } }),
    { ...get('/b', { header: { 'x-of': 'b' } }), method: 'HEAD' as const },
  ]
  const shares = { fresh: 0, reused: 1, 'reused-post': 0 }
  const all = await runList(port, listed, { shares, clients: 2, maxIdle: 2 })
  expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['ok']))
  expect(Math.max(...all.map(({ use }) => use))).toBeGreaterThan(5)
})

test('identified workload: kept heads are recognised, and expectations hold for each answer', async () => {
  const { port } = await startServer((response, { seq, headers }) => {
    const own = { 'x-request-id': String(headers['x-request-id']), 'x-nodrop-workload': 'workload' }
    response.writeHead(200, { ...own, 'x-version': seq % 5 === 0 ? 'v1' : 'v2' }).end('x')
  })
  const { identification } = createTrialPlan(1)
  const all = await runList(port, [get('/', { header: { 'x-version': 'v2' } })], { identification, ratePerSecond: 400 })
  expect(all.length).toBeGreaterThan(100)
  for (const { seq, outcome } of all) expect([seq, outcome]).toEqual([seq, seq % 5 === 0 ? 'header-mismatch' : 'ok'])
})

test('reach: asks by what only asks, and takes the status that is expected of it', async () => {
  const { port, received } = await startServer((response, { line }) =>
    response.writeHead(line === 'GET /a' ? 404 : 405).end(),
  )
  const writing = { ...get('/orders'), method: 'POST' as const, headers: { accept: 'x' } }
  expect(await probeTarget(createListPlan(port, [writing, get('/a', { status: 404 })]))).toBeNull()
  expect(await probeTarget(createListPlan(port, [writing, get('/b', { status: 404 })]))).toBe('it answers 405')
  // Nothing is written before the load: it is enough that a server answers.
  expect(await probeTarget(createListPlan(port, [writing]))).toBeNull()
  expect(received.map(({ line, headers }) => `${line} ${headers.accept}`)).toEqual([
    'GET /a undefined',
    'GET /b undefined',
    'OPTIONS /orders x',
  ])
})

test.each<[string, Partial<Record<keyof DriverRequest, unknown>>]>([
  ['a second end of the head', { headers: { accept: 's3cret\r\n\r\nGET / HTTP/1.1' } }],
  ['a length of its own', { headers: { 'Content-Length': '5', a: 's3cret' } }],
  ['a path with a line break', { path: '/s3cret\r\n' }],
  ['a method that is none', { method: 's3cret' }],
  ['a body that is too large', { body: 's3cret'.repeat(200_000) }],
  ['a pattern that may take for ever', { expect: { body: { matches: '(s)\\1' } } }],
])('refused without a word of its values: a request with %s', (_, changed) => {
  const plan = createTrialPlan(1, { listed: [{ ...get('/'), ...changed } as DriverRequest] })
  const parse = (): unknown => parseDriverPlan(JSON.stringify(plan))
  expect(parse).toThrow(/^Cannot use listed: it must have a .* in request 0$/)
  expect(parse).not.toThrow(/s3cret/)
})

test('refused without a word of its values: a plan that is not JSON', () => {
  expect(() => parseDriverPlan('{"listed": s3cret}')).toThrow(/^Cannot use the plan: it is not JSON$/)
})
