import { describe, expect, test } from 'vitest'
import { processChain } from './container-process.ts'

const words = (argv: readonly string[]) => argv.map((word) => `${word}\0`).join('')

describe('the way to a container’s command', () => {
  const command = ['sh', '-c', 'sleep 1']
  const { argv, underWay } = processChain({
    root: '/r',
    fstab: '/f',
    hostName: 'pod',
    workingDir: '/',
    credentials: { uid: 1000, gid: 1000, home: '/' },
    env: new Map([['PATH', '/bin']]),
    cpuShares: 0,
    argv: command,
  })

  test('ends with the command itself, whatever that calls itself later', () => {
    expect(underWay(words(command))).toBe(false)
    expect(underWay(words(['nginx: master process nginx']))).toBe(false)
    expect(underWay(words(['']))).toBe(false)
  })

  test('goes over each program that executes the next', () => {
    for (const start of ['sh', 'setpriv', 'env'].map((program) => argv.indexOf(program))) {
      expect(underWay(words(argv.slice(start)))).toBe(true)
    }
  })

  test('has not ended in the middle of an execve, when a process has no command line', () => {
    expect(underWay('')).toBe(true)
  })
})
