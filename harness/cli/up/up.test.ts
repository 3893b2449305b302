import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectApi } from '../../cluster/api.ts'
import { checkEmbeddedMachine } from '../../cluster/embedded/embedded-machine.ts'
import type { Paths } from '../../cluster/clusters.ts'
import { listDescendants, filterRunning, waitUntil } from '../../testing/residue.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

const home = join(import.meta.dirname, '../../..')
const script = `
  import { runProgram } from ${JSON.stringify(join(home, 'harness/cli/program.ts'))}
  const [command, paths] = process.argv.slice(1)
  await runProgram([command, '--cluster', 'local'], JSON.parse(paths))
`

describe.skipIf(!able)('nodrop up', () => {
  let folder: string
  let paths: Paths
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nodrop-up-'))
    mkdirSync(join(folder, 'tmp'))
    const other = { apps: join(home, 'apps'), scenarios: join(home, 'scenarios'), manifests: join(home, 'manifests') }
    paths = { ...other, reports: join(folder, 'reports') }
  })
  afterEach(async () => {
    await startCommand('down').ended
    rmSync(folder, { recursive: true })
  })

  function startCommand(command: 'up' | 'down'): {
    pid: number
    ended: Promise<{ code: number | null; said: string }>
  } {
    const argv = ['--input-type=module', '-e', script, command, JSON.stringify(paths)]
    const env = { ...process.env, TMPDIR: join(folder, 'tmp') }
    const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    return {
      pid: child.pid ?? 0,
      ended: once(child, 'close').then(([code]) => ({ code: code as number | null, said })),
    }
  }

  const getStateDir = (): string => join(paths.reports, 'cluster/local')
  const listHolders = (): number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter(
        (pid) => readCommandLine(pid).includes('hold-cluster.ts\0') && readCommandLine(pid).includes(getStateDir()),
      )
      .map(Number)
  const readCommandLine = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return ''
    }
  }

  test('twice at once: one cluster, which nodrop down ends without a trace', { timeout: 60_000 }, async () => {
    const both = await Promise.all([startCommand('up').ended, startCommand('up').ended])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    const kubeconfig = join(getStateDir(), 'kubeconfig')
    for (const { said } of both) expect(said).toContain(`kubectl --kubeconfig ${kubeconfig} `)
    expect(listHolders()).toHaveLength(1)
    for (const path of [getStateDir(), kubeconfig, join(getStateDir(), 'log')])
      expect(statSync(path).mode & 0o077).toBe(0)
    const api = connectApi(kubeconfig)
    expect((await api.core.listNode()).items).toHaveLength(2)
    api.close()
    const made = listDescendants(listHolders()[0] ?? 0)
    expect(made.length).toBeGreaterThan(0)
    await startCommand('down').ended
    expect(listHolders()).toEqual([])
    await waitUntil(() => filterRunning(made).length === 0)
    expect(readdirSync(join(paths.reports, 'cluster'))).toEqual([])
  })

  test('killed while it starts: the cluster ends too', { timeout: 60_000 }, async () => {
    const up = startCommand('up')
    await waitUntil(() => listHolders().length === 1)
    process.kill(up.pid, 'SIGKILL')
    await waitUntil(() => listHolders().length === 0)
    expect(existsSync(join(getStateDir(), 'kubeconfig'))).toBe(false)
  })

  test('its state deleted from outside: the cluster ends', { timeout: 60_000 }, async () => {
    expect((await startCommand('up').ended).code).toBe(0)
    const made = listDescendants(listHolders()[0] ?? 0)
    rmSync(getStateDir(), { recursive: true })
    await waitUntil(() => listHolders().length === 0)
    await waitUntil(() => filterRunning(made).length === 0)
  })
})
