/**
 * Which request of a list each place of a plan is: a pure function of the seed and the place. No record holds it:
 * it can be computed from the plan alone.
 *
 * Places are dealt in blocks as long as the sum of the weights (divided by what divides them all): in each block every request comes
 * exactly as often as its weight says, in an order that the seed and the block's number decide. So weights hold exactly over every
 * whole block, and no request keeps step with the lanes, or with the turns that connections take.
 */
import { hashToFraction } from '../../base/random.ts'
import { isIdempotent } from './client.ts'
import type { Method } from './client.ts'
import { resolveRequests } from './lane-requests.ts'
import { createStatusTest, listRequests, nameRequests } from './requests.ts'
import type { RequestsOfLoad } from './requests.ts'

/** The index in the list of the request with a number. */
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

/** A log has requests as they end: what was slow is asked for among later blocks, which may be of 10,000 places each. */
const keptBlocks = 16

/** The places of each request in a block, before they are shuffled. */
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

/** What is known of a planned request without its record. */
export interface KnownRequest {
  /** `null` where a load does not name its requests, and in the lane `control`. */
  name: string | null
  method: Method
  /** RFC 9110 §9.2.2: whether a client may send it again unasked. */
  idempotent: boolean
  /** Whether an answer with this status can be `ok`. */
  accepts: (status: number) => boolean
}

export type RequestLookup = (request: {
  lane: 'fresh' | 'reused' | 'reused-post' | 'control'
  seq: number
}) => KnownRequest

/** Finds the requests of a run, by lane and number. */
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
