import { execFileSync, spawn, spawnSync } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quoteShellWord } from '../base/shell-quote.ts'
import { listProcesses } from '../testing/residue.ts'
import packageJson from '../../package.json' with { type: 'json' }

const home = join(import.meta.dirname, '../..')
const nodrop = join(import.meta.dirname, '../nodrop.cjs')
const node24 = join(import.meta.dirname, 'node24.cjs')
const brought = existsSync(join(import.meta.dirname, '../../.cache/node24/stamp'))

/** A Node on this machine that is too old for nodrop, as its users may have. */
function findOldNode(): string | undefined {
  return ['/usr/bin/node', '/usr/local/bin/node'].find((file) => {
    if (!existsSync(file)) return false
    const major = /^v(\d+)/.exec(execFileSync(file, ['--version'], { encoding: 'utf8' }))?.[1]
    return Number(major) < 24
  })
}
const oldNode = findOldNode()

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-setup-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function program(name: string, source: string): string {
  const file = join(folder, `${name}.cjs`)
  writeFileSync(file, source)
  return file
}

type Running = ChildProcessByStdio<Writable, Readable, null>

async function startAndWaitFor(
  text: string,
  command: string,
  args: string[],
): Promise<Running & { said: () => string }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      said += data
      if (said.includes(text)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it said ${text}: ${said}`)))
  })
  return Object.assign(child, { said: () => said })
}

/** Prints its number, counts the interrupts of the next 300 ms, and ends with 40 and that count. */
const counting = `
  let count = 0
  process.on('SIGINT', () => { if (count++ === 0) setTimeout(() => process.exit(40 + count), 300) })
  process.on('SIGTERM', () => { console.log('told to stop'); process.exit(9) })
  console.log('ready ' + process.pid)
  setInterval(() => {}, 1000)
`

/** A separate checkout before its set-up, at a path with special characters for a shell; with these further files. */
function bareCheckout(files: Record<string, string> = {}): string {
  const root = mkdtempSync(join(folder, "it's a "))
  for (const place of ['harness/setup', 'harness/nodrop.cjs', 'package.json', 'package-lock.json'])
    cpSync(join(home, place), join(root, place), { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** The target of the command to paste that it prints in one line. */
function placeNamedIn(stderr: string): string {
  expect(stderr).toMatch(/^nodrop: [^\n]*\. Set it up with: cd [^\n]+ && npm run setup\n$/)
  const command = stderr.trimEnd().split('with: ')[1]?.replace('npm run setup', 'pwd') ?? ''
  return execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trimEnd()
}

describe.skipIf(oldNode === undefined)('with a Node that is too old', () => {
  test.skipIf(!brought)('nodrop runs with the one that the set-up has brought', () => {
    const { status, stdout } = spawnSync(oldNode ?? '', [nodrop, '--version'], { encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, `${packageJson.version}\n`])
  })

  test('and without another it says in one line what to do, and ends with 3', () => {
    const root = bareCheckout()
    for (const command of [
      ['harness/nodrop.cjs', 'list'],
      ['harness/setup/node24.cjs', 'harness/cli/cli.ts'],
    ]) {
      const { status, stderr, stdout } = spawnSync(oldNode ?? '', command, { cwd: root, encoding: 'utf8' })
      expect([status, stdout]).toEqual([3, ''])
      expect(stderr).toMatch(/needs Node 24 or newer, and this is Node \d+\.\d+\.\d+/)
      expect(placeNamedIn(stderr)).toBe(root)
    }
  })
})

test('nodrop without its npm packages says in one line what to do, and ends with 3', () => {
  const root = bareCheckout({ 'harness/cli/cli.ts': "import 'commander'\n" })
  const { status, stderr } = spawnSync(process.execPath, ['harness/nodrop.cjs'], { cwd: root, encoding: 'utf8' })
  expect(status).toBe(3)
  expect(stderr).toContain("its npm packages are not all installed (Cannot find package 'commander'")
  expect(placeNamedIn(stderr)).toBe(root)
})

test('nothing of a set-up is left to scripts that npm may be told to leave out', () => {
  const names = Object.keys(packageJson.scripts)
  expect(names.filter((name) => names.some((other) => name === `pre${other}` || name === `post${other}`))).toEqual([])
  const setUp = join(import.meta.dirname, 'setup.cjs')
  const file = program('after', `console.log(process.argv.slice(2).join('|')); process.exitCode = 6`)
  const { status, stdout } = spawnSync(process.execPath, [setUp, 'check', file, 'a b'], { encoding: 'utf8' })
  expect([status, stdout]).toEqual([6, 'a b\n'])
})

test('a set-up of a checkout that cannot be written says so in one line', () => {
  const root = bareCheckout()
  const words = process.getuid?.() === 0 ? ['setpriv', '--reuid=64123', '--regid=64123', '--clear-groups'] : ['env']
  for (const path of [folder, root]) chmodSync(path, 0o555)
  const argv = [...words, process.execPath, join(root, 'harness/setup/setup.cjs'), 'check']
  const { status, stderr } = spawnSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8' })
  chmodSync(folder, 0o755)
  chmodSync(root, 0o755)
  expect(status).toBe(3)
  expect(stderr).toMatch(/^nodrop set-up: cannot write below '[^\n]+: EACCES: [^\n]+; use a checkout [^\n]+\n$/)
})

test('apt-get that does not end is ended with all that it has started, and what it said is had', async () => {
  const mark = `nodrop-apt-${process.pid}`
  const bin = mkdtempSync(join(folder, 'bin-'))
  // The first one ignores SIGTERM.
  const script = `#!/bin/sh\ntrap '' TERM\necho waiting\nsh -c 'while :; do sleep 1; done; : ${mark}' & wait; sleep 60\n`
  writeFileSync(join(bin, 'apt-get'), script, { mode: 0o755 })
  const debian = JSON.stringify(join(import.meta.dirname, 'debian.cjs'))
  const source = `require(${debian}).runAptGet(['update'], { limitMs: 500, graceMs: 300 }).then((r) => console.log(JSON.stringify(r)))`
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` }
  const { stdout } = spawnSync(process.execPath, ['-e', source], { encoding: 'utf8', env, timeout: 20_000 })
  expect(JSON.parse(stdout)).toEqual({ ok: false, said: 'waiting\n\nended: it had not finished after 0.5 s\n' })
  expect(listProcesses().filter(({ command }) => command.includes(mark))).toEqual([])
})

describe.skipIf(oldNode === undefined || !brought)('node24 from a Node that is too old', () => {
  const run = (...args: string[]): string[] => [node24, ...args]

  test('runs the file with Node 24, with its arguments, and ends with its exit code', () => {
    const file = program('args', `console.log(process.version, process.argv.slice(2).join('|')); process.exit(7)`)
    const { status, stdout } = spawnSync(oldNode ?? '', run(file, 'a b', '--c'), { encoding: 'utf8' })
    expect(stdout).toMatch(/^v24\.\d+\.\d+ a b\|--c\n$/)
    expect(status).toBe(7)
  })

  test('ends with 128 and the number of the signal that ended the program', () => {
    const file = program('killed', `process.kill(process.pid, 'SIGKILL')`)
    expect(spawnSync(oldNode ?? '', run(file)).status).toBe(137)
  })

  test('passes TERM on and waits for the program to end', async () => {
    const child = await startAndWaitFor('ready', oldNode ?? '', run(program('term', counting)))
    child.kill('SIGTERM')
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(9)
  })

  test('gives the program its time when timeout(1) ends them both, and keeps its exit code', async () => {
    const source = `process.on('SIGTERM', () => setTimeout(() => process.exit(9), 300)); setInterval(() => {}, 1000)`
    const file = program('slow', `${source}; console.log('ready')`)
    const words = ['--preserve-status', '600', oldNode ?? '', ...run(file)]
    const child = await startAndWaitFor('ready', 'timeout', words)
    // It has run out of time.
    child.kill('SIGALRM')
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(9)
  })

  test('passes an interrupt on when there is no terminal that does', async () => {
    const child = await startAndWaitFor('ready', oldNode ?? '', run(program('int', counting)))
    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(41)
  })

  test('leaves Ctrl-C to the terminal, so that the program gets one interrupt and its exit code arrives', async () => {
    // The terminal's interrupt reaches the shell too; some shells (dash) would end without the trap, before they can say the code.
    const words = [oldNode ?? '', node24, program('tty', counting)].map(quoteShellWord).join(' ')
    const command = `trap : INT; ${words}; echo "code $?"`
    const terminal = await startAndWaitFor('ready', 'script', ['-qec', command, '/dev/null'])
    terminal.stdin.write('\u0003')
    await once(terminal, 'close')
    expect(terminal.said()).toContain('code 41')
  })

  test('takes the program along when it is killed outright', async () => {
    const child = await startAndWaitFor('ready', oldNode ?? '', run(program('orphan', counting)))
    child.kill('SIGKILL')
    // Its output only closes when the program, which holds the other end, has ended too.
    await once(child, 'close')
    expect(child.said()).toContain('told to stop')
  })
})

test('node24 from a Node that is new enough runs the file in the same process', () => {
  const file = program('same', `console.log(process.ppid, process.argv.slice(2).join('|')); process.exitCode = 5`)
  const { status, stdout } = spawnSync(process.execPath, [node24, file, 'x'], { encoding: 'utf8' })
  expect(stdout).toBe(`${process.pid} x\n`)
  expect(status).toBe(5)
})
