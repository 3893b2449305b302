/** What another user of the machine can access during a run: only public facts; everything else is refused. */
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { listDescendants } from '../testing/residue.ts'
import { NodropProcess, home } from './stage/nodrop-process.ts'
import { createStage } from './stage/stage.ts'

const able = process.getuid?.() === 0 && (await checkEmbeddedMachine()).every(({ ok }) => ok)
const stranger = ['setpriv', '--reuid=64123', '--regid=64123', '--clear-groups']
/** False if Node is in root's home. */
const hasNode = able && spawnSync('env', [...stranger, process.execPath, '--version']).status === 0

const configuration = `
# loses: a workload with a secret in its environment and a hook that sees it.
spec:
  template:
    spec:
      containers:
        - name: app
          env: [{ name: PASSWORD, value: planted-in-the-environment }]
          readinessProbe: { exec: { command: [sh, -c, 'test -n "$PASSWORD"'] }, periodSeconds: 1 }
`
const headers = "requests: { fresh: { headers: { authorization: 'Bearer planted-in-a-header' } } }"

/** Tries everything as the present user, and prints for each thing how often it had access and with which error it was refused. */
const attempts = `
  const { readFileSync, readdirSync, openSync } = process.getBuiltinModule('node:fs')
  const { connect } = process.getBuiltinModule('node:net')
  const { request } = process.getBuiltinModule('node:https')
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { pids, ports, files, directories, podIp } = JSON.parse(readFileSync(0, 'utf8'))
  const table = {}
  const attempt = async (what, act) => {
    let answer
    try { answer = await act() } catch (error) { answer = error.code ?? error.message }
    // A process that has ended meanwhile has refused nothing.
    if (answer === 'ENOENT' || answer === 'ESRCH') return
    ;(table[what] ??= {})[answer] = (table[what]?.[answer] ?? 0) + 1
  }
  const ask = (port, method, path, headers) => new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false, agent: false }
    request(options, (answer) => { answer.resume(); resolve('status ' + answer.statusCode) }).on('error', reject).end()
  })
  for (const pid of pids) {
    const of = '/proc/' + pid
    await attempt('read the environment of its processes', () => (readFileSync(of + '/environ'), 'let in'))
    await attempt('see the open files of its processes', () => (readdirSync(of + '/fd'), 'let in'))
    await attempt('read the memory of its processes', () => (openSync(of + '/mem'), 'let in'))
    await attempt('look into the root of its processes', () => (readdirSync(of + '/root/'), 'let in'))
    await attempt('enter the network of its processes', () => (openSync(of + '/ns/net'), 'let in'))
    await attempt('signal its processes', () => (process.kill(pid, 0), 'let in'))
  }
  for (const path of directories) await attempt('list its directories', () => (readdirSync(path), 'let in'))
  for (const path of files) await attempt('read its files', () => (readFileSync(path), 'let in'))
  for (const port of ports) {
    await attempt('ask its ports for pods', () => ask(port, 'GET', '/api/v1/pods'))
    const guess = { authorization: 'Bearer guessed' }
    await attempt('ask its ports for secrets with a guessed token', () => ask(port, 'GET', '/api/v1/configmaps', guess))
    await attempt('delete through its ports', () => ask(port, 'DELETE', '/api/v1/namespaces/default/pods', guess))
    await attempt('exec through its ports', () => ask(port, 'POST', '/api/v1/namespaces/default/pods/x/proxy/stop', {}))
  }
  await attempt('reach the control port of the driver', () => new Promise((resolve) => {
    const socket = connect({ host: podIp, port: 8089, timeout: 500 }, () => resolve('let in'))
    // How the connection fails depends on the machine's own network.
    for (const end of ['error', 'timeout']) socket.on(end, () => (socket.destroy(), resolve('no way to it')))
  }))
  await attempt('make use of its namespaces', () =>
    spawnSync('nsenter', ['--net=/proc/' + pids.at(-1) + '/ns/net', 'true']).status === 0 ? 'let in' : 'refused')
  console.log(JSON.stringify(table))
  process.exit()
`

function copyManifests(folder: string): string {
  const copy = join(folder, 'manifests')
  cpSync(join(home, 'manifests', 'base'), join(copy, 'base'), { recursive: true })
  return copy
}

/** Every path below a directory. */
function listBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name))
}

function readIfPossible(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** The ports on which these processes listen in this network namespace (/proc/net/tcp: state 0A, local address, inode). */
function listListeningPorts(pids: readonly number[]): number[] {
  const open = new Set(pids.flatMap(listOpenFiles))
  const rows = ['tcp', 'tcp6'].flatMap((name) => readIfPossible(`/proc/net/${name}`).split('\n').slice(1))
  return rows
    .map((row) => row.trim().split(/ +/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && open.has(`socket:[${inode}]`))
    .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16))
}

function listOpenFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

describe.skipIf(!hasNode)('another user of the machine', () => {
  test('sees no secret and reaches nothing of a run', { timeout: 90_000 }, async () => {
    using stage = createStage()
    const [out, scenarios] = [join(stage.folder, 'out'), join(stage.folder, 'scenarios')]
    const brief = join(scenarios, 'brief.yaml')
    writeFileSync(brief, readFileSync(brief, 'utf8').replace('  timeoutMs: 5000', `  timeoutMs: 5000\n  ${headers}`))
    const manifests = copyManifests(stage.folder)
    writeFileSync(join(manifests, 'planted.yaml'), configuration.trimStart())
    const options = [...stage.options, '--manifests', manifests, '--config', 'planted']
    const program = new NodropProcess(['run', ...options], { env: stage.env })
    await program.waitForOutput(/load, undisturbed/)
    const made = listDescendants(program.pid)
    const pids = [program.pid, ...made.map(({ pid }) => pid)]
    const seen = {
      pids,
      ports: listListeningPorts(pids),
      directories: [out, ...listBelow(out)].filter((path) => path !== out && statSync(path).isDirectory()),
      files: listBelow(out).filter((path) => statSync(path).isFile()),
      podIp: '10.244.1.2',
    }
    const words = pids.map((pid) => readIfPossible(`/proc/${pid}/cmdline`))
    const { stdout } = spawnSync('env', [...stranger, process.execPath, '-e', attempts], {
      input: JSON.stringify(seen),
      encoding: 'utf8',
    })
    await program.ended
    await stage.waitUntilClean(made)

    expect(seen.ports.length).toBeGreaterThan(0)
    expect(seen.files.length).toBeGreaterThan(1)
    const table = JSON.parse(stdout) as Record<string, Record<string, number>>
    if (process.env['NODROP_TABLE']) console.table(table)
    const refusals = Object.fromEntries(Object.entries(table).map(([what, answers]) => [what, Object.keys(answers)]))
    expect(refusals).toEqual({
      'read the environment of its processes': ['EACCES'],
      'see the open files of its processes': ['EACCES'],
      'read the memory of its processes': ['EACCES'],
      'look into the root of its processes': ['EACCES'],
      'enter the network of its processes': ['EACCES'],
      'signal its processes': ['EPERM'],
      'list its directories': ['EACCES'],
      'read its files': ['EACCES'],
      'ask its ports for pods': ['status 401'],
      'ask its ports for secrets with a guessed token': ['status 401'],
      'delete through its ports': ['status 401'],
      'exec through its ports': ['status 401'],
      'reach the control port of the driver': ['no way to it'],
      'make use of its namespaces': ['refused'],
    })
    // The arguments of a process are public; the written files are readable only for their owner.
    const written = listBelow(out).filter((path) => statSync(path).isFile())
    for (const planted of ['planted-in-the-environment', 'planted-in-a-header']) {
      expect(words.filter((text) => text.includes(planted))).toEqual([])
      expect(written.filter((path) => readFileSync(path).includes(planted))).toEqual([])
    }
  })
})
