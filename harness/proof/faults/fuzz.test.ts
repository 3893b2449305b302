import { expect, test } from 'vitest'
import { runFuzz } from './fuzz.ts'
import { createMutant, splitPieces } from './mutants.ts'
import { isWholeResponse } from '../verify/reference-parser.ts'

const right = { requestId: 'fuzz-0-7', workload: 'fuzz' }

test(
  'mutated responses make nothing throw or hang, and none that is broken passes as ok',
  { timeout: 60_000 },
  async () => {
    const { read, ok, sockets, examples, inventedOk, unequal, crashes } = await runFuzz({
      count: 50_000,
      seed: 20_261_125,
    })
    expect([examples, sockets.examples]).toEqual([[], []])
    expect({ inventedOk, unequal, crashes }).toEqual({ inventedOk: 0, unequal: 0, crashes: 0 })
    expect(sockets).toMatchObject({ planned: 1000, inventedOk: 0, accountingError: 0, duplicates: 0, hung: 0 })
    // If no mutant were complete, or none broken, only half of the parser would be tested.
    for (const share of [ok / read, sockets.ok / sockets.planned]) {
      expect(share).toBeGreaterThan(0.05)
      expect(share).toBeLessThan(0.7)
    }
  },
)

test('mutants: the same for the same seed, and made up of its pieces', () => {
  for (let number = 0; number < 200; number++) {
    const mutant = createMutant(3, number, right)
    expect(createMutant(3, number, right)).toEqual(mutant)
    expect(splitPieces(mutant).join('')).toBe(mutant.text)
  }
  expect(createMutant(4, 0, right)).not.toEqual(createMutant(3, 0, right))
})

test('the second opinion calls a cut response broken and a whole one whole', () => {
  const fields = 'x-request-id: fuzz-0-7\r\nx-nodrop-workload: fuzz\r\n'
  const whole = `HTTP/1.1 200 OK\r\n${fields}content-length: 5\r\n\r\nabcde`
  expect(isWholeResponse(whole, right)).toBe(true)
  for (let at = 0; at < whole.length; at++) expect(isWholeResponse(whole.slice(0, at), right)).toBe(false)
  const chunked = `HTTP/1.1 200 OK\r\n${fields}transfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n`
  expect(isWholeResponse(chunked, right)).toBe(true)
  expect(isWholeResponse(chunked.replace('\r\n0\r\n', '\r\n'), right)).toBe(false)
})
