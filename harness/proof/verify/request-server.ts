/** A server that answers several kinds of request rightly or wrongly, at random, and records which it did. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hashToFraction } from '../../base/random.ts'
import type { WeightedRequest } from '../../model/load/requests.ts'
import type { Outcome } from '../../model/record.ts'
import { parseRequestNumber } from '../faults/fault-mix.ts'

interface Answer {
  status: number
  kind?: string
  body?: string
}

/** A listed request, and its possible answers. */
interface AskedRequest {
  request: WeightedRequest & { name: string }
  /** As the server receives it. */
  line: string
  body: string
  answers: readonly (Answer & { outcome: Outcome })[]
}

const html = 'text/html'
const page = `<html>${'.'.repeat(40_000)}basket</html>`

export const askedRequests: readonly AskedRequest[] = [
  {
    request: {
      name: 'page',
      weight: 5,
      path: '/page?lang=en',
      expect: { header: { 'x-kind': html }, body: { contains: 'basket</html>' } },
    },
    line: 'GET /page?lang=en',
    body: '',
    answers: [
      { status: 200, kind: html, body: page, outcome: 'ok' },
      { status: 203, kind: html, body: page, outcome: 'ok' },
      { status: 200, kind: 'text/plain', body: page, outcome: 'header-mismatch' },
      { status: 200, body: page, outcome: 'header-mismatch' },
      { status: 200, kind: html, body: page.replace('basket', 'bucket'), outcome: 'body-mismatch' },
      { status: 200, kind: html, body: '', outcome: 'body-mismatch' },
      { status: 404, kind: html, body: page, outcome: 'http-4xx' },
      { status: 503, kind: html, body: page, outcome: 'http-5xx' },
      { status: 302, kind: html, body: page, outcome: 'unexpected-status' },
    ],
  },
  {
    request: { name: 'search', weight: 3, path: '/search', query: { q: 'a&b' }, expect: { status: [200, 404] } },
    line: 'GET /search?q=a%26b',
    body: '',
    answers: [
      { status: 200, body: '[]', outcome: 'ok' },
      { status: 404, body: 'nothing', outcome: 'ok' },
      { status: 204, outcome: 'unexpected-status' },
      { status: 410, outcome: 'http-4xx' },
      { status: 500, outcome: 'http-5xx' },
    ],
  },
  {
    request: {
      name: 'order',
      weight: 2,
      method: 'POST',
      path: '/orders',
      headers: { 'Content-Type': 'application/json' },
      body: '{"article":"für"}',
      expect: { status: 201, body: { matches: '^\\{"number":\\d+\\}$' } },
    },
    line: 'POST /orders',
    body: '{"article":"für"}',
    answers: [
      { status: 201, body: '{"number":17}', outcome: 'ok' },
      { status: 201, body: '{"number":null}', outcome: 'body-mismatch' },
      { status: 200, body: '{"number":17}', outcome: 'unexpected-status' },
      { status: 409, body: '{"number":17}', outcome: 'http-4xx' },
    ],
  },
  {
    request: { name: 'head', method: 'HEAD', path: '/page', expect: { header: { 'X-Kind': html } } },
    line: 'HEAD /page',
    body: '',
    answers: [
      { status: 200, kind: html, body: page, outcome: 'ok' },
      { status: 200, body: page, outcome: 'header-mismatch' },
      { status: 502, kind: html, outcome: 'http-5xx' },
    ],
  },
  {
    request: { name: 'cancel', method: 'DELETE', path: '/orders/17', expect: { status: 204 } },
    line: 'DELETE /orders/17',
    body: '',
    answers: [
      { status: 204, outcome: 'ok' },
      { status: 200, outcome: 'unexpected-status' },
      { status: 404, outcome: 'http-4xx' },
    ],
  },
]

export interface RequestServer extends AsyncDisposable {
  readonly port: number
  /** By number of the request: which one it was, its outcome, and how often it came. */
  readonly truth: ReadonlyMap<number, { name: string; outcome: Outcome; times: number }>
  /** Requests that are not in the list. */
  readonly strangers: readonly string[]
}

export async function startRequestServer(seed: number): Promise<RequestServer> {
  const truth = new Map<number, { name: string; outcome: Outcome; times: number }>()
  const strangers: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => sendAnswer(response, choose(request, Buffer.concat(chunks).toString())))
  })
  const choose = (request: IncomingMessage, body: string): Answer => {
    const number = parseRequestNumber(String(request.headers['x-request-id']))
    // The probe of the server is not part of the load.
    if (number < 0) return { status: 200 }
    const asked = findAsked(request, body)
    if (asked === null) {
      strangers.push(`${request.method} ${request.url}`)
      return { status: 400 }
    }
    const answer = asked.answers[Math.floor(hashToFraction(seed, number) * asked.answers.length)]!
    const times = (truth.get(number)?.times ?? 0) + 1
    truth.set(number, { name: asked.request.name, outcome: answer.outcome, times })
    return answer
  }
  server.listen(0, '127.0.0.1', 4096)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    truth,
    strangers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function findAsked({ method, url }: IncomingMessage, body: string): AskedRequest | null {
  return askedRequests.find((one) => one.line === `${method} ${url}` && one.body === body) ?? null
}

/** In two pieces, so that the expected text is split between them. */
function sendAnswer(response: ServerResponse, { status, kind, body = '' }: Answer): void {
  response.writeHead(status, kind === undefined ? {} : { 'x-kind': kind })
  const half = body.length - 10
  if (half > 0) response.write(body.slice(0, half))
  response.end(body.slice(Math.max(0, half)))
}
