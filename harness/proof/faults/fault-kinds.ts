/** The ways in which the fault server answers, with the right outcome of each: the truth that a client's records are compared with. */
import type { Socket } from 'node:net'
import type { Outcome } from '../../model/record.ts'

/** One request being answered. */
export interface Exchange {
  socket: Socket
  /** The request's `x-request-id`. */
  id: string
  workload: string
  pod: string
  body: string
  /** Whether the client requested the end of the connection, as one of HTTP/1.0 does by default. */
  close: boolean
  /** Whether it requested to keep the connection, as one of HTTP/1.0 must, and waits for the server's confirmation. */
  keep?: boolean
  /** After how many bytes an answer is cut, if it is. */
  cut: number
}

export interface FaultKind {
  /** The only right outcome. */
  outcome: Outcome
  /** Whether the server keeps the connection open; it always ends it if the client requested that. */
  keeps: boolean
  act(exchange: Exchange): void
}

/** Delay between the last bytes sent and a RST, so that the client has read them: a RST may overtake unread data. */
const beforeResetMs = 15
const betweenPiecesMs = 3

interface HeadOptions {
  status?: string
  id?: string | null
  workload?: string | null
  /** Replaces the content-length. */
  framing?: string
}

function buildHead(exchange: Exchange, options: HeadOptions = {}): string {
  const { status = '200 OK', id = exchange.id, workload = exchange.workload } = options
  const lines = [`HTTP/1.1 ${status}`, options.framing ?? `Content-Length: ${exchange.body.length}`]
  if (id !== null) lines.push(`X-Request-Id: ${id}`)
  if (workload !== null) lines.push(`X-Nodrop-Workload: ${workload}`)
  lines.push(`X-Nodrop-Pod: ${exchange.pod}`)
  if (exchange.close) lines.push('Connection: close')
  else if (exchange.keep) lines.push('Connection: keep-alive')
  return `${lines.filter((line) => line !== '').join('\r\n')}\r\n\r\n`
}

/** A complete answer; the connection stays open if the client wants that. */
function sendWhole(exchange: Exchange, answer: string): void {
  exchange.socket.write(answer, 'latin1')
  if (exchange.close) exchange.socket.end()
}

const buildPlain = (exchange: Exchange): string => buildHead(exchange) + exchange.body
const takeHalf = (text: string): string => text.slice(0, text.length >> 1)
const buildChunks = ({ body }: Exchange): string =>
  `${(body.length >> 1).toString(16)}\r\n${takeHalf(body)}\r\n${(body.length - (body.length >> 1)).toString(16)};x=y\r\n${body.slice(body.length >> 1)}\r\n`

function sendAndReset({ socket }: Exchange, text: string): void {
  if (text !== '') socket.write(text, 'latin1')
  setTimeout(() => socket.resetAndDestroy(), text === '' ? 0 : beforeResetMs)
}

function sendInPieces(exchange: Exchange, text: string): void {
  const size = Math.ceil(text.length / 8)
  const sendNext = (from: number): void => {
    if (exchange.socket.destroyed) return
    if (from + size >= text.length) return sendWhole(exchange, text.slice(from))
    exchange.socket.write(text.slice(from, from + size), 'latin1')
    setTimeout(() => sendNext(from + size), betweenPiecesMs)
  }
  sendNext(0)
}

const answerAndKeep = (outcome: Outcome, answer: (exchange: Exchange) => string): FaultKind => ({
  outcome,
  keeps: true,
  act: (exchange) => sendWhole(exchange, answer(exchange)),
})
/** Sends a text and a FIN. */
const answerAndEnd = (outcome: Outcome, answer: (exchange: Exchange) => string): FaultKind => ({
  outcome,
  keeps: false,
  act: (exchange) => void exchange.socket.end(answer(exchange), 'latin1'),
})
const answerAndReset = (outcome: Outcome, answer: (exchange: Exchange) => string): FaultKind => ({
  outcome,
  keeps: false,
  act: (exchange) => sendAndReset(exchange, answer(exchange)),
})
/** Sends a text and then nothing, until the client gives up. */
const answerAndStall = (outcome: Outcome, answer: (exchange: Exchange) => string): FaultKind => ({
  outcome,
  keeps: false,
  act: (exchange) => void exchange.socket.write(answer(exchange), 'latin1'),
})
const chunked = 'Transfer-Encoding: chunked'

/** Answers that are cut have this many bytes, including heads; they are cut after 1, 2, … or all but one of them. */
export const cutAnswerBytes = 1024

function buildCutAnswer(exchange: Exchange): string {
  // The length of the body always has three digits.
  const body = '.'.repeat(cutAnswerBytes - buildHead({ ...exchange, body: '.'.repeat(100) }).length)
  return buildPlain({ ...exchange, body }).slice(0, exchange.cut)
}

export const faultNames = [
  'ok',
  'ok-chunked',
  'ok-no-content',
  'ok-after-interim',
  'ok-in-pieces',
  'ok-until-close',
  'ok-announced-close',
  'ok-then-fin',
  'ok-then-rst',
  'ok-and-excess',
  'fin-before-response',
  'rst-before-response',
  'fin-in-head',
  'fin-after-interim',
  'fin-in-body',
  'fin-before-last-byte',
  'fin-between-chunks',
  'rst-in-head',
  'rst-in-body',
  'rst-until-close',
  'stall-before-response',
  'stall-in-head',
  'stall-in-body',
  'status-302',
  'status-404',
  'status-500',
  'status-502',
  'status-101',
  'id-of-another',
  'id-missing',
  'workload-of-another',
  'workload-missing',
  'garbage',
  'length-not-a-number',
  'two-lengths',
  'chunk-size-wrong',
  'head-too-large',
  'cut-by-fin',
  'cut-by-rst',
] as const
export type FaultName = (typeof faultNames)[number]

export const faultKinds: Record<FaultName, FaultKind> = {
  ok: answerAndKeep('ok', buildPlain),
  'ok-chunked': answerAndKeep(
    'ok',
    (exchange) => `${buildHead(exchange, { framing: chunked })}${buildChunks(exchange)}0\r\nTrailer: x\r\n\r\n`,
  ),
  'ok-no-content': answerAndKeep('ok', (exchange) => buildHead(exchange, { status: '204 No Content', framing: '' })),
  'ok-after-interim': answerAndKeep(
    'ok',
    (exchange) => `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${buildPlain(exchange)}`,
  ),
  'ok-in-pieces': { outcome: 'ok', keeps: true, act: (exchange) => sendInPieces(exchange, buildPlain(exchange)) },
  'ok-until-close': answerAndEnd('ok', (exchange) => buildHead(exchange, { framing: '' }) + exchange.body),
  'ok-announced-close': answerAndEnd('ok', (exchange) => buildPlain({ ...exchange, close: true })),
  /** Unannounced: the next request on the connection may or may not be lost. */
  'ok-then-fin': answerAndEnd('ok', (exchange) => buildPlain({ ...exchange, close: false })),
  'ok-then-rst': answerAndReset('ok', buildPlain),
  'ok-and-excess': answerAndEnd('ok', (exchange) => `${buildPlain(exchange)}HTTP/1.1 200 OK\r\n`),
  'fin-before-response': answerAndEnd('closed-before-response', () => ''),
  'rst-before-response': answerAndReset('reset-before-response', () => ''),
  'fin-in-head': answerAndEnd('truncated', (exchange) => takeHalf(buildHead(exchange))),
  'fin-after-interim': answerAndEnd('truncated', () => 'HTTP/1.1 100 Continue\r\n\r\n'),
  'fin-in-body': answerAndEnd('truncated', (exchange) => buildHead(exchange) + takeHalf(exchange.body)),
  'fin-before-last-byte': answerAndEnd('truncated', (exchange) => buildPlain(exchange).slice(0, -1)),
  'fin-between-chunks': answerAndEnd(
    'truncated',
    (exchange) => buildHead(exchange, { framing: chunked }) + buildChunks(exchange),
  ),
  'rst-in-head': answerAndReset('reset-in-body', (exchange) => takeHalf(buildHead(exchange))),
  'rst-in-body': answerAndReset('reset-in-body', (exchange) => buildHead(exchange) + takeHalf(exchange.body)),
  'rst-until-close': answerAndReset(
    'reset-in-body',
    (exchange) => buildHead(exchange, { framing: '' }) + exchange.body,
  ),
  'stall-before-response': answerAndStall('timeout-headers', () => ''),
  'stall-in-head': answerAndStall('timeout-headers', (exchange) => takeHalf(buildHead(exchange))),
  'stall-in-body': answerAndStall('timeout-body', (exchange) => buildHead(exchange) + takeHalf(exchange.body)),
  'status-302': answerAndKeep(
    'unexpected-status',
    (exchange) => buildHead(exchange, { status: '302 Found' }) + exchange.body,
  ),
  'status-404': answerAndKeep(
    'http-4xx',
    (exchange) => buildHead(exchange, { status: '404 Not Found' }) + exchange.body,
  ),
  'status-500': answerAndKeep('http-5xx', (exchange) => buildHead(exchange, { status: '500 Oops' }) + exchange.body),
  /** Like a proxy's own error page: without id and workload. */
  'status-502': answerAndKeep('http-5xx', (exchange) => {
    const page = { ...exchange, body: '<h1>502 Bad Gateway</h1>' }
    return buildHead(page, { status: '502 Bad Gateway', id: null, workload: null }) + page.body
  }),
  'status-101': answerAndEnd('unexpected-status', (exchange) =>
    buildHead(exchange, { status: '101 Switching Protocols' }),
  ),
  'id-of-another': answerAndKeep(
    'body-mismatch',
    (exchange) => buildHead(exchange, { id: `${exchange.id}0` }) + exchange.body,
  ),
  'id-missing': answerAndKeep('body-mismatch', (exchange) => buildHead(exchange, { id: null }) + exchange.body),
  'workload-of-another': answerAndKeep(
    'wrong-target',
    (exchange) => buildHead(exchange, { workload: 'other' }) + exchange.body,
  ),
  'workload-missing': answerAndKeep(
    'wrong-target',
    (exchange) => buildHead(exchange, { workload: null }) + exchange.body,
  ),
  garbage: answerAndEnd('protocol-error', () => '\0\u0001\u0002 this is no HTTP\r\n\r\n'),
  'length-not-a-number': answerAndEnd(
    'protocol-error',
    (exchange) => buildHead(exchange, { framing: 'Content-Length: 12x' }) + exchange.body,
  ),
  'two-lengths': answerAndEnd(
    'protocol-error',
    (exchange) => buildHead(exchange, { framing: 'Content-Length: 5\r\nContent-Length: 6' }) + exchange.body,
  ),
  'chunk-size-wrong': answerAndEnd(
    'protocol-error',
    (exchange) => `${buildHead(exchange, { framing: chunked })}zz\r\n${exchange.body}`,
  ),
  'head-too-large': answerAndEnd('protocol-error', (exchange) =>
    buildHead(exchange, { framing: `X-Big: ${'x'.repeat(20_000)}` }),
  ),
  'cut-by-fin': answerAndEnd('truncated', buildCutAnswer),
  'cut-by-rst': answerAndReset('reset-in-body', buildCutAnswer),
}
