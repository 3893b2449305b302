import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { LineSplitter, readBody, readJsonBody } from './response-body.ts'

const createChunks = (count: number, text: string): Readable =>
  Readable.from(Array.from({ length: count }, () => Buffer.from(text)))

test('response body: it is read to its limit and not a byte further', async () => {
  expect(await readBody(createChunks(4, 'abcd'), 16)).toHaveLength(16)
  const answer = createChunks(1000, 'abcd')
  await expect(readBody(answer, 15)).rejects.toThrow('the answer of the API server has more than')
  expect(answer.destroyed).toBe(true)
})

test('response body: JSON must not be nested without end', async () => {
  expect(String(await readJsonBody(createChunks(3, '{"a":["ö"]}')))).toBe('{"a":["ö"]}'.repeat(3))
  await expect(readJsonBody(createChunks(300, '['))).rejects.toThrow('nested more than 256 levels deep')
})

test('response lines: they are put together from chunks', () => {
  const text = 'first\nzweite, größer\n\nlast'
  const bytes = Buffer.from(text)
  for (let size = 1; size <= bytes.length; size++) {
    const splitter = new LineSplitter()
    const lines: string[] = []
    for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)))
    expect([...lines, splitter.rest].join('\n')).toBe(text)
    expect(lines).toHaveLength(3)
  }
})

test('response lines: a line without end is an error', () => {
  const splitter = new LineSplitter()
  const chunk = Buffer.alloc(1 << 20, 'x')
  for (let n = 0; n < 4; n++) expect(splitter.push(chunk)).toEqual([])
  expect(() => splitter.push(chunk)).toThrow('a line of the API server has more than 4 MiB')
})
