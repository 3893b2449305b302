import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { createEnteringChain, createProcessChain } from './process-chain.ts'

const joinWithNul = (argv: readonly string[]) => argv.map((word) => `${word}\0`).join('')

describe('the way to a container’s command', () => {
  const command = ['sh', '-c', 'sleep 1']
  const { argv, underWay } = createProcessChain({
    root: '/r',
    fstab: '/f',
    hostName: 'pod',
    workingDir: '/',
    credentials: { uid: 1000, gid: 1000, home: '/', groups: [], capabilities: [] },
    env: new Map([['PATH', '/bin']]),
    nice: 0,
    argv: command,
  })

  test('ends with the command itself, whatever that calls itself later', () => {
    expect(underWay(joinWithNul(command))).toBe(false)
    expect(underWay(joinWithNul(['nginx: master process nginx']))).toBe(false)
    expect(underWay(joinWithNul(['']))).toBe(false)
  })

  test('goes over each program that executes the next', () => {
    for (const start of ['sh', 'setpriv', '/usr/bin/perl', 'env'].map((program) => argv.indexOf(program))) {
      expect(underWay(joinWithNul(argv.slice(start)))).toBe(true)
    }
  })

  test('has not ended during an execve, without a command line', () => {
    expect(underWay('')).toBe(true)
  })
})

describe('a container’s environment', () => {
  const values = {
    PATH: '/usr/bin:/bin:/secret-place',
    EMPTY: '',
    LD_PRELOAD: '/nowhere/secret.so',
    QUOTES: `a "b" 'c' \\n $HOME \${HOME} #d`,
    LINES: 'secret\n two\t=\n',
    UNICODE: 'gehéim ☂',
    'my.var-x': 'dots',
    "o'clo\\ck ${HOME} $(x)": 'odd',
    IFS: '/',
  }
  const env = new Map(Object.entries(values))
  const credentials = { uid: 0, gid: 0, home: '/', groups: [], capabilities: [] }
  const plan = { root: '/r', fstab: '/f', hostName: 'pod', workingDir: '/', credentials }
  const chains = {
    'the first process': createProcessChain({ ...plan, env, nice: 0, argv: ['true'] }),
    'a hook or probe': createEnteringChain([], env, '/'),
  }

  test.each(Object.entries(chains))('stands in no argument list on the way to %s', (_, { argv }) => {
    const line = argv.join('\0')
    expect([...env].filter(([, value]) => value.length > 1 && line.includes(value))).toEqual([])
  })

  test.each(Object.entries(chains))('means nothing to the programs on the way to %s', (_, chain) => {
    expect(
      Object.keys(chain.env).filter((name) => !/^(PATH|LC_ALL|NODROP_SEARCH|NODROP_VALUE_\d)$/.test(name)),
    ).toEqual([])
    expect(chain.env['PATH']).not.toContain('secret')
  })

  test('arrives as it is, with nothing beside it', () => {
    const { argv, env: carried } = chains['a hook or probe']
    const [program = '', ...words] = argv
    const { stdout } = spawnSync(program, [...words, '/usr/bin/env', '-0'], { env: carried, encoding: 'utf8' })
    const arrived = stdout.split('\0').slice(0, -1)
    expect(arrived.toSorted()).toEqual([...env].map(([name, value]) => `${name}=${value}`).toSorted())
  })
})
