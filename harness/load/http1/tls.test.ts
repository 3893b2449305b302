import { once } from 'node:events'
import { createServer as createTcp } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { TlsOptions, TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import type { RequestRecord } from '../../model/record.ts'
import { createCertificate } from '../../testing/certificate.ts'
import { parseDriverPlan } from '../service/control-protocol.ts'
import type { DriverPlan } from '../service/control-protocol.ts'
import { probeTarget } from '../service/probe-target.ts'
import { startTrialLoad, createTrialPlan } from '../driver/trial-load.ts'

interface Serving extends AsyncDisposable {
  port: number
  handshakes: { servername: string | false; reused: boolean; alpn: string | false | null }[]
}

async function startListening(server: Server, sockets: Set<Socket>): Promise<Pick<Serving, 'port'> & AsyncDisposable> {
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

type Answer = (socket: TLSSocket, text: string) => void

const answerOk: Answer = (socket, text) => {
  const id = /x-request-id: (\S+)/.exec(text)?.[1]
  const close = text.includes('connection: close')
  const head = `HTTP/1.1 200 OK\r\ncontent-length: 100000\r\nx-nodrop-pod: web-1\r\nx-nodrop-workload: workload\r\nx-request-id: ${id}\r\n`
  socket.write(`${head}${close ? 'connection: close\r\n' : ''}\r\n${'.'.repeat(100_000)}`)
  if (close) socket.end()
}

async function startTlsServer(options: TlsOptions, answer: Answer = answerOk): Promise<Serving> {
  const handshakes: Serving['handshakes'] = []
  const server = createServer({ ALPNProtocols: ['h2', 'http/1.1'], ...options }, (socket) => {
    handshakes.push({
      servername: socket.servername as string | false,
      reused: socket.isSessionReused(),
      alpn: socket.alpnProtocol,
    })
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => answer(socket, bytes.toString('latin1')))
  })
  server.on('tlsClientError', () => {})
  const running = await startListening(server, new Set())
  return { ...running, handshakes }
}

const shares = { fresh: 0.5, reused: 0.3, 'reused-post': 0.2 }
const runLoad = (port: number, changed: Partial<DriverPlan>): Promise<RequestRecord[]> =>
  startTrialLoad(createTrialPlan(port, { shares, limitMs: 400, timeoutMs: 5000, connectTimeoutMs: 5000, ...changed }))
    .records
const listOutcomes = (records: RequestRecord[]): string[] =>
  [...new Set(records.map(({ outcome, detail }) => (detail === null ? outcome : `${outcome} ${detail}`)))].sort()

test('tls: a certificate of the given CA is measured as plain HTTP is', async () => {
  const certificate = await createCertificate()
  await using server = await startTlsServer(certificate)
  const plan = { tls: { ca: certificate.cert, serverName: 'web.test' } }
  expect(await probeTarget(createTrialPlan(server.port, plan))).toBeNull()
  const kept = { fresh: 0, reused: 1, 'reused-post': 0 }
  const all = await runLoad(server.port, { ...plan, shares: kept, clients: 2, maxIdle: 2 })
  all.push(...(await runLoad(server.port, plan)))
  expect(listOutcomes(all)).toEqual(['ok'])
  expect(all.length).toBeGreaterThan(60)
  expect(Math.max(...all.map(({ use }) => use))).toBeGreaterThan(3)
  for (const { use, sentUs, connectedUs, firstByteUs, settledUs, bytes, localPort, pod } of all) {
    expect(pod).toBe('web-1')
    expect(bytes).toBeGreaterThan(100_000)
    expect(localPort).toBeGreaterThan(0)
    if (use === 1) expect(connectedUs!).toBeGreaterThan(sentUs!)
    expect(firstByteUs!).toBeGreaterThanOrEqual(connectedUs!)
    expect(settledUs).toBeGreaterThanOrEqual(firstByteUs!)
  }
  const [first, ...others] = server.handshakes
  expect(first).toMatchObject({ servername: 'web.test' })
  for (const handshake of others) expect(handshake).toEqual({ servername: 'web.test', reused: false, alpn: 'http/1.1' })
})

test('tls: an address as name, or no verification where asked for', async () => {
  const certificate = await createCertificate()
  await using server = await startTlsServer(certificate)
  for (const tls of [{ ca: certificate.cert }, { unverified: true } as const]) {
    expect(listOutcomes(await runLoad(server.port, { tls, limitMs: 100 }))).toEqual(['ok'])
    expect(await probeTarget(createTrialPlan(server.port, { tls }))).toBeNull()
  }
})

test.for<[string, () => Promise<{ server: TlsOptions; tls: NonNullable<DriverPlan['tls']> }>, string]>([
  [
    'a certificate of another CA',
    async () => ({
      server: await createCertificate(),
      tls: { ca: (await createCertificate()).cert, serverName: 'web.test' },
    }),
    'tls DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  [
    'a certificate of another name',
    async () => {
      const certificate = await createCertificate('other.test')
      return { server: certificate, tls: { ca: certificate.cert, serverName: 'web.test' } }
    },
    'tls ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  [
    'a certificate that has expired',
    async () => {
      const certificate = await createCertificate('web.test', new Date(86_400_000))
      return { server: certificate, tls: { ca: certificate.cert, serverName: 'web.test' } }
    },
    'tls CERT_HAS_EXPIRED',
  ],
])('%s is a matter of tls', async ([, make, outcome]) => {
  const { server: options, tls } = await make()
  await using server = await startTlsServer(options)
  const all = await runLoad(server.port, { tls, limitMs: 200 })
  expect(listOutcomes(all)).toEqual([outcome])
  for (const { connectedUs, bytes } of all) expect([connectedUs, bytes]).toEqual([null, 0])
})

async function startTcpServer(onSocket: (socket: Socket) => void): Promise<Pick<Serving, 'port'> & AsyncDisposable> {
  return startListening(createTcp(onSocket), new Set())
}

test("tls: no TLS is tls, a broken handshake is the connection's failure", async () => {
  const tls = { unverified: true } as const
  await using plain = await startTcpServer((socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  )
  const [said, ...more] = listOutcomes(await runLoad(plain.port, { tls, limitMs: 100 }))
  expect([said?.split(' ')[0], more]).toEqual(['tls', []])
  await using ending = await startTcpServer((socket) => socket.on('data', () => socket.end()))
  expect(listOutcomes(await runLoad(ending.port, { tls, limitMs: 100 }))).toEqual(['closed-before-response'])
  await using resetting = await startTcpServer((socket) => socket.on('data', () => socket.resetAndDestroy()))
  expect(listOutcomes(await runLoad(resetting.port, { tls, limitMs: 100 }))).toEqual([
    'reset-before-response ECONNRESET',
  ])
  await using silent = await startTcpServer(() => {})
  expect(listOutcomes(await runLoad(silent.port, { tls, limitMs: 50, connectTimeoutMs: 200 }))).toEqual([
    'connect-timeout',
  ])
  const { port } = silent
  await silent[Symbol.asyncDispose]()
  expect(listOutcomes(await runLoad(port, { tls, limitMs: 50 }))).toEqual(['refused ECONNREFUSED'])
})

test('tls: a server that demands a client certificate is tls', async () => {
  const certificate = await createCertificate()
  await using server = await startTlsServer({
    ...certificate,
    requestCert: true,
    rejectUnauthorized: true,
    ca: certificate.cert,
  })
  const all = await runLoad(server.port, { tls: { unverified: true }, limitMs: 200 })
  expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['tls']))
})

test('what breaks after the handshake is told as without TLS', async () => {
  const certificate = await createCertificate()
  const cases: [Answer, string[]][] = [
    [(socket) => void socket.end(), ['closed-before-response']],
    [(socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab'), ['truncated']],
    [(socket) => void socket.end('no HTTP\r\n\r\n'), ['protocol-error not a status line of HTTP/1']],
    [() => {}, ['timeout-headers']],
  ]
  for (const [answer, outcomes] of cases) {
    await using server = await startTlsServer(certificate, answer)
    const all = await runLoad(server.port, { tls: { unverified: true }, limitMs: 100, timeoutMs: 500 })
    expect(listOutcomes(all)).toEqual(outcomes)
  }
})

test.for<[string, unknown]>([
  ['neither a CA nor a word that it is not verified', {}],
  ['both', { ca: 'x', unverified: true }],
  ['a server name that splits a header', { unverified: true, serverName: 'a\r\nb' }],
])('a plan of TLS with %s is refused', ([, tls]) => {
  expect(() => parseDriverPlan(JSON.stringify({ ...createTrialPlan(1), tls }))).toThrow('Cannot use tls')
})
