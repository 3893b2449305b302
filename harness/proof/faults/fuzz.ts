/** Mutated responses, read by the driver's parser in this process and by a driver over sockets, each compared with a second parser. */
import { setImmediate as turn } from 'node:timers/promises'
import { monotonicUs } from '../../base/clock.ts'
import { classifyResponse } from '../../load/http1/outcome.ts'
import { ResponseParser } from '../../load/http1/response-parser.ts'
import { fuzzSockets } from './fuzz-sockets.ts'
import type { SocketFuzz } from './fuzz-sockets.ts'
import { createMutant, createOriginal, splitPieces } from './mutants.ts'
import { isWholeResponse } from '../verify/reference-parser.ts'
import type { ExpectedIdentity } from '../verify/reference-parser.ts'

export interface Fuzz {
  /** Number of mutated responses that were read. */
  read: number
  /** Number of those that were still complete, and read as such. */
  ok: number
  /** Broken ones that were read as complete. */
  inventedOk: number
  /** Read differently in pieces than as one, or after a similar one than as the first. */
  unequal: number
  /** Number for which the parser threw an error. */
  crashes: number
  /** The longest time for one response. */
  slowestUs: number
  /** The first few that were read wrongly, by number. */
  examples: string[]
  sockets: SocketFuzz
}

export interface FuzzOptions {
  count: number
  seed: number
  signal?: AbortSignal
}

/** One in this number is also sent over sockets. */
const socketsInterval = 50
const batch = 5000

export async function runFuzz({ count, seed, signal }: FuzzOptions): Promise<Fuzz> {
  const result = { read: 0, ok: 0, inventedOk: 0, unequal: 0, crashes: 0, slowestUs: 0, examples: [] }
  while (result.read < count) {
    signal?.throwIfAborted()
    for (const end = Math.min(count, result.read + batch); result.read < end; result.read++) fuzzOne(result, seed)
    await turn()
  }
  const sockets = await fuzzSockets({ count: Math.ceil(count / socketsInterval), seed, ...(signal && { signal }) })
  return { ...result, sockets }
}

function fuzzOne(result: Omit<Fuzz, 'sockets'>, seed: number): void {
  const number = result.read
  const right = createExpected(number)
  const mutant = createMutant(seed, number, right)
  const addExample = (what: string): void => {
    if (result.examples.length < 10) result.examples.push(`mutant ${number} of seed ${seed} ${what}`)
  }
  const beganUs = monotonicUs()
  try {
    const whole = readResponse(new ResponseParser(expected), number, [mutant.text])
    const cut = readResponse(new ResponseParser(expected), number, splitPieces(mutant))
    const late = readResponse(createTrainedParser(seed, number, mutant.cuts), number, [mutant.text])
    if (whole !== cut || whole !== late) {
      result.unequal++
      addExample(`is ${whole} as one, ${cut} in pieces and ${late} after its like`)
    }
    if (whole === 'ok' && isWholeResponse(mutant.text, right)) result.ok++
    else if (whole === 'ok') {
      result.inventedOk++
      addExample('is broken and passed as ok')
    }
  } catch (error) {
    result.crashes++
    addExample(`made the parser throw ${String(error)}`)
  }
  result.slowestUs = Math.max(result.slowestUs, monotonicUs() - beganUs)
}

const expected = { idPrefix: 'fuzz-0-', workload: 'fuzz', toHead: false }
const createExpected = (number: number): ExpectedIdentity => ({
  requestId: `${expected.idPrefix}${number}`,
  workload: expected.workload,
})

/** A parser that has read the mutant's original before, as answers to other requests; every second one in pieces. */
function createTrainedParser(seed: number, number: number, cuts: readonly number[]): ResponseParser {
  const parser = new ResponseParser(expected)
  for (const other of [number + 1, number + 2]) {
    const text = createOriginal(seed, number, createExpected(other))
    const within = cuts.filter((cut) => number % 2 === 0 && cut < text.length)
    readResponse(parser, other, splitPieces({ text, cuts: within }))
  }
  return parser
}

/** The outcome of a response that ends with its connection. */
function readResponse(parser: ResponseParser, number: number, pieces: readonly string[]): string {
  parser.start(number)
  let progress = 'more'
  for (const piece of pieces) {
    if (progress !== 'more') break
    progress = parser.feed(Buffer.from(piece, 'latin1'), piece.length)
  }
  if (progress === 'more') progress = parser.end()
  const { head, problem } = parser
  return progress === 'done' ? classifyResponse(head, parser.examine()).outcome : `${progress} ${problem}`
}
