import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { printLines, printJson, printNotice, printParts } from './print.ts'
import { withStyle, renderLine } from './text.ts'

/** Text that may move a cursor, colour a screen, end a line unseen, or change the reading direction. */
const hostile = [
  '\u001B[2J',
  '\u0007',
  '\r',
  '\u0000',
  '\u007F',
  '\u009B31m',
  '\u2028',
  '\u2029',
  '\u061C',
  '\u200F',
  '\u202E',
  '\u2066',
]
const unseen = /[^\P{C}\n]|[\u2028\u2029]/u

function captureWrites(stream: NodeJS.WriteStream, act: () => void): string {
  let text = ''
  const write = vi.spyOn(stream, 'write').mockImplementation((chunk) => ((text += String(chunk)), true))
  try {
    act()
  } finally {
    write.mockRestore()
  }
  return text
}

test.each([
  ['standard output', process.stdout, printLines],
  ['standard error', process.stderr, printNotice],
])('output: nothing on %s can do anything to a terminal', (_, stream, write) => {
  const text = captureWrites(stream, () => {
    for (const one of hostile) write(`a${one}b`, ['c', withStyle('red', `d${one}e`)], withStyle('bold', one))
  })
  // oxlint-disable-next-line no-control-regex
  expect(text.replaceAll(/\u001B\[\d+m/g, '')).not.toMatch(unseen)
  expect(text.split('\n')).toHaveLength(3 * hostile.length + 1)
})

test('output: our own colours are all that a stream with colours gets', () => {
  const colourful = Object.assign(new PassThrough(), { isTTY: true, hasColors: () => true, getColorDepth: () => 8 })
  vi.stubEnv('NO_COLOR', undefined)
  vi.stubEnv('FORCE_COLOR', '1')
  expect(renderLine(['a\u001B[5m', withStyle('red', 'b\u001B[5m')], colourful)).toBe(
    String.raw`a\x1b[5m` + '\u001B[31m' + String.raw`b\x1b[5m` + '\u001B[39m',
  )
  vi.unstubAllEnvs()
})

test('output: a text of several lines keeps them', () => {
  expect(captureWrites(process.stdout, () => printLines('one\ntwo', ''))).toBe('one\ntwo\n\n')
})

test('output: JSON is plain, and gives its reader what was put in', () => {
  const value = { [hostile.join('')]: hostile, emoji: '☂\uD83D\uDE00' }
  const text = captureWrites(process.stdout, () => printJson(value))
  expect(text).not.toMatch(unseen)
  expect(JSON.parse(text)).toEqual(value)
})

test('output in parts: waits for a reader that is slower, and ends with one that is gone', async () => {
  const written: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => (written.push(String(part)), false))
  onTestFinished(() => write.mockRestore())
  const printed = printParts(['a', 'b', 'c'])
  await setImmediate()
  expect(written).toEqual(['a'])
  process.stdout.emit('drain')
  await setImmediate()
  expect(written).toEqual(['a', 'b'])
  process.stdout.emit('error', new Error('EPIPE'))
  await printed
  expect(written).toEqual(['a', 'b'])
})
