/**
 * The listed request at each place of a plan: a pure function of the seed and the place. Records do not contain it, because the plan
 * determines it.
 *
 * Places are divided into blocks as long as the sum of the weights, reduced by their common divisor. In each block every request occurs
 * exactly as often as its weight, in an order that depends on the seed and the block's number. So weights are exact over every whole block,
 * and no request is synchronous with the lanes or with the reuse of connections.
 */
import { hashToFraction } from '../../base/random.ts'
import { isIdempotent } from './client.ts'
import type { Method } from './client.ts'
import { resolveRequests } from './lane-requests.ts'
import { createStatusTest, listRequests, nameRequests } from './requests.ts'
import type { RequestsOfLoad } from './requests.ts'

/** Returns a function from the number of a request to its index in the list. */
export function createRequestChooser(seed: number, requests: readonly { weight?: number }[]): (seq: number) => number {
  if (requests.length < 2) return () => 0
  const cards = buildBlock(requests)
  const dealt = Array.from({ length: keptBlocks }, () => ({ block: -1, order: new Uint8Array(cards.length) }))
  return (seq) => {
    const block = Math.floor(seq / cards.length)
    const kept = dealt[block % keptBlocks]!
    if (kept.block !== block) {
      kept.order.set(cards)
      shuffle(kept.order, seed, block)
      kept.block = block
    }
    return kept.order[seq - block * cards.length]!
  }
}

/** A log has requests in order of their ends: a slow one is looked up among later blocks, which may have 10,000 places each. */
const keptBlocks = 16

/** The requests of a block before they are shuffled. */
function buildBlock(requests: readonly { weight?: number }[]): number[] {
  const weights = requests.map(({ weight = 1 }) => weight)
  const divisor = weights.reduce(findGreatestDivisor)
  return weights.flatMap((weight, index) => Array.from({ length: weight / divisor }, () => index))
}

function findGreatestDivisor(a: number, b: number): number {
  return b === 0 ? a : findGreatestDivisor(b, a % b)
}

/** Fisher and Yates, in place. */
function shuffle(order: Uint8Array, seed: number, block: number): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(hashToFraction(seed, block, last) * (last + 1))
    const kept = order[last]!
    order[last] = order[other]!
    order[other] = kept
  }
}

/** The facts about a planned request that need no record. */
export interface KnownRequest {
  /** `null` in a load without named requests, and in the lane `control`. */
  name: string | null
  method: Method
  /** RFC 9110 §9.2.2: whether a client may retry it by itself. */
  idempotent: boolean
  /** Whether an answer with this status can be `ok`. */
  accepts: (status: number) => boolean
}

export type RequestLookup = (request: {
  lane: 'fresh' | 'reused' | 'reused-post' | 'control'
  seq: number
}) => KnownRequest

/** Looks up the requests of a run by lane and number. */
export function createRequestLookup(load: RequestsOfLoad, seed: number): RequestLookup {
  const isSuccess = createStatusTest()
  const describe = (method: Method): KnownRequest => ({
    name: null,
    method,
    idempotent: isIdempotent(method),
    accepts: isSuccess,
  })
  const ofControl = describe('GET')
  const list = listRequests(load)
  if (list === null) {
    const { fresh, reused, 'reused-post': posted } = resolveRequests(load)
    const byLane = {
      fresh: describe(fresh.method),
      reused: describe(reused.method),
      'reused-post': describe(posted.method),
    }
    return ({ lane }) => (lane === 'control' ? ofControl : byLane[lane])
  }
  const choose = createRequestChooser(seed, list)
  const names = nameRequests(list)
  const known = list.map(({ method = 'GET', expect }, index) => ({
    ...describe(method),
    name: names[index]!,
    accepts: createStatusTest(expect?.status),
  }))
  return ({ lane, seq }) => (lane === 'control' ? ofControl : known[choose(seq)]!)
}
