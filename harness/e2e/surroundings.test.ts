/** Possible environments of an ordinary user: nodrop works as usual, or says in a sentence what is missing. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runNodrop } from './stage/nodrop-process.ts'
import type { NodropResult } from './stage/nodrop-process.ts'
import { createStage } from './stage/stage.ts'

const isRoot = process.getuid?.() === 0
/** Without an account. */
const someone = isRoot ? ['setpriv', '--reuid=64123', '--regid=64123', '--clear-groups'] : []
/** False if Node or the checkout is in root's home. */
const reaches = ['sh', '-c', 'test -x "$1" && test -r "$2"', 'sh', process.execPath, import.meta.filename]
const hasNode = spawnSync('env', [...someone, ...reaches]).status === 0
const able = hasNode && spawnSync('env', [...someone, 'unshare', '--user', '--map-root-user', 'true']).status === 0

let folder = ''
const home = (): string => join(folder, `it's a "home"`)
const unwritable = (): string => join(folder, 'unwritable')
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-around-'))
  chmodSync(folder, 0o755)
  mkdirSync(home())
  chmodSync(home(), 0o777)
  mkdirSync(unwritable(), 0o555)
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Surrounding {
  env?: () => NodeJS.ProcessEnv
  through?: readonly string[]
}
const surroundings: Record<string, Surrounding> = {
  'no HOME': { env: () => ({ HOME: undefined }) },
  'a home with spaces and quotes': { env: () => ({ HOME: home() }) },
  'a home that is not there': { env: () => ({ HOME: '/nonexistent' }) },
  'a TMPDIR that cannot be written': { env: () => ({ TMPDIR: unwritable() }) },
  'a TMPDIR that is not there': { env: () => ({ TMPDIR: '/nonexistent' }) },
  'umask 077': { through: ['sh', '-c', 'umask 077 && exec "$@"', 'sh'] },
  'no terminal and no session': { through: ['setsid', '--wait'] },
  'no PATH': { env: () => ({ PATH: undefined }) },
}

function play(args: readonly string[], { env = () => ({}), through = [] }: Surrounding = {}): Promise<NodropResult> {
  const outer = ['env', '-u', 'KUBECONFIG', ...someone, ...through, 'env', ...optionsOf(env())]
  return runNodrop(args, { through: outer })
}

/** For env(1), after the programs before it have been found. */
function optionsOf(changes: NodeJS.ProcessEnv): string[] {
  const all = Object.entries(changes)
  const gone = all.flatMap(([name, value]) => (value === undefined ? ['-u', name] : []))
  return [...gone, ...all.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))]
}

let usual: NodropResult | null = null
const localIn = ({ stdout }: NodropResult): string => stdout.slice(0, stdout.indexOf('--cluster kind'))

describe.skipIf(!hasNode)('whatever the surroundings,', { timeout: 60_000 }, () => {
  test.each(Object.entries(surroundings))('doctor finds the same with %s', async (_, surrounding) => {
    const ended = await play(['doctor'], surrounding)
    usual ??= await play(['doctor'])
    expect(localIn(ended)).toMatch(/^--cluster local: the embedded cluster can(not)? be used\n/)
    expect([localIn(ended), ended.stderr, ended.code]).toEqual([localIn(usual), '', usual.code])
  })

  test('a context is looked for, and told of in a sentence, where there is no home', async () => {
    const { code, stderr } = await play(['doctor', '--context', 'x'], surroundings['no HOME'])
    expect([code, stderr]).toEqual([
      2,
      'nodrop: Cannot look for your kubeconfig: this user has no home, and HOME is not set\nGive --kubeconfig.\n',
    ])
  })

  test('verify says in a sentence that it has no place for its logs', async () => {
    const { code, stderr } = await play(['verify'], surroundings['a TMPDIR that cannot be written'])
    expect([code, stderr]).toEqual([
      3,
      `nodrop: Cannot make a directory in ${unwritable()}: permission denied (EACCES)\n` +
        'Set TMPDIR to a directory in which files can be written.\n',
    ])
  })

  test.skipIf(!able)('a run is played', async () => {
    using stage = createStage()
    for (const path of [stage.folder, ...readdirSync(stage.folder).map((name) => join(stage.folder, name))])
      chmodSync(path, 0o777)
    const around = Object.values(surroundings)
    const env = (): NodeJS.ProcessEnv => ({ HOME: undefined, TMPDIR: unwritable(), PATH: undefined })
    const through = around.flatMap((one) => one.through ?? [])
    const { code, stdout, stderr } = await play(['run', ...stage.options, '--config', 'exec'], { env, through })
    expect(stderr).not.toMatch(/^ {4}at |EACCES|Cannot/m)
    expect(stdout).toMatch(/exec[^]*\nReport: file:/)
    // While other tests run there may be no verdict.
    expect([0, 1, 4]).toContain(code)
    await stage.waitUntilClean([])
  })
})
