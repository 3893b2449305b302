/** The ways in which the fault server answers, and what each of them is: the truth that a client's record is held against. */
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
  /** Whether the client asked for the connection to be closed. */
  close: boolean
  /** After how many bytes an answer that is cut is cut. */
  cut: number
}

export interface FaultKind {
  /** The one right outcome. */
  outcome: Outcome
  /** Whether the server lets the connection live on; it always ends it where the client asked for that. */
  keeps: boolean
  act(exchange: Exchange): void
}

/** Between the last bytes sent and a RST, so that the client has read them: a RST may overtake what waits to be read. */
const beforeResetMs = 15
const betweenPiecesMs = 3

interface HeadOptions {
  status?: string
  id?: string | null
  workload?: string | null
  /** In place of the content-length. */
  framing?: string
}

function head(exchange: Exchange, options: HeadOptions = {}): string {
  const { status = '200 OK', id = exchange.id, workload = exchange.workload } = options
  const lines = [`HTTP/1.1 ${status}`, options.framing ?? `Content-Length: ${exchange.body.length}`]
  if (id !== null) lines.push(`X-Request-Id: ${id}`)
  if (workload !== null) lines.push(`X-Nodrop-Workload: ${workload}`)
  lines.push(`X-Nodrop-Pod: ${exchange.pod}`)
  if (exchange.close) lines.push('Connection: close')
  return `${lines.filter((line) => line !== '').join('\r\n')}\r\n\r\n`
}

/** A complete answer; the connection lives on if the client wants that. */
function whole(exchange: Exchange, answer: string): void {
  exchange.socket.write(answer, 'latin1')
  if (exchange.close) exchange.socket.end()
}

const plain = (exchange: Exchange): string => head(exchange) + exchange.body
const half = (text: string): string => text.slice(0, text.length >> 1)
const chunks = ({ body }: Exchange): string =>
  `${(body.length >> 1).toString(16)}\r\n${half(body)}\r\n${(body.length - (body.length >> 1)).toString(16)};x=y\r\n${body.slice(body.length >> 1)}\r\n`

function thenReset({ socket }: Exchange, text: string): void {
  if (text !== '') socket.write(text, 'latin1')
  setTimeout(() => socket.resetAndDestroy(), text === '' ? 0 : beforeResetMs)
}

function inPieces(exchange: Exchange, text: string): void {
  const size = Math.ceil(text.length / 8)
  const next = (from: number): void => {
    if (exchange.socket.destroyed) return
    if (from + size >= text.length) return whole(exchange, text.slice(from))
    exchange.socket.write(text.slice(from, from + size), 'latin1')
    setTimeout(() => next(from + size), betweenPiecesMs)
  }
  next(0)
}

const keeping = (outcome: Outcome, answer: (exchange: Exchange) => string): FaultKind => ({
  outcome,
  keeps: true,
  act: (exchange) => whole(exchange, answer(exchange)),
})
/** Sends a text and a FIN. */
const ending = (outcome: Outcome, answer: (exchange: Exchange) => string): FaultKind => ({
  outcome,
  keeps: false,
  act: (exchange) => void exchange.socket.end(answer(exchange), 'latin1'),
})
const resetting = (outcome: Outcome, answer: (exchange: Exchange) => string): FaultKind => ({
  outcome,
  keeps: false,
  act: (exchange) => thenReset(exchange, answer(exchange)),
})
/** Sends a text and then nothing, until the client gives up. */
const stalling = (outcome: Outcome, answer: (exchange: Exchange) => string): FaultKind => ({
  outcome,
  keeps: false,
  act: (exchange) => void exchange.socket.write(answer(exchange), 'latin1'),
})
const chunked = 'Transfer-Encoding: chunked'

/** Answers that are cut have this many bytes, heads included; they are cut after 1 of them, 2, … or all but one. */
export const cutAnswerBytes = 1024

function firstBytes(exchange: Exchange): string {
  // The length of the body has three digits, whatever it is.
  const body = '.'.repeat(cutAnswerBytes - head({ ...exchange, body: '.'.repeat(100) }).length)
  return plain({ ...exchange, body }).slice(0, exchange.cut)
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
  ok: keeping('ok', plain),
  'ok-chunked': keeping(
    'ok',
    (exchange) => `${head(exchange, { framing: chunked })}${chunks(exchange)}0\r\nTrailer: x\r\n\r\n`,
  ),
  'ok-no-content': keeping('ok', (exchange) => head(exchange, { status: '204 No Content', framing: '' })),
  'ok-after-interim': keeping(
    'ok',
    (exchange) => `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${plain(exchange)}`,
  ),
  'ok-in-pieces': { outcome: 'ok', keeps: true, act: (exchange) => inPieces(exchange, plain(exchange)) },
  'ok-until-close': ending('ok', (exchange) => head(exchange, { framing: '' }) + exchange.body),
  'ok-announced-close': ending('ok', (exchange) => plain({ ...exchange, close: true })),
  /** Not announced: the next request on the connection may or may not be lost. */
  'ok-then-fin': ending('ok', (exchange) => plain({ ...exchange, close: false })),
  'ok-then-rst': resetting('ok', plain),
  'ok-and-excess': ending('ok', (exchange) => `${plain(exchange)}HTTP/1.1 200 OK\r\n`),
  'fin-before-response': ending('closed-before-response', () => ''),
  'rst-before-response': resetting('reset-before-response', () => ''),
  'fin-in-head': ending('truncated', (exchange) => half(head(exchange))),
  'fin-after-interim': ending('truncated', () => 'HTTP/1.1 100 Continue\r\n\r\n'),
  'fin-in-body': ending('truncated', (exchange) => head(exchange) + half(exchange.body)),
  'fin-before-last-byte': ending('truncated', (exchange) => plain(exchange).slice(0, -1)),
  'fin-between-chunks': ending('truncated', (exchange) => head(exchange, { framing: chunked }) + chunks(exchange)),
  'rst-in-head': resetting('reset-in-body', (exchange) => half(head(exchange))),
  'rst-in-body': resetting('reset-in-body', (exchange) => head(exchange) + half(exchange.body)),
  'rst-until-close': resetting('reset-in-body', (exchange) => head(exchange, { framing: '' }) + exchange.body),
  'stall-before-response': stalling('timeout-headers', () => ''),
  'stall-in-head': stalling('timeout-headers', (exchange) => half(head(exchange))),
  'stall-in-body': stalling('timeout-body', (exchange) => head(exchange) + half(exchange.body)),
  'status-302': keeping('unexpected-status', (exchange) => head(exchange, { status: '302 Found' }) + exchange.body),
  'status-404': keeping('http-4xx', (exchange) => head(exchange, { status: '404 Not Found' }) + exchange.body),
  'status-500': keeping('http-5xx', (exchange) => head(exchange, { status: '500 Oops' }) + exchange.body),
  /** As a proxy's own error page: no id, no workload. */
  'status-502': keeping(
    'http-5xx',
    (exchange) => head(exchange, { status: '502 Bad Gateway', id: null, workload: null }) + exchange.body,
  ),
  'status-101': ending('unexpected-status', (exchange) => head(exchange, { status: '101 Switching Protocols' })),
  'id-of-another': keeping('body-mismatch', (exchange) => head(exchange, { id: `${exchange.id}0` }) + exchange.body),
  'id-missing': keeping('body-mismatch', (exchange) => head(exchange, { id: null }) + exchange.body),
  'workload-of-another': keeping('wrong-target', (exchange) => head(exchange, { workload: 'other' }) + exchange.body),
  'workload-missing': keeping('wrong-target', (exchange) => head(exchange, { workload: null }) + exchange.body),
  garbage: ending('protocol-error', () => '\0\u0001\u0002 this is no HTTP\r\n\r\n'),
  'length-not-a-number': ending(
    'protocol-error',
    (exchange) => head(exchange, { framing: 'Content-Length: 12x' }) + exchange.body,
  ),
  'two-lengths': ending(
    'protocol-error',
    (exchange) => head(exchange, { framing: 'Content-Length: 5\r\nContent-Length: 6' }) + exchange.body,
  ),
  'chunk-size-wrong': ending(
    'protocol-error',
    (exchange) => `${head(exchange, { framing: chunked })}zz\r\n${exchange.body}`,
  ),
  'head-too-large': ending('protocol-error', (exchange) => head(exchange, { framing: `X-Big: ${'x'.repeat(20_000)}` })),
  'cut-by-fin': ending('truncated', firstBytes),
  'cut-by-rst': resetting('reset-in-body', firstBytes),
}
