import { expect, test } from 'vitest'
import type { RequestRecord } from '../../model/record.ts'
import { RequestRing } from './request-ring.ts'

const createRequest = (seq: number): RequestRecord => ({ seq, driver: 0 }) as RequestRecord

function createRing(keepUs = 1_000): { ring: RequestRing; expired: number[] } {
  const expired: number[] = []
  const ring = new RequestRing(keepUs, ({ seq }) => expired.push(seq))
  ring.restart({ fromUs: 0, firstSeq: 0 })
  return { ring, expired }
}

const add = (ring: RequestRing, ...seqs: number[]): void => {
  for (const seq of seqs) ring.add(createRequest(seq))
}
const take = (ring: RequestRing, atUs: number): number[] => {
  const start = ring.findStart(atUs) ?? expect.fail('there is no start')
  return ring.take(start).map(({ seq }) => seq)
}

test('request ring: an episode gets what was planned after its start, and the rest is of the time before', () => {
  const { ring, expired } = createRing()
  add(ring, 0, 1)
  ring.mark(100, 3)
  add(ring, 4, 3)
  ring.mark(200, 5)
  add(ring, 5)
  expect(ring.findStart(150)).toEqual({ fromUs: 100, firstSeq: 3 })
  expect(take(ring, 150)).toEqual([4, 3, 5])
  expect(expired).toEqual([0, 1])
})

test('request ring: a request that settles late is of the time in which it was planned', () => {
  const { ring, expired } = createRing()
  ring.mark(100, 3)
  add(ring, 2)
  expect(take(ring, 100)).toEqual([])
  add(ring, 1)
  expect(expired).toEqual([2, 1])
})

test('request ring: after an episode none begins before its end', () => {
  const { ring, expired } = createRing()
  ring.mark(100, 3)
  take(ring, 100)
  expect(ring.findStart(500)).toBeNull()
  ring.restart({ fromUs: 300, firstSeq: 9 })
  add(ring, 9)
  expect(ring.findStart(0)).toEqual({ fromUs: 300, firstSeq: 9 })
  expect(expired).toEqual([])
})

test('request ring: what is older than it keeps leaves it, however many there are', () => {
  const { ring, expired } = createRing(1_000)
  let largest = 0
  for (let step = 1; step <= 5_000; step++) {
    add(ring, 2 * step - 2, 2 * step - 1)
    ring.mark(step * 100, 2 * step)
    largest = Math.max(largest, ring.size)
  }
  expect(largest).toBeLessThanOrEqual(2 * 12)
  expect(expired).toEqual(Array.from({ length: expired.length }, (_, seq) => seq))
  ring.flush()
  expect(expired).toHaveLength(10_000)
})
