import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRequestChooser, createRequestLookup } from './request-choice.ts'
import type { WeightedRequest } from './requests.ts'

const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 })
const toRequests = (all: readonly number[]): { weight: number }[] => all.map((weight) => ({ weight }))

function count(choose: (seq: number) => number, from: number, to: number, kinds: number): number[] {
  const counts = Array.from({ length: kinds }, () => 0)
  for (let seq = from; seq < to; seq++) counts[choose(seq)]!++
  return counts
}

test('choice: over as many places as the sum of the weights each request comes as often as its weight', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), weights, fc.nat(50), (seed, all, block) => {
      const sum = all.reduce((total, weight) => total + weight, 0)
      const choose = createRequestChooser(seed, toRequests(all))
      expect(count(choose, block * sum, (block + 1) * sum, all.length)).toEqual(all)
    }),
    { numRuns: 60 },
  )
})

test('choice: weights with a common divisor hold over fewer places', () => {
  const choose = createRequestChooser(3, toRequests([60, 40]))
  for (let block = 0; block < 20; block++) expect(count(choose, block * 5, block * 5 + 5, 2)).toEqual([3, 2])
})

test('choice: the same for every caller and in any order', () => {
  const all = toRequests([3, 2, 1])
  const forwards = Array.from({ length: 300 }, (_, seq) => createRequestChooser(7, all)(seq))
  const choose = createRequestChooser(7, all)
  for (let seq = 299; seq >= 0; seq--) expect(choose(seq)).toBe(forwards[seq])
  const other = createRequestChooser(8, all)
  expect(forwards.every((place, seq) => place === other(seq))).toBe(false)
})

test('choice: one that was slow is asked for among those of later blocks', () => {
  const all = toRequests([3, 2, 1])
  const forwards = Array.from({ length: 1_200 }, (_, seq) => createRequestChooser(7, all)(seq))
  const choose = createRequestChooser(7, all)
  for (const [seq, place] of forwards.entries()) {
    const slow = Math.max(0, seq - 6 * (seq % 40))
    expect([choose(seq), choose(slow)]).toEqual([place, forwards[slow]])
  }
})

test('choice: no request keeps step with places that come at even distances, as those of a lane or a connection do', () => {
  const choose = createRequestChooser(1, toRequests([1, 1]))
  for (const stride of [2, 4, 6, 100]) {
    const taken = Array.from({ length: 2000 }, (_, turn) => choose(turn * stride))
    const first = taken.filter((place) => place === 0).length
    // A fair coin is between these in all but one of 10^9 trials of 2,000.
    expect(first).toBeGreaterThan(860)
    expect(first).toBeLessThan(1140)
  }
})

test('lookup: name, method and expected status of a planned request, and a GET for 2xx in the lane control', () => {
  const requests: WeightedRequest[] = [
    { path: '/cart?a=1', expect: { status: 404 } },
    { name: 'order', method: 'POST', path: '/orders' },
  ]
  const lookUp = createRequestLookup({ requests }, 5)
  const choose = createRequestChooser(5, requests)
  for (let seq = 0; seq < 20; seq++) {
    const found = lookUp({ lane: 'reused', seq })
    const isOrder = choose(seq) === 1
    expect([found.name, found.method, found.idempotent]).toEqual(
      isOrder ? ['order', 'POST', false] : ['GET /cart', 'GET', true],
    )
    expect([found.accepts(200), found.accepts(404)]).toEqual([isOrder, !isOrder])
    expect(lookUp({ lane: 'control', seq })).toMatchObject({ name: null, method: 'GET', idempotent: true })
  }
})

test('lookup: lanes that share no list have their own methods', () => {
  const lookUp = createRequestLookup({ requests: { fresh: { method: 'PATCH' } } }, 1)
  expect(lookUp({ lane: 'fresh', seq: 0 })).toMatchObject({ name: null, method: 'PATCH', idempotent: false })
  expect(lookUp({ lane: 'reused-post', seq: 0 })).toMatchObject({ method: 'POST', idempotent: false })
})
