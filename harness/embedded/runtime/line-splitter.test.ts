import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter, lineLimitBytes } from './line-splitter.ts'

function cutLines(chunks: Uint8Array[]): string[] {
  const lines: string[] = []
  const cutter = new LineSplitter('stdout', ({ text }) => lines.push(text))
  for (const chunk of chunks) cutter.push(Buffer.from(chunk))
  cutter.end()
  return lines
}

test('Lines: lines do not depend on how the bytes were cut into chunks', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.array(fc.nat(50)), (text, cuts) => {
      const bytes = Buffer.from(text)
      const chunks: Buffer[] = []
      let from = 0
      for (const cut of cuts) chunks.push(bytes.subarray(from, (from += cut)))
      const expected = bytes.toString('utf8').split('\n')
      if (expected.at(-1) === '') expected.pop()
      expect(cutLines([...chunks, bytes.subarray(from)])).toEqual(expected)
    }),
  )
})

test('Lines: a long line is cut between characters', () => {
  const [first = '', second = '', ...rest] = cutLines([Buffer.from(`a${'é'.repeat(lineLimitBytes)}\nnext\n`)])
  expect(Buffer.byteLength(first)).toBe(lineLimitBytes - 1)
  expect(second).toMatch(/^é+$/)
  expect(rest.at(-1)).toBe('next')
})

test('Lines: bytes that are no text at all are still cut at the limit', () => {
  const lines = cutLines([Buffer.alloc(lineLimitBytes * 2 + 5, 0x80)])
  expect(lines.map(({ length }) => length)).toEqual([lineLimitBytes, lineLimitBytes, 5])
})
