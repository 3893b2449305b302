/** Good responses with bytes removed, copied, swapped or overwritten, as functions of a seed and a number, so reproducible. */
import { hashToFraction } from '../../base/random.ts'
import type { ExpectedIdentity } from '../verify/reference-parser.ts'

export interface Mutant {
  text: string
  /** Where it is split into pieces, ascending, each within the text. */
  cuts: number[]
}

/** Texts that are inserted; most have a meaning in HTTP. */
const scraps = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  ':',
  ' ',
  '\t',
  ',',
  '-',
  '0',
  '9',
  'f',
  '\u00ff',
  '99999999999999999999',
  'HTTP/1.1 ',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n',
  'Content-Length: 3\r\n',
  'Content-Length: 1000\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'Keep-Alive: timeout=1\r\n',
  'chunked',
  '0\r\n\r\n',
  '5\r\nabcde\r\n',
]

const body = '0123456789'.repeat(25)

function buildResponse({ requestId, workload }: ExpectedIdentity, drawn: number): string {
  const fields = `X-Request-Id: ${requestId}\r\nx-nodrop-workload: ${workload}\r\nX-Nodrop-Pod: web-1\r\n`
  const plain = `HTTP/1.1 200 OK\r\nServer: x\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`
  const size = body.length.toString(16)
  const chunked = `HTTP/1.1 200 OK\r\n${fields}Transfer-Encoding: chunked\r\n\r\n${size};a=b\r\n${body}\r\n5\r\nabcde\r\n0\r\nTrailer: x\r\n\r\n`
  const interim = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${plain}`
  const untilClose = `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`
  const none = `HTTP/1.1 204 No Content\r\n${fields}\r\n`
  return [plain, plain, chunked, chunked, interim, untilClose, none][Math.floor(drawn * 7)] ?? plain
}

/** The original of a mutant; for another request, the same except for the id. */
export function createOriginal(seed: number, number: number, right: ExpectedIdentity): string {
  return buildResponse(right, hashToFraction(seed, number, 15))
}

/** One to four edits, mostly in the head, where they do most harm. */
export function createMutant(seed: number, number: number, right: ExpectedIdentity): Mutant {
  let draws = 0
  const drawBelow = (below: number): number => Math.floor(hashToFraction(seed, number, 16 + draws++) * below)
  let text = createOriginal(seed, number, right)
  for (let edits = 1 + drawBelow(4); edits > 0; edits--) {
    const at = drawBelow(drawBelow(3) === 0 ? text.length + 1 : Math.min(text.length + 1, 220))
    text = applyEdit(text, at, drawBelow)
  }
  const cuts = Array.from({ length: drawBelow(6) }, () => drawBelow(text.length + 1)).sort((a, b) => a - b)
  return { text, cuts }
}

function applyEdit(text: string, at: number, draw: (below: number) => number): string {
  const after = at + 1 + draw(8)
  switch (draw(6)) {
    case 0:
      return text.slice(0, at) + text.slice(after)
    case 1:
      return text.slice(0, after) + text.slice(at)
    case 2:
      return text.slice(0, at) + String.fromCharCode(draw(256)) + text.slice(at + 1)
    case 3:
      return draw(4) === 0 ? text.slice(0, at) : text
    default:
      return text.slice(0, at) + (scraps[draw(scraps.length)] ?? '') + text.slice(draw(2) === 0 ? at : after)
  }
}

/** The text in its pieces, none of them empty. */
export function splitPieces({ text, cuts }: Mutant): string[] {
  const places = [0, ...cuts, text.length]
  return places
    .slice(1)
    .map((to, index) => text.slice(places[index], to))
    .filter((piece) => piece !== '')
}
