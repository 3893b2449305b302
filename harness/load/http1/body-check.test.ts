import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchedBodyBytes } from '../../model/load/requests.ts'
import type { BodyExpectation } from '../../model/load/requests.ts'
import { BodyCheck, compileBodyTerms } from './body-check.ts'

/** The findings for a body that comes in these pieces, through one buffer that each piece overwrites. */
function check(expected: BodyExpectation, pieces: readonly string[]): string | null {
  const one = new BodyCheck(compileBodyTerms(expected), null)
  const shared = Buffer.alloc(Math.max(1, ...pieces.map((piece) => Buffer.byteLength(piece))))
  for (const piece of pieces) one.update(shared.subarray(0, shared.write(piece)))
  return one.examine().body
}

const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })

test('contains: found exactly where the whole body has it, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 12 }), text, (pieces, wanted) => {
      fc.pre(wanted !== '')
      expect(check({ contains: wanted }, pieces)).toBe(pieces.join('').includes(wanted) ? null : 'body text: absent')
    }),
    { numRuns: 2000 },
  )
})

test('contains: a text of several bytes a character is found though cut within one', () => {
  const bytes = Buffer.from('x für y')
  const one = new BodyCheck(compileBodyTerms({ contains: 'für' }), null)
  for (const byte of bytes) one.update(Buffer.of(byte))
  expect(one.examine().body).toBeNull()
})

test('matches: across pieces, in the first 64 KiB and not behind them', () => {
  expect(check({ matches: '"status":\\s*"(ok|up)"' }, ['{"sta', 'tus": "', 'up"}'])).toBeNull()
  expect(check({ matches: '^up$' }, ['u', 'p!'])).toBe('body pattern: no match')
  const filler = '.'.repeat(matchedBodyBytes - 2)
  expect(check({ matches: 'ab' }, [filler, 'ab'])).toBeNull()
  expect(check({ matches: 'ab' }, [filler, '.ab'])).toBe('body pattern: no match')
})

test('sha256: of the whole body', () => {
  const pieces = ['a'.repeat(70_000), 'b']
  const sha256 = createHash('sha256').update(pieces.join('')).digest('hex')
  expect(check({ sha256 }, pieces)).toBeNull()
  expect(check({ sha256 }, [...pieces, 'c'])).toBe('body sha-256: other')
  // printf '' | sha256sum
  expect(check({ sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }, [])).toBeNull()
})
