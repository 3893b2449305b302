import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogPosition } from './log-position.ts'

/** A line of a log at this number of ms after a fixed second. */
function stampLine(ms: number, text: string): string {
  return `${new Date(Date.UTC(2026, 0, 1, 0, 0, 10) + ms).toISOString().replace('Z', '000000Z')} ${text}`
}

function readTexts(position: LogPosition, lines: readonly string[]): string[] {
  return position.fresh(lines, () => expect.fail('every line has a stamp')).map(({ text }) => text)
}

test('log position: a first reading begins at the log’s beginning', () => {
  const position = new LogPosition()
  position.resume()
  expect(position.sinceTime).toBe(null)
  expect(readTexts(position, [stampLine(0, 'a'), stampLine(1, '')])).toEqual(['a', ''])
  expect(position.lines).toBe(2)
})

test('log position: a later reading begins a second before the end and repeats nothing', () => {
  const position = new LogPosition()
  const first = [stampLine(0, 'a'), stampLine(1_500, 'b'), stampLine(1_500, 'b')]
  position.fresh(first, () => undefined)
  position.resume()
  expect(position.sinceTime).toBe('2026-01-01T00:00:10.500Z')
  expect(readTexts(position, [...first.slice(1), stampLine(1_500, 'b'), stampLine(1_600, 'c')])).toEqual(['b', 'c'])
  expect(position.isAnother).toBe(false)
})

test('log position: where lines that were there are gone it is another log', () => {
  const position = new LogPosition()
  position.fresh([stampLine(0, 'a'), stampLine(100, 'b')], () => undefined)
  position.resume()
  position.fresh([stampLine(100, 'b')], () => undefined)
  expect(position.isAnother).toBe(true)
})

test('log position: what carries no stamp is no line of the container', () => {
  const others: string[] = []
  const position = new LogPosition()
  const lines = position.fresh(['unable to retrieve container logs', stampLine(0, 'a'), ''], (line) =>
    others.push(line),
  )
  expect(lines.map(({ text }) => text)).toEqual(['a'])
  expect(others).toEqual(['unable to retrieve container logs', ''])
})

test('log position: however often a log is read, each line is given once', () => {
  const steps = fc.array(fc.record({ ms: fc.nat(900), text: fc.constantFrom('a', 'b') }), { maxLength: 60 })
  fc.assert(
    fc.property(steps, fc.array(fc.nat(60), { maxLength: 8 }), (lines, cuts) => {
      let ms = 0
      const log = lines.map((line) => stampLine((ms += line.ms), line.text))
      const position = new LogPosition()
      const given: string[] = []
      for (const end of [...cuts.sort((a, b) => a - b), log.length]) {
        position.resume()
        const since = position.sinceTime
        // API servers pass `sinceTime` on in whole seconds.
        const from = since === null ? '' : since.slice(0, 19)
        const shown = log.slice(0, end).filter((line) => line >= from)
        given.push(...position.fresh(shown, () => undefined).map(({ text }) => text))
      }
      expect(given).toEqual(lines.map(({ text }) => text))
    }),
  )
})
