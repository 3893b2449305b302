import { expect, test } from 'vitest'
import type { Outcome, RequestRecord } from '../../model/record.ts'
import { TcpConversation, buildPcap } from '../../testing/pcap-frames.ts'
import type { PcapOptions } from '../../testing/pcap-frames.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { compareCapture, isFullAgreement, formatAgreement } from './agreement.ts'
import type { Agreement } from './agreement.ts'
import { assembleFlows } from './flow.ts'
import type { Flow } from './flow.ts'
import { parsePackets } from './pcap.ts'
import { parseFrame } from './segment.ts'

const [client, server] = ['10.0.0.7', '10.96.0.1:80']
const prefix = 'run-0-'
const formatId = (seq: number): string => `${prefix}${seq}`

function buildGet(seq: number): string {
  return `GET /?ms=100 HTTP/1.1\r\nhost: web\r\nx-request-id: ${formatId(seq)}\r\n\r\n`
}

function buildResponse(seq: number, status = '200 OK', body = 'hello'): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nX-Request-Id: ${formatId(seq)}\r\n\r\n${body}`
}

/** The n-th connection, from its own port. */
function openConnection(n: number, firstSeq?: number): TcpConversation {
  return new TcpConversation(`${client}:${getPort(n)}`, server, firstSeq)
}

const getPort = (n: number): number => 40_000 + n

/** A record of the driver. */
function createRecord(fields: Partial<RequestRecord> = {}): RequestRecord {
  return buildRequest({ localPort: getPort(fields.connection ?? 1), ...fields })
}

function readFlows(conversations: readonly TcpConversation[], options?: PcapOptions): Flow[] {
  const frames = conversations.flatMap(({ frames }) => frames).sort((a, b) => a.atUs - b.atUs)
  const seen = parsePackets(buildPcap(frames, options)).map(parseFrame)
  return assembleFlows(seen.filter((one) => one !== null))
}

function compareWith(records: readonly RequestRecord[], conversations: readonly TcpConversation[]): Agreement {
  return compareCapture(records, readFlows(conversations), prefix)
}

/** The end of request 1 on connection 2, and its right outcome. */
const endings: [ending: string, outcome: Outcome, play: (talk: TcpConversation) => TcpConversation][] = [
  ['a RST for its SYN', 'refused', (talk) => talk.client(100, ['syn']).server(110, ['rst', 'ack'])],
  ['a port out of reach', 'refused', (talk) => talk.client(100, ['syn']).undelivered(110, 3)],
  [
    'a host out of reach',
    'unreachable',
    (talk) => talk.client(100, ['syn']).repeat(1_000_100).undelivered(3_000_000, 1),
  ],
  ['no answer to its SYNs', 'connect-timeout', (talk) => talk.client(100, ['syn']).repeat(1_000_100).repeat(3_000_100)],
  [
    'an answer to its SYN that comes too late',
    'connect-timeout',
    (talk) => talk.client(100, ['syn']).repeat(3_000_100).server(5_100_000, ['syn', 'ack']).client(5_100_010, ['rst']),
  ],
  [
    'a FIN for its bytes',
    'closed-before-response',
    (talk) => talk.request(100, buildGet(1)).server(140, ['fin', 'ack']),
  ],
  ['a RST for its bytes', 'reset-before-response', (talk) => talk.request(100, buildGet(1)).server(140, ['rst'])],
  [
    'a RST before its bytes',
    'reset-before-response',
    (talk) => talk.client(100, ['syn']).server(110, ['syn', 'ack']).server(120, ['rst']),
  ],
  [
    'a RST after the client has left because of the FIN',
    'closed-before-response',
    (talk) =>
      talk.request(100, buildGet(1)).server(140, ['fin', 'ack']).client(150, ['fin', 'ack']).server(160, ['rst']),
  ],
  [
    'a FIN within the response',
    'truncated',
    (talk) =>
      talk.request(100, buildGet(1)).server(140, ['ack'], buildResponse(1).slice(0, -1)).server(150, ['fin', 'ack']),
  ],
  [
    'a RST within the response',
    'reset-in-body',
    (talk) => talk.request(100, buildGet(1)).server(140, ['ack'], buildResponse(1).slice(0, 20)).server(150, ['rst']),
  ],
  ['silence', 'timeout-headers', (talk) => talk.request(100, buildGet(1)).client(5_000_100, ['rst'])],
  [
    'silence within the body',
    'timeout-body',
    (talk) =>
      talk.request(100, buildGet(1)).server(140, ['ack'], buildResponse(1).slice(0, -1)).client(5_000_100, ['rst']),
  ],
  [
    'status 502',
    'http-5xx',
    (talk) => talk.request(100, buildGet(1)).server(140, ['ack'], buildResponse(1, '502 Bad Gateway')),
  ],
  [
    'status 404',
    'http-4xx',
    (talk) => talk.request(100, buildGet(1)).server(140, ['ack'], buildResponse(1, '404 Not Found')),
  ],
  [
    'status 302',
    'unexpected-status',
    (talk) => talk.request(100, buildGet(1)).server(140, ['ack'], buildResponse(1, '302 Found')),
  ],
  [
    'the answer to another request',
    'body-mismatch',
    (talk) => talk.request(100, buildGet(1)).server(140, ['ack'], buildResponse(7)),
  ],
]
const before = openConnection(1).request(0, buildGet(0)).server(90, ['ack'], buildResponse(0))
const after = openConnection(3).request(10_000, buildGet(2)).server(10_090, ['ack'], buildResponse(2))
const around = [createRecord({ seq: 0, connection: 1 }), createRecord({ seq: 2, connection: 3 })]

test.each(endings)('%s is %s, and nothing else', (_, outcome, play) => {
  const conversations = [before, play(openConnection(2)), after]
  const logged = (outcome: Outcome): RequestRecord[] => [...around, createRecord({ seq: 1, connection: 2, outcome })]
  const agreement = compareWith(logged(outcome), conversations)
  expect(agreement).toMatchObject({ requests: 3, losses: { [outcome]: { logged: 1, agreeing: 1 } }, either: 0 })
  expect(isFullAgreement(agreement)).toBe(true)
  for (const other of endings.map(([, name]) => name).filter((name) => name !== outcome)) {
    const { losses, disagreeing } = compareWith(logged(other), conversations)
    expect(losses).toEqual({ [other]: { logged: 1, agreeing: 0 } })
    expect(disagreeing).toEqual([{ id: formatId(1), logged: other, captured: [outcome] }])
  }
  expect(compareWith(logged('ok'), conversations).unlogged).toEqual([
    { id: formatId(1), logged: 'ok', captured: [outcome] },
  ])
})

test('capture: FIN and RST before the client left count as either', () => {
  const both = openConnection(1).request(0, buildGet(0)).server(90, ['fin', 'ack']).server(91, ['rst'])
  for (const outcome of ['closed-before-response', 'reset-before-response'] as const) {
    expect(compareWith([createRecord({ outcome })], [both])).toMatchObject({ either: 1, disagreeing: [] })
  }
  expect(compareWith([createRecord({ outcome: 'refused' })], [both]).disagreeing).toHaveLength(1)
})

test.each<[string, PcapOptions]>([
  ['big-endian', { bigEndian: true }],
  ['of nanoseconds', { nanoseconds: true }],
])('a capture that is %s says the same', (_, options) => {
  const conversations = [before, after]
  expect(readFlows(conversations, options)).toEqual(readFlows(conversations))
  expect(readFlows(conversations)[1]?.synUs).toBe(10_000)
})

test('a packet that was cut when its capture ended is left out', () => {
  const whole = buildPcap(before.frames)
  const length = before.frames.length
  expect([0, 1, 40].map((cut) => parsePackets(whole.subarray(0, whole.length - cut)).length)).toEqual([
    length,
    length - 1,
    length - 1,
  ])
})

test('what is no capture of Ethernet frames is refused', () => {
  expect(() => parsePackets(Buffer.from('no capture at all, but long enough'))).toThrow(/not in pcap format/)
  expect(() => parsePackets(buildPcap([], { linkType: 113 }))).toThrow(/must be Ethernet, 1, found 113/)
})

test('each answer on a kept connection belongs to its own request', () => {
  const post = buildGet(1).replace('\r\n\r\n', '\r\ncontent-length: 64\r\n\r\n') + 'x'.repeat(64)
  const kept = openConnection(1)
    .request(0, buildGet(0))
    .server(90, ['ack'], `HTTP/1.1 103 Early Hints\r\n\r\n${buildResponse(0)}`)
    .client(200, ['ack'], post)
    .server(290, ['ack'], buildResponse(1, '503 Service Unavailable'))
    .client(300, ['ack'], buildGet(2))
    .server(310, ['fin', 'ack'])
  const records = (['ok', 'http-5xx', 'closed-before-response'] as const).map((outcome, seq) =>
    createRecord({ seq, outcome, use: seq + 1 }),
  )
  const agreement = compareWith(records, [kept])
  expect(agreement.losses).toEqual({
    'http-5xx': { logged: 1, agreeing: 1 },
    'closed-before-response': { logged: 1, agreeing: 1 },
  })
  expect(isFullAgreement(agreement)).toBe(true)
})

test('an answer in pieces, in chunks, or ended by its connection is whole', () => {
  const text = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Request-Id: ${formatId(0)}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`
  const pieces = openConnection(1)
    .request(0, buildGet(0))
    .server(90, ['ack'], text.slice(0, 30))
    .repeat(95)
    .server(96, ['ack'], text.slice(30))
  const closing = `HTTP/1.1 200 OK\r\nX-Request-Id: ${formatId(1)}\r\n\r\nhello`
  const untilClose = openConnection(2)
    .request(100, buildGet(1))
    .server(190, ['ack'], closing)
    .server(191, ['fin', 'ack'])
  const records = [createRecord({ seq: 0, connection: 1 }), createRecord({ seq: 1, connection: 2 })]
  expect(isFullAgreement(compareWith(records, [pieces, untilClose]))).toBe(true)
})

test('capture: probes are no load, and a port may be used again', () => {
  const probe = new TcpConversation('10.0.0.1:50000', `${client}:8089`).request(5, 'GET /health HTTP/1.1\r\n\r\n')
  const start = openConnection(9)
    .request(1, buildGet(0).replace(formatId(0), 'reach'))
    .server(4, ['ack'], buildResponse(0))
  const first = openConnection(1).request(10, buildGet(0)).server(90, ['ack'], buildResponse(0))
  const refused = openConnection(1, 5000).client(100, ['syn']).server(110, ['rst', 'ack'])
  const records = [
    createRecord({ seq: 0, connection: 1 }),
    createRecord({ seq: 1, connection: 2, outcome: 'refused', localPort: getPort(1) }),
  ]
  expect(isFullAgreement(compareWith(records, [probe, start, first, refused]))).toBe(true)
})

test('capture: reports a request sent twice, and a loss not in the log', () => {
  const twice = [
    openConnection(1).request(0, buildGet(0)).server(5, ['rst']),
    openConnection(2).request(10, buildGet(0)).server(90, ['ack'], buildResponse(0)),
  ]
  expect(compareWith([createRecord({ connection: 2 })], twice).sentTwice).toEqual([formatId(0)])
  const agreement = compareWith(around, [
    before,
    openConnection(2).request(100, buildGet(1)).server(140, ['rst']),
    after,
  ])
  expect(agreement.unlogged).toEqual([{ id: formatId(1), logged: null, captured: ['reset-before-response'] }])
  expect(isFullAgreement(agreement)).toBe(false)
  expect(formatAgreement(agreement)).toContain(
    `  ${formatId(1)}: absent in the log, reset-before-response in the capture`,
  )
})

test('capture: reports a failed connection without a request in the log', () => {
  const extra = openConnection(2).client(100, ['syn']).server(110, ['rst', 'ack'])
  expect(compareWith(around.slice(0, 1), [before, extra]).unlogged).toEqual([
    { id: `${client}:${getPort(2)}`, logged: null, captured: ['refused'] },
  ])
})

test('a loss of which the capture shows nothing disagrees', () => {
  const lost = createRecord({ seq: 3, connection: 4, outcome: 'refused' })
  expect(
    compareWith([...around, lost], [before, openConnection(2).client(100, ['syn']).server(110, ['syn', 'ack']), after])
      .disagreeing,
  ).toEqual([{ id: formatId(3), logged: 'refused', captured: [] }])
})

test('a request that never left is not taken for that of another port', () => {
  const refused = openConnection(2).client(100, ['syn']).server(110, ['rst', 'ack'])
  const logged = (localPort: number | null): RequestRecord[] => [
    ...around,
    createRecord({ seq: 1, connection: 2, outcome: 'refused', localPort }),
  ]
  for (const port of [getPort(2), null])
    expect(isFullAgreement(compareWith(logged(port), [before, refused, after]))).toBe(true)
  expect(compareWith(logged(getPort(5)), [before, refused, after]).disagreeing).toHaveLength(1)
})
