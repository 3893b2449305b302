/** Mutated responses, read by the driver's parser in this process and by a driver over sockets, each against a second opinion. */
import { setImmediate as turn } from 'node:timers/promises'
import { monotonicUs } from '../clock.ts'
import { judge } from '../load/outcome.ts'
import { ResponseParser } from '../load/response.ts'
import { fuzzSockets } from './fuzz-sockets.ts'
import type { SocketFuzz } from './fuzz-sockets.ts'
import { mutantOf, piecesOf } from './mutants.ts'
import { isWhole } from './second-opinion.ts'

export interface Fuzz {
  /** Mutated responses that were read. */
  read: number
  /** How many of them were still whole, and taken for that. */
  ok: number
  /** Broken ones taken for whole. */
  inventedOk: number
  /** Read differently in pieces than as one. */
  unequal: number
  /** At which the parser threw an error. */
  crashes: number
  /** The longest time that one took. */
  slowestUs: number
  /** The first few that were read wrongly, by their number. */
  examples: string[]
  sockets: SocketFuzz
}

export interface FuzzOptions {
  count: number
  seed: number
  signal?: AbortSignal
}

/** One in so many goes over sockets too. */
const overSockets = 50
const batch = 5000

export async function fuzz({ count, seed, signal }: FuzzOptions): Promise<Fuzz> {
  const result = { read: 0, ok: 0, inventedOk: 0, unequal: 0, crashes: 0, slowestUs: 0, examples: [] }
  while (result.read < count) {
    signal?.throwIfAborted()
    for (const end = Math.min(count, result.read + batch); result.read < end; result.read++) readOne(result, seed)
    await turn()
  }
  const sockets = await fuzzSockets({ count: Math.ceil(count / overSockets), seed, ...(signal && { signal }) })
  return { ...result, sockets }
}

function readOne(result: Omit<Fuzz, 'sockets'>, seed: number): void {
  const number = result.read
  const right = { requestId: `fuzz-0-${number}`, workload: 'fuzz' }
  const mutant = mutantOf(seed, number, right)
  const complain = (what: string): void => {
    if (result.examples.length < 10) result.examples.push(`mutant ${number} of seed ${seed} ${what}`)
  }
  const beganUs = monotonicUs()
  try {
    const [whole, cut] = [reading([mutant.text], right), reading(piecesOf(mutant), right)]
    if (whole !== cut) {
      result.unequal++
      complain(`is ${whole} as one and ${cut} in pieces`)
    }
    if (whole === 'ok' && isWhole(mutant.text, right)) result.ok++
    else if (whole === 'ok') {
      result.inventedOk++
      complain('is broken and passed as ok')
    }
  } catch (error) {
    result.crashes++
    complain(`made the parser throw ${String(error)}`)
  }
  result.slowestUs = Math.max(result.slowestUs, monotonicUs() - beganUs)
}

/** What becomes of a response that ends with its connection. */
function reading(pieces: readonly string[], right: { requestId: string; workload: string }): string {
  const parser = new ResponseParser()
  parser.begin(right)
  let progress = 'more'
  for (const piece of pieces) {
    if (progress !== 'more') break
    progress = parser.feed(Buffer.from(piece, 'latin1'), piece.length)
  }
  if (progress === 'more') progress = parser.end()
  const { head, complaint } = parser
  return progress === 'done' ? judge(head, parser.digest).outcome : `${progress} ${complaint}`
}
