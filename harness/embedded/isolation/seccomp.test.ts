import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { createFilterLauncher, createSeccompFilter } from './seccomp.ts'

const machines = { x64: 0xc000003e, arm64: 0xc00000b7 } as const
const [allow, eperm, enosys] = [0x7fff0000, 0x00050001, 0x00050026]

interface SystemCall {
  number: number
  audit: number
  argument?: number
}

/** The kernel's decision about a call: the program run instruction by instruction, as in <linux/filter.h>. */
function evaluateFilter(program: Buffer, { number, audit, argument = 0 }: SystemCall): number {
  const data = new Map([
    [0, number],
    [4, audit],
    [16, argument],
  ])
  let value = 0
  for (let at = 0; at < program.length / 8; at++) {
    const [code, onTrue, onFalse] = [program.readUInt16LE(at * 8), program[at * 8 + 2] ?? 0, program[at * 8 + 3] ?? 0]
    const operand = program.readUInt32LE(at * 8 + 4)
    if (code === 0x06) return operand
    if (code === 0x20) value = data.get(operand) ?? NaN
    else {
      const holds = { 0x15: value === operand, 0x35: value >= operand, 0x45: (value & operand) !== 0 }[code]
      if (holds === undefined) throw new Error(`no such instruction: ${code}`)
      at += holds ? onTrue : onFalse
    }
  }
  throw new Error('the program does not return')
}

describe.each(Object.entries(machines))('the filter on %s', (arch, audit) => {
  const { program } = createSeccompFilter(arch as 'x64') ?? { program: Buffer.alloc(0) }
  const numbers = {
    x64: { read: 0, clone: 56, mount: 165, setns: 308, last: 323 },
    arm64: { read: 63, clone: 220, mount: 40, setns: 268, last: 294 },
  }[arch as 'x64']

  test.each([
    ['read', { number: numbers.read }, allow],
    ['a call of a newer kernel', { number: 9_999 }, allow],
    ['mount', { number: numbers.mount }, eperm],
    ['setns', { number: numbers.setns }, eperm],
    ['the last of the old calls', { number: numbers.last }, eperm],
    ['io_uring_setup', { number: 425 }, eperm],
    ['clone3', { number: 435 }, enosys],
    ['fork by clone', { number: numbers.clone, argument: 0x11 }, allow],
    ['a thread by clone', { number: numbers.clone, argument: 0x3d0f00 }, allow],
    ['a user namespace by clone', { number: numbers.clone, argument: 0x10000011 }, eperm],
    ['a mount namespace by clone', { number: numbers.clone, argument: 0x00020011 }, eperm],
    ['a call of another machine', { number: numbers.read, audit: 0x40000003 }, enosys],
  ])('%s', (_, call, expected) => {
    expect(evaluateFilter(program, { audit, ...call })).toBe(expected)
  })
})

test('Seccomp: calls of the x32 ABI are unknown', () => {
  const { program } = createSeccompFilter('x64') ?? { program: Buffer.alloc(0) }
  expect(evaluateFilter(program, { number: 0x40000000 + 165, audit: machines.x64 })).toBe(enosys)
})

test.runIf(process.platform === 'linux' && createSeccompFilter(process.arch))('Seccomp: the kernel takes it', () => {
  const words = [
    'setpriv',
    '--no-new-privs',
    ...createFilterLauncher(),
    'sh',
    '-c',
    'grep Seccomp: /proc/self/status; unshare --user true',
  ]
  const { stdout, stderr, status } = spawnSync('env', words, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  })
  expect(stdout).toBe('Seccomp:\t2\n')
  expect(stderr).toContain('Operation not permitted')
  expect(status).toBe(1)
})
