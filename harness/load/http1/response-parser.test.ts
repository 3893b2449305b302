import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classifyResponse } from './outcome.ts'
import { ResponseParser } from './response-parser.ts'
import { isWholeResponse } from '../../proof/verify/reference-parser.ts'

const right = { requestId: 'run-0-7', workload: 'w' }
const fields = 'X-Request-Id: run-0-7\r\nx-nodrop-workload: w\r\nX-Nodrop-Pod: web-1\r\n'
const body = '0123456789'.repeat(100)
const plain = `HTTP/1.1 200 OK\r\nServer: x\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`
const chunked = `HTTP/1.1 200 OK\r\n${fields}Transfer-Encoding: chunked\r\n\r\n3e8;a=b\r\n${body}\r\n5\r\nabcde\r\n0\r\nTrailer: x\r\n\r\n`
const interim = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${plain}`

interface Reading {
  progress: string
  outcome: string | null
  status: number
  problem: string
  reusable: boolean
}

function readResponse(pieces: string[], closed = false, toHead = false): Reading {
  const parser = new ResponseParser({ idPrefix: 'run-0-', workload: 'w', toHead })
  parser.start(7)
  let progress = 'more'
  for (const piece of pieces) {
    if (progress !== 'more') break
    progress = parser.feed(Buffer.from(piece, 'latin1'), piece.length)
  }
  if (closed && progress === 'more') progress = parser.end()
  const { head, problem, reusable } = parser
  const outcome = progress === 'done' ? classifyResponse(head, parser.examine()).outcome : null
  return { progress, outcome, status: head.status, problem, reusable }
}

test('a response reads the same wherever it is cut in two', () => {
  for (const response of [plain, chunked, interim]) {
    for (let at = 0; at <= response.length; at++) {
      const { progress, outcome, reusable } = readResponse([response.slice(0, at), response.slice(at)])
      expect([at, progress, outcome, reusable]).toEqual([at, 'done', 'ok', true])
    }
    expect(readResponse(response.split('')).outcome).toBe('ok')
  }
})

test('a response that ends before its last byte is never ok', () => {
  for (const response of [plain, chunked, interim]) {
    for (let at = 0; at < response.length; at++)
      expect(readResponse([response.slice(0, at)], true).progress).toBe('more')
  }
})

test.for<[string, string, Partial<Reading>]>([
  [
    'no body after 204',
    `HTTP/1.1 204 No Content\r\n${fields}Content-Length: 5\r\n\r\n`,
    { outcome: 'ok', reusable: true },
  ],
  ['no body after 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', { outcome: 'unexpected-status' }],
  ['a body of no bytes', `HTTP/1.1 200\r\n${fields}Content-Length: 0\r\n\r\n`, { outcome: 'ok' }],
  ['a status of 600 and more', 'HTTP/1.1 799 ?\r\nContent-Length: 0\r\n\r\n', { outcome: 'unexpected-status' }],
  [
    'the end of the connection as the end of a body',
    `HTTP/1.1 200 OK\r\n${fields}\r\nabc`,
    { outcome: 'ok', reusable: false },
  ],
  ['bare LF as the end of a line', plain.replaceAll('\r\n', '\n'), { outcome: 'ok' }],
  ['Connection: close', plain.replace('Server: x', 'connection: Upgrade , CLOSE'), { outcome: 'ok', reusable: false }],
  ['HTTP/1.0', plain.replace('1.1', '1.0'), { outcome: 'ok', reusable: false }],
  [
    'HTTP/1.0 that keeps alive',
    plain.replace('1.1', '1.0').replace('Server: x', 'Connection: Keep-Alive'),
    { reusable: true },
  ],
  ['bytes after the end', `${plain}x`, { outcome: 'ok', reusable: false }],
  [
    'an id that comes twice, once wrong',
    plain.replace('Server: x', 'X-Request-Id: run-0-70'),
    { outcome: 'body-mismatch' },
  ],
  ['the same length twice', plain.replace('Server: x', 'Content-Length: 1000'), { outcome: 'ok' }],
])('takes %s', ([, response, reading]) => {
  expect(readResponse([response], true)).toMatchObject({ progress: 'done', ...reading })
})

test('a response to HEAD has no body whatever its length says', () => {
  expect(readResponse([plain.slice(0, plain.indexOf('\r\n\r\n') + 4)], false, true)).toMatchObject({
    progress: 'done',
    outcome: 'ok',
  })
})

test.for<[string, string]>([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2p1 Debian\r\n'],
  ['HTTP/2', 'HTTP/2.0 200 OK\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n'],
  ['an empty line before the status line', '\r\nHTTP/1.1 200 OK\r\n'],
  ['white space before a colon', 'HTTP/1.1 200 OK\r\nContent-Length : 5\r\n'],
  ['a folded line', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n'],
  ['a line without a colon', 'HTTP/1.1 200 OK\r\nServer\r\n'],
  ['an empty name', 'HTTP/1.1 200 OK\r\n: x\r\n'],
  ['NUL in a value', 'HTTP/1.1 200 OK\r\nA: \0\r\n'],
  ['CR without LF', 'HTTP/1.1 200 OK\r\nA: b\rc\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n'],
  ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n'],
  ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n'],
  ['an enormous length', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n'],
  ['a length beside chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['a coding that is not chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'],
  ['chunked before another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n'],
  ['words after the size of a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\ter: x\r\n\r\n'],
  ['a chunk with a sign', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n'],
  ['a chunk longer than its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n'],
  ['a line without end', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}`],
  ['a head without end', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(20_000)}`],
  ['interim responses without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(40)],
])('complains of %s', ([, response]) => {
  const whole = readResponse([response])
  expect(whole.progress).toBe('failed')
  expect(whole.problem).not.toBe('')
  expect(readResponse(response.split('')).problem).toBe(whole.problem)
})

test('the size of a chunk may have white space or an extension after it', () => {
  for (const after of ['', ' ', '\t ', ';a=b', ' ; a="b c"']) {
    const response = `HTTP/1.1 200 OK\r\n${fields}Transfer-Encoding: chunked\r\n\r\n1${after}\r\na\r\n0${after}\r\n\r\n`
    expect(readResponse([response]).outcome).toBe('ok')
  }
})

test('many small chunks are not a head that is too large', () => {
  const response = `HTTP/1.1 200 OK\r\n${fields}Transfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(50_000)}0\r\n\r\n`
  expect(readResponse([response]).outcome).toBe('ok')
})

/** Cuts, copies, swaps and overwrites bytes of a good response. */
const mutant = fc
  .record({
    response: fc.constantFrom(plain, chunked, interim),
    edits: fc.array(
      fc.record({
        at: fc.nat(),
        cut: fc.integer({ min: 0, max: 6 }),
        put: fc.constantFrom(
          '',
          '\0',
          '\r',
          '\n',
          ':',
          ' ',
          '0',
          '9',
          'f',
          'ÿ',
          'HTTP/1.1 ',
          '\r\n\r\n',
          'Content-Length: 3\r\n',
          'chunked',
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    cuts: fc.array(fc.nat(), { maxLength: 6 }),
  })
  .map(({ response, edits, cuts }) => {
    let text = response
    for (const { at, cut, put } of edits) {
      // Mostly in the head, where the harm is.
      const from = at % (at % 3 === 0 ? text.length + 1 : Math.min(text.length + 1, 220))
      text = text.slice(0, from) + put + text.slice(from + cut)
    }
    const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
    return {
      text,
      pieces: places
        .slice(1)
        .map((to, index) => text.slice(places[index], to))
        .filter((piece) => piece !== ''),
    }
  })

test('response parser: mutated responses never throw, and are ok only if whole', () => {
  // fast-check prints seed and counter-example; FUZZ_RUNS makes a long run of it.
  const numRuns = Number(process.env['FUZZ_RUNS'] ?? 20_000)
  fc.assert(
    fc.property(mutant, ({ text, pieces }) => {
      const whole = readResponse([text], true)
      const cut = readResponse(pieces, true)
      expect([cut.progress, cut.outcome, cut.problem]).toEqual([whole.progress, whole.outcome, whole.problem])
      if (whole.outcome === 'ok') expect(isWholeResponse(text, right)).toBe(true)
    }),
    { numRuns },
  )
})
