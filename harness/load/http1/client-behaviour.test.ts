/** The client settings of a scenario, on real sockets. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { resolveRequests } from '../../model/load/lane-requests.ts'
import type { RequestRecord } from '../../model/record.ts'
import { parseDriverPlan } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { startTrialLoad, createTrialPlan } from '../driver/trial-load.ts'

async function startServer(answer: RequestListener): Promise<AsyncDisposable & { port: number }> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const createIdentityHeaders = (request: IncomingMessage): Record<string, string> => ({
  'x-request-id': String(request.headers['x-request-id']),
  'x-nodrop-workload': 'workload',
})
const listOutcomes = (records: RequestRecord[]): Set<string> => new Set(records.map(({ outcome }) => outcome))
/** Two clients, each of which keeps one request in flight, so that connections are reused on any machine. */
const closed = { clients: 2, maxIdle: 2, timeoutMs: 5000, connectTimeoutMs: 5000 }
const shareOnly = (lane: 'fresh' | 'reused' | 'reused-post'): DriverPlan['shares'] => ({
  fresh: 0,
  reused: 0,
  'reused-post': 0,
  [lane]: 1,
})

test('lanes: each sends its method, headers and body', async () => {
  const seen = new Set<string>()
  await using server = await startServer((request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    request.on('end', () => {
      const { method, headers } = request
      seen.add(`${method} ${bytes} ${headers['content-type']} ${headers['content-length']} ${headers['accept']}`)
      response.writeHead(200, createIdentityHeaders(request)).end('x')
    })
  })
  const requests = resolveRequests({
    requests: {
      fresh: { method: 'HEAD', headers: { Accept: 'text/plain' } },
      reused: { method: 'DELETE' },
      'reused-post': { method: 'PUT', bodyBytes: 100_000, headers: { 'Content-Type': 'image/png' } },
    },
  })
  const shares = { fresh: 0.3, reused: 0.4, 'reused-post': 0.3 }
  const all = await startTrialLoad(
    createTrialPlan(server.port, { requests, shares, timeoutMs: 5000, connectTimeoutMs: 5000 }),
  ).records
  expect(listOutcomes(all)).toEqual(new Set(['ok']))
  expect(seen).toEqual(
    new Set([
      'HEAD 0 undefined undefined text/plain',
      'DELETE 0 undefined undefined undefined',
      'PUT 100000 image/png 100000 undefined',
    ]),
  )
})

test.for<[string, Record<string, string>]>([
  ['a second end of the head', { accept: 'x\r\n\r\nGET / HTTP/1.1' }],
  ['a name with a colon', { 'a:b': 'x' }],
  ['a length of its own', { 'Content-Length': '5' }],
  ['a connection of its own', { connection: 'close' }],
  ['an id of its own', { 'X-Request-Id': '1' }],
  ['an expectation', { expect: '100-continue' }],
])('headers with %s are refused', ([, headers]) => {
  const plan = createTrialPlan(1)
  const changed = { ...plan, requests: { ...plan.requests, reused: { ...plan.requests.reused, headers } } }
  expect(() => parseDriverPlan(JSON.stringify(changed))).toThrow('Cannot use requests.reused.headers')
})

test('the body has a time limit of its own', async () => {
  await using server = await startServer((request, response) => {
    const late = request.headers['x-request-id']!.toString().endsWith('1')
    response.writeHead(200, { ...createIdentityHeaders(request), 'content-length': '2' }).write('a')
    setTimeout(() => response.end('b'), late ? 700 : 150)
  })
  const all = await startTrialLoad(createTrialPlan(server.port, { timeoutMs: 5000, bodyTimeoutMs: 400, limitMs: 200 }))
    .records
  for (const { seq, outcome, settledUs, firstByteUs } of all) {
    const late = String(seq).endsWith('1')
    expect([seq, outcome]).toEqual([seq, late ? 'timeout-body' : 'ok'])
    if (late) expect(settledUs - firstByteUs!).toBeGreaterThanOrEqual(400_000)
  }
})

test('body digest: a mismatch is found, a match passes, in pieces too', async () => {
  const computeDigest = (body: string): string =>
    `md5=:AAAA:, sha-256=:${createHash('sha256').update(body).digest('base64')}:`
  await using server = await startServer((request, response) => {
    const number = Number(/\d+$/.exec(String(request.headers['x-request-id']))?.[0])
    const body = `${number} `.repeat(20_000)
    const sent = number % 3 === 1 ? body.replace(`${number} `, `${number}!`) : body
    response.writeHead(200, { ...createIdentityHeaders(request), 'content-digest': computeDigest(body) })
    // Without a length: chunked, or with it.
    if (number % 2 === 0) response.write(sent.slice(0, 70_000))
    response.end(number % 2 === 0 ? sent.slice(70_000) : sent)
  })
  const all = await startTrialLoad(createTrialPlan(server.port, { shares: shareOnly('reused'), timeoutMs: 5000 }))
    .records
  expect(all.length).toBeGreaterThan(90)
  for (const { seq, outcome, detail } of all)
    expect([seq, outcome, detail]).toEqual(
      seq % 3 === 1 ? [seq, 'body-mismatch', 'content-digest: other'] : [seq, 'ok', null],
    )
})

test('body digest: not checked for the response to HEAD', async () => {
  await using server = await startServer((request, response) =>
    response
      .writeHead(200, { ...createIdentityHeaders(request), 'content-length': '9', 'content-digest': 'sha-256=:AAAA:' })
      .end(),
  )
  const requests = resolveRequests({ requests: { reused: { method: 'HEAD' } } })
  const all = await startTrialLoad(createTrialPlan(server.port, { ...closed, shares: shareOnly('reused'), requests }))
    .records
  expect(listOutcomes(all)).toEqual(new Set(['ok']))
  expect(Math.max(...all.map(({ use }) => use))).toBeGreaterThan(5)
})

const reuse = { idleMs: null, uses: null, obeysKeepAliveTimeout: false }
const answerOk: RequestListener = (request, response) =>
  response.writeHead(200, createIdentityHeaders(request)).end('x')

test('a kept connection has no more uses than the client gives it', async () => {
  await using server = await startServer(answerOk)
  const plan = createTrialPlan(server.port, { ...closed, shares: shareOnly('reused'), reuse: { ...reuse, uses: 3 } })
  const all = await startTrialLoad(plan).records
  expect(listOutcomes(all)).toEqual(new Set(['ok']))
  expect(new Set(all.map(({ use }) => use))).toEqual(new Set([1, 2, 3]))
})

test('reuse: a connection idle for too long is closed by the client', async () => {
  let open = 0
  const server = createServer(answerOk).listen(0, '127.0.0.1')
  server.on('connection', (socket) => (open++, socket.on('close', () => open--)))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const trial = startTrialLoad(
    createTrialPlan(port, {
      shares: shareOnly('reused'),
      ratePerSecond: 2,
      limitMs: 2000,
      reuse: { ...reuse, idleMs: 100 },
      timeoutMs: 5000,
      connectTimeoutMs: 5000,
    }),
  )
  const counts: number[] = []
  for (const end = performance.now() + 1900; performance.now() < end; await sleep(10)) counts.push(open)
  const all = await trial.records
  expect(listOutcomes(all)).toEqual(new Set(['ok']))
  expect(new Set(all.map(({ use }) => use))).toEqual(new Set([1]))
  expect(counts).toContain(1)
  expect(counts.slice(counts.indexOf(1))).toContain(0)
  server.close()
})

test('reuse: Keep-Alive: timeout is obeyed only where the plan says so', async () => {
  await using server = await startServer((request, response) =>
    response.writeHead(200, { ...createIdentityHeaders(request), 'keep-alive': 'timeout=1' }).end('x'),
  )
  for (const obeysKeepAliveTimeout of [true, false]) {
    const plan = createTrialPlan(server.port, {
      ...closed,
      shares: shareOnly('reused'),
      reuse: { ...reuse, obeysKeepAliveTimeout },
    })
    const uses = (await startTrialLoad(plan).records).map(({ use }) => use)
    // One second less than the server's timeout of one second leaves no time at all.
    if (obeysKeepAliveTimeout) expect(Math.max(...uses)).toBe(1)
    else expect(Math.max(...uses)).toBeGreaterThan(3)
  }
})
