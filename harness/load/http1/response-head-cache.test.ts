import { expect, test } from 'vitest'
import { judge } from './outcome.ts'
import { ResponseParser } from './response-parser.ts'

const body = 'x'.repeat(20)
const headOf = (id: string): string =>
  `HTTP/1.1 200 OK\r\nServer: x\r\nDate: Sat, 28 Nov 2026 00:00:00 GMT\r\nContent-Length: 20\r\n` +
  `X-Request-Id: ${id}\r\nx-nodrop-workload: w\r\nX-Nodrop-Pod: web-1\r\n\r\n`
const answerTo = (seq: number): string => headOf(`run-0-${seq}`) + body

function parser(): ResponseParser {
  return new ResponseParser({ idPrefix: 'run-0-', workload: 'w', toHead: false })
}

function reading(one: ResponseParser, seq: number, text: string): Record<string, unknown> {
  one.begin(seq)
  const progress = one.feed(Buffer.from(text, 'latin1'), text.length)
  const { head, complaint, headDone, reusable, excess, endsByClose } = one
  const { status, minor, close, pod, id, workload } = head
  const said = { status, minor, close, pod, id, workload, complaint, headDone, reusable, excess, endsByClose }
  return { progress, ...said, outcome: progress === 'done' ? judge(head, one.digest).outcome : null }
}

/** One that has read so many good answers, and the longest ids last. */
function acquainted(): ResponseParser {
  const one = parser()
  for (const seq of [1, 2, 3]) expect(reading(one, seq, answerTo(seq))).toMatchObject({ outcome: 'ok', pod: 'web-1' })
  return one
}

test('an answer like the last one reads as it would have been the first, for a number of any length', () => {
  const one = acquainted()
  for (const seq of [4, 9, 10, 99, 100, 12_345, 9_007_199_254_740_991, 0]) {
    expect(reading(one, seq, answerTo(seq))).toEqual(reading(parser(), seq, answerTo(seq)))
  }
})

test('an answer that differs from the last one in any byte, or ends at any byte, reads as it would have been the first', () => {
  const text = answerTo(4)
  for (let at = 0; at < text.length; at++) {
    for (const other of ['0', 'x', '\r', '\n', ':', ' ']) {
      const changed = text.slice(0, at) + other + text.slice(at + 1)
      expect(reading(acquainted(), 4, changed)).toEqual(reading(parser(), 4, changed))
    }
    expect(reading(acquainted(), 4, text.slice(0, at))).toEqual(reading(parser(), 4, text.slice(0, at)))
  }
})

test.for([
  ['the number of another request', 'run-0-3'],
  ['a number that goes on', 'run-0-44'],
  ['a number that begins with 0', 'run-0-04'],
  ['no number', 'run-0-'],
  ['the id of another driver', 'run-1-4'],
])('an answer like the last one is a mismatch with %s', ([, id]) => {
  expect(reading(acquainted(), 4, headOf(id!) + body)).toMatchObject({ progress: 'done', outcome: 'body-mismatch' })
})

test('what is left in the buffer of an earlier answer is not taken for the end of this one', () => {
  const one = acquainted()
  const buffer = Buffer.from(answerTo(4), 'latin1')
  const cut = buffer.length - body.length - 10
  one.begin(4)
  expect(one.feed(buffer, cut)).toBe('more')
  expect(one.headDone).toBe(false)
})

test('an answer whose head comes in pieces says what it says, not what the last one did', () => {
  const one = acquainted()
  const text = answerTo(4).replace('200 OK', '503 No').replace('web-1', 'web-2')
  one.begin(4)
  for (const byte of text) one.feed(Buffer.from(byte, 'latin1'), 1)
  expect(one.head).toMatchObject({ status: 503, pod: 'web-2' })
  expect(reading(one, 5, answerTo(5))).toMatchObject({ status: 200, pod: 'web-1', outcome: 'ok' })
})

test('what follows the first lines of a head is no head, though it came by itself', () => {
  const text = answerTo(5)
  const cut = text.indexOf('\r\n') + 2
  const one = parser()
  for (const seq of [1, 2]) reading(one, seq, answerTo(seq))
  one.begin(3)
  const third = answerTo(3).replace('Server: x', 'Server: y')
  for (const piece of [third.slice(0, cut), third.slice(cut)]) one.feed(Buffer.from(piece, 'latin1'), piece.length)
  const rest = text.replace('Server: x', 'Server: y').slice(cut)
  expect(reading(one, 5, rest)).toEqual(reading(parser(), 5, rest))
})

test('a request that gets no answer says nothing of the one before it', () => {
  const one = acquainted()
  one.begin(4)
  expect(one.head).toMatchObject({ status: 0, pod: null, id: 'absent' })
})
