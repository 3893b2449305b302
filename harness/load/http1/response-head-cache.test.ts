import { expect, test } from 'vitest'
import { classifyResponse } from './outcome.ts'
import { ResponseParser } from './response-parser.ts'

const body = 'x'.repeat(20)
const buildHead = (id: string): string =>
  `HTTP/1.1 200 OK\r\nServer: x\r\nDate: Sat, 28 Nov 2026 00:00:00 GMT\r\nContent-Length: 20\r\n` +
  `X-Request-Id: ${id}\r\nx-nodrop-workload: w\r\nX-Nodrop-Pod: web-1\r\n\r\n`
const buildResponse = (seq: number): string => buildHead(`run-0-${seq}`) + body

function createParser(): ResponseParser {
  return new ResponseParser({ idPrefix: 'run-0-', workload: 'w', toHead: false })
}

function readResponse(one: ResponseParser, seq: number, text: string): Record<string, unknown> {
  one.start(seq)
  const progress = one.feed(Buffer.from(text, 'latin1'), text.length)
  const { head, problem, headDone, reusable, excess, endsByClose } = one
  const { status, minor, close, pod, id, workload } = head
  const said = { status, minor, close, pod, id, workload, problem, headDone, reusable, excess, endsByClose }
  return { progress, ...said, outcome: progress === 'done' ? classifyResponse(head, one.examine()).outcome : null }
}

/** A parser that has read this number of good answers, the longest ids last. */
function createTrainedParser(): ResponseParser {
  const one = createParser()
  for (const seq of [1, 2, 3])
    expect(readResponse(one, seq, buildResponse(seq))).toMatchObject({ outcome: 'ok', pod: 'web-1' })
  return one
}

test('head cache: a repeated head reads the same, for ids of any length', () => {
  const one = createTrainedParser()
  for (const seq of [4, 9, 10, 99, 100, 12_345, 9_007_199_254_740_991, 0]) {
    expect(readResponse(one, seq, buildResponse(seq))).toEqual(readResponse(createParser(), seq, buildResponse(seq)))
  }
})

test('head cache: a head that differs in any byte reads as if uncached', () => {
  const text = buildResponse(4)
  for (let at = 0; at < text.length; at++) {
    for (const other of ['0', 'x', '\r', '\n', ':', ' ']) {
      const changed = text.slice(0, at) + other + text.slice(at + 1)
      expect(readResponse(createTrainedParser(), 4, changed)).toEqual(readResponse(createParser(), 4, changed))
    }
    expect(readResponse(createTrainedParser(), 4, text.slice(0, at))).toEqual(
      readResponse(createParser(), 4, text.slice(0, at)),
    )
  }
})

test.for([
  ['the number of another request', 'run-0-3'],
  ['a number that goes on', 'run-0-44'],
  ['a number that begins with 0', 'run-0-04'],
  ['no number', 'run-0-'],
  ['the id of another driver', 'run-1-4'],
])('an answer like the last one is a mismatch with %s', ([, id]) => {
  expect(readResponse(createTrainedParser(), 4, buildHead(id!) + body)).toMatchObject({
    progress: 'done',
    outcome: 'body-mismatch',
  })
})

test('head cache: bytes of an earlier response are not read again', () => {
  const one = createTrainedParser()
  const buffer = Buffer.from(buildResponse(4), 'latin1')
  const cut = buffer.length - body.length - 10
  one.start(4)
  expect(one.feed(buffer, cut)).toBe('more')
  expect(one.headDone).toBe(false)
})

test('head cache: a head in pieces is read afresh', () => {
  const one = createTrainedParser()
  const text = buildResponse(4).replace('200 OK', '503 No').replace('web-1', 'web-2')
  one.start(4)
  for (const byte of text) one.feed(Buffer.from(byte, 'latin1'), 1)
  expect(one.head).toMatchObject({ status: 503, pod: 'web-2' })
  expect(readResponse(one, 5, buildResponse(5))).toMatchObject({ status: 200, pod: 'web-1', outcome: 'ok' })
})

test('head cache: the rest of a head is not taken for a head', () => {
  const text = buildResponse(5)
  const cut = text.indexOf('\r\n') + 2
  const one = createParser()
  for (const seq of [1, 2]) readResponse(one, seq, buildResponse(seq))
  one.start(3)
  const third = buildResponse(3).replace('Server: x', 'Server: y')
  for (const piece of [third.slice(0, cut), third.slice(cut)]) one.feed(Buffer.from(piece, 'latin1'), piece.length)
  const rest = text.replace('Server: x', 'Server: y').slice(cut)
  expect(readResponse(one, 5, rest)).toEqual(readResponse(createParser(), 5, rest))
})

test('a request that gets no answer says nothing of the one before it', () => {
  const one = createTrainedParser()
  one.start(4)
  expect(one.head).toMatchObject({ status: 0, pod: null, id: 'absent' })
})
