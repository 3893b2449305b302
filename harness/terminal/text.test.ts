import { expect, test } from 'vitest'
import { alignColumns, escapeControlCharacters } from './text.ts'

test('text: escape sequences are made visible', () => {
  expect(escapeControlCharacters('\u001B[31mred\u0007\r\n')).toBe(String.raw`\x1b[31mred\x07\x0d\x0a`)
})

test('text: characters that would turn the reading direction are shown', () => {
  expect(escapeControlCharacters('a\u202Eb')).toBe(String.raw`a\u{202e}b`)
})

test('text: columns line up, numbers to the right, no blanks at the end', () => {
  expect(
    alignColumns(
      [
        ['name', 'n', ''],
        ['a', '10', ''],
        ['bcd', '9', ''],
      ],
      [1],
    ),
  ).toEqual(['name   n', 'a     10', 'bcd    9'])
})
