import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../base/fault.ts'
import { formatGate } from '../../model/gates/gates.ts'
import { addGateOptions, parseGateOptions } from './gate-options.ts'

/** The result of parsing these words. */
function parse(...words: string[]): ReturnType<typeof parseGateOptions> {
  const command = addGateOptions(new Command('run')).action(() => {})
  command.parse(words, { from: 'user' })
  return parseGateOptions(command.opts())
}

/** The message of the usage Fault that it throws. */
function readFault(...words: string[]): string {
  try {
    parse(...words)
  } catch (error) {
    if (error instanceof Fault && error.kind === 'usage') return error.message
    throw error
  }
  throw new Error('it throws nothing')
}

describe('gates on the command line', () => {
  test('none is given', () => expect(parse()).toBeUndefined())

  test('each has name, operator and limit, with spaces or without', () => {
    expect(parse('--gate', 'lost<=3', '--gate', 'p99Ms{lane:fresh,phase:during} < 250ms')?.map(formatGate)).toEqual([
      'lost <= 3',
      'p99Ms{lane:fresh,phase:during} < 250 ms',
    ])
  })

  test('one that only warns may stand beside one of the same name', () => {
    expect(parse('--gate', 'p99Ms<1s', '--warn', 'p99Ms<250ms')).toEqual([
      { name: 'lost', operator: '<=', limit: 0 },
      { name: 'p99Ms', operator: '<', limit: 1000 },
      { name: 'p99Ms', operator: '<', limit: 250, warn: true },
    ])
  })

  test.each<[option: string, text: string, message: RegExp]>([
    [
      '--gate',
      'lsot<=3',
      /^Cannot read --gate "lsot<=3": unknown key "lsot": did you mean lost\? there are lost, lostPerRollout, .* and unattributed$/,
    ],
    ['--gate', 'lost', /^Cannot read --gate "lost": lost: must be a number from 0, or like '<5'$/],
    ['--gate', 'lost=3', /must be a number from 0, or like '<5'$/],
    ['--warn', 'marginMs<500ms', /^Cannot read --warn .* or like '>=250ms'$/],
    ['--warn', 'p99Ms{lane:frsh}<1s', /no lane "frsh": there are fresh, reused and reused-post$/],
    ['--gate', '<3', /unknown key ""/],
  ])('%s %s is refused', (option, text, message) => {
    expect(readFault(option, text)).toMatch(message)
  })
})
