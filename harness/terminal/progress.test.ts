import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LogRecord } from '../model/record.ts'
import { createProgress } from './progress.ts'

function createStream(isTTY: boolean, columns = 40): { stream: NodeJS.WriteStream; read: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns, rows: 24 })
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

test('progress: on GitHub a run is a group, its sentence stands below, and no line of others is a command', () => {
  const { stream, read } = createStream(false)
  const progress = createProgress(stream, { isForGitHub: true })
  const run = progress.beginRun('1/2 rollout × naive')
  run.see(step('load-begin'))
  progress.say('  ::error::planted')
  progress.say('a ##[group]planted')
  run.end('0 of 10 requests lost')
  expect(read().trimEnd().split('\n')).toEqual([
    '::group::1/2 rollout × naive',
    '  load, undisturbed · 0 requests, 0 lost',
    String.raw`  \x3a:error::planted`,
    String.raw`a #\x23[group]planted`,
    '::endgroup::',
    '1/2 rollout × naive: 0 of 10 requests lost',
  ])
})

test('progress: where nothing is to be told there is nothing', () => {
  const { stream, read } = createStream(false)
  const progress = createProgress(stream, { isQuiet: true })
  progress.say('a line')
  progress.beginRun('1/1').end('done')
  expect(read()).toBe('')
})

describe('progress in a terminal', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('a block is drawn over, cut to the width, and what is said stands above it', () => {
    const { stream, read } = createStream(true)
    const progress = createProgress(stream)
    const run = progress.beginRun('a title that is too long for a terminal of this width')
    const first = stripVTControlCharacters(read()).trimEnd().split('\n')
    expect(first[0]).toMatch(/^▸ a title that is too long .*…$/)
    expect(first.map((line) => line.length).filter((length) => length > 39)).toEqual([])
    run.see(step('load-begin'))
    vi.advanceTimersByTime(300)
    expect(read().startsWith(`\r\u001B[${first.length}A`)).toBe(true)
    progress.say('beside it')
    expect(read().startsWith(`\r\u001B[${first.length}A\u001B[0Jbeside it\n▸ a title`)).toBe(true)
    run.end('done')
    read()
    vi.advanceTimersByTime(1000)
    stream.emit('resize')
    expect(read()).toBe('')
    expect(stream.listenerCount('resize')).toBe(0)
  })

  test.each([
    ['passed', '✓'],
    ['failed', '✗'],
    ['unknown', '?'],
    [undefined, '?'],
  ] as const)('a run that is %s ends with its mark and its whole sentence, broken between words', (verdict, mark) => {
    const { stream, read } = createStream(true)
    const run = createProgress(stream).beginRun('1/2 rollout × naive')
    read()
    run.end('115 of 5,262 requests lost in 1 rollout of three pods', verdict)
    const text = stripVTControlCharacters(read()).trim()
    expect(text.split('\n')).toEqual([
      `${mark} 1/2 rollout × naive: 115 of 5,262`,
      '  requests lost in 1 rollout of three',
      '  pods',
    ])
  })

  test('time left follows from what was expected and from how long the runs before took', () => {
    const { stream, read } = createStream(true, 80)
    const progress = createProgress(stream)
    const first = progress.beginRun('first', { runMs: 30_000, laterMs: 60_000 })
    vi.advanceTimersByTime(10_010)
    expect(stripVTControlCharacters(read())).toMatch(/10 s, about (20|19) s left \((80|79) s for all runs\)/)
    vi.advanceTimersByTime(50_010)
    expect(stripVTControlCharacters(read())).toContain('60 s, longer than expected (60 s for all runs)')
    first.end('done')
    const second = progress.beginRun('second', { runMs: 30_000, laterMs: 0 })
    expect(stripVTControlCharacters(read())).toContain('0 s, about 60 s left')
    second.end('done')
  })

  test('plain lines where they are asked for', () => {
    const { stream, read } = createStream(true)
    createProgress(stream, { isPlain: true }).say('a line')
    expect(read()).toBe('a line\n')
  })
})
