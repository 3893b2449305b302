import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test, vi } from 'vitest'
import type { LogRecord } from '../model/record.ts'
import { createProgress } from './progress.ts'

function createStream(isTTY: boolean): { stream: NodeJS.WriteStream; read: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 40 })
  return { stream: stream as unknown as NodeJS.WriteStream, read: () => String(stream.read() ?? '') }
}

const step = (name: 'load-begin' | 'disrupt-begin'): LogRecord => ({ type: 'step', t: 0, step: name, detail: null })

test('progress: without a terminal a line for each phase, and the sentence at the end', () => {
  const { stream, read } = createStream(false)
  const run = createProgress(stream).beginRun('1/2 rollout × naive')
  for (const name of ['load-begin', 'load-begin', 'disrupt-begin'] as const) run.see(step(name))
  run.end('0 of 10 requests lost')
  expect(read().trimEnd().split('\n')).toEqual([
    '1/2 rollout × naive',
    '  load, undisturbed · 0 requests, 0 lost',
    '  disrupting · 0 requests, 0 lost',
    '  0 of 10 requests lost',
  ])
})

test('progress: in a terminal a block that is drawn over, cut to its width', () => {
  vi.useFakeTimers()
  try {
    const { stream, read } = createStream(true)
    const progress = createProgress(stream)
    const run = progress.beginRun('a title that is too long for a terminal of this width')
    run.see(step('load-begin'))
    vi.advanceTimersByTime(300)
    const lines = read().split('\n')
    expect(lines[0]).toMatch(/^▸ a title that is too long .*…$/)
    expect(lines.every((line) => line.length <= 39)).toBe(true)
    progress.say('beside it')
    expect(read()).toBe(`\u001B[${lines.length - 1}A\u001B[0Jbeside it\n`)
    run.end('done')
    expect(stripVTControlCharacters(read())).toBe('● a title that is too long for a terminal of this width — done\n')
    vi.advanceTimersByTime(1000)
    expect(read()).toBe('')
  } finally {
    vi.useRealTimers()
  }
})

test('progress: plain lines in a terminal where it is asked for', () => {
  const { stream, read } = createStream(true)
  createProgress(stream, true).say('a line')
  expect(read()).toBe('a line\n')
})
