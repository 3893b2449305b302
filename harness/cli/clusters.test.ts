/** `nodrop doctor` and `nodrop sweep`, on this machine and on the cluster of a context. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { buildNamespaceLabels } from '../cluster/context/namespace-labels.ts'
import { startControllers, startTestApi } from '@nodrop/embedded-kubernetes/testing'
import { getHolderDir } from '../cluster/clusters.ts'
import { readHolder } from '../cluster/embedded/cluster-holder.ts'
import { waitUntil } from '../testing/residue.ts'
import { startApiProxy } from '../testing/api-proxy.ts'
import type { ApiProxy } from '../testing/api-proxy.ts'
import { captureOutput } from '../testing/captured-output.ts'
import type { CapturedOutput } from '../testing/captured-output.ts'
import { runProgram } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-clusters-'))
afterAll(() => rmSync(folder, { recursive: true }))
const paths = { apps: folder, scenarios: folder, manifests: folder, reports: join(folder, 'reports') }
const play = (...args: string[]): Promise<CapturedOutput> => captureOutput(() => runProgram(args, paths))

interface CheckGroup {
  cluster: string
  title: string
  usable: boolean
  checks: { name: string; ok: boolean; found: string; fix: string }[]
}

/** The options that name the cluster at this address. */
function nameContext({ kubeconfig }: Pick<ApiProxy, 'kubeconfig'>, context = 'staging'): string[] {
  const path = join(folder, `kubeconfig-${context}`)
  writeFileSync(path, kubeconfig(context))
  return ['--context', context, '--kubeconfig', path]
}

test('nodrop doctor: each check of each cluster, usable where all are met', { timeout: 60_000 }, async () => {
  const [text, json] = [await play('doctor'), await play('doctor', '--json')]
  const groups = JSON.parse(json.stdout) as CheckGroup[]
  expect(groups.map(({ cluster }) => cluster)).toEqual(['local', 'kind'])
  for (const { usable, checks } of groups) expect(usable).toBe(checks.every(({ ok }) => ok))
  const code = groups.some(({ usable }) => usable) ? 0 : 3
  expect([text.code, json.code, text.stderr]).toEqual([code, code, ''])
  for (const { cluster, usable, checks } of groups) {
    expect(text.stdout).toMatch(new RegExp(`^--cluster ${cluster}: .* ${usable ? 'can' : 'cannot'} be used$`, 'm'))
    for (const { name, ok, fix } of checks) {
      expect(text.stdout).toContain(`  ${ok ? '✓' : '✗'} ${name}: `)
      // Whatever is missing has advice.
      expect(ok || fix !== '').toBe(true)
    }
  }
})

test('nodrop doctor --context: a cluster that answers, and one that refuses', async () => {
  await using server = await startTestApi()
  await using front = await startApiProxy({ behind: { url: server.url, ca: server.cert, token: server.token } })
  const options = nameContext(front)
  const able = JSON.parse((await play('doctor', ...options, '--json')).stdout) as CheckGroup[]
  expect(able.map(({ cluster }) => cluster)).toEqual(['kubeconfig --context staging'])
  expect(able[0]?.checks[0]).toMatchObject({ name: 'kubeconfig', ok: true, found: `staging, at ${front.url}` })
  front.answer = () => ({ status: 401, body: {} })
  const { code, stdout, stderr } = await play('doctor', ...options)
  expect([code, stderr]).toEqual([3, ''])
  expect(stdout).toMatch(/^--cluster kubeconfig --context staging: the cluster of that context cannot be used$/m)
  expect(stdout).toMatch(/✗ .*does not accept its credentials \(401\)/)
})

test('nodrop doctor --context: a name like production is refused unless it is allowed by that name', async () => {
  await using server = await startTestApi()
  await using front = await startApiProxy({ behind: { url: server.url, ca: server.cert, token: server.token } })
  const options = nameContext(front, 'prod')
  const refused = await play('doctor', ...options)
  expect([refused.code, front.requests]).toEqual([3, []])
  expect(refused.stdout).toContain('--allow-context prod')
  await play('doctor', ...options, '--allow-context', 'prod')
  expect(front.requests.length).toBeGreaterThan(0)
})

test('nodrop doctor --context: one that the kubeconfig does not have is bad usage', async () => {
  await using front = await startApiProxy()
  const [, , ...kubeconfig] = nameContext(front)
  const { code, stderr } = await play('doctor', '--context', 'stagin', ...kubeconfig)
  expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean staging?')])
})

test('nodrop sweep: says so where nothing was left', async () => {
  expect(await play('sweep')).toEqual({ code: 0, stdout: '', stderr: 'Nothing was left behind.\n' })
})

test('nodrop sweep --context: deletes what has expired, prints it, and shows its calls', async () => {
  await using server = await startTestApi()
  await using _controllers = startControllers(server.store)
  await using front = await startApiProxy({ behind: { url: server.url, ca: server.cert, token: server.token } })
  for (const [name, sinceMs] of [
    ['nodrop-old', -1000],
    ['nodrop-new', 3_600_000],
  ] as const) {
    const labels = buildNamespaceLabels(name, new Date(Date.now() + sinceMs))
    server.store.create('namespaces', { metadata: { name, labels } })
  }
  const { code, stdout, stderr } = await play('sweep', ...nameContext(front), '--verbose')
  expect([code, stdout]).toEqual([0, 'nodrop-old\n'])
  expect(stderr).toMatch(/^api DELETE \/api\/v1\/namespaces\/nodrop-old: 200, [\d.]+ (?:ms|µs)$/m)
  const writes = front.requests.filter(({ method, path }) => method !== 'GET' && path.includes('/namespaces/'))
  expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual(['DELETE /api/v1/namespaces/nodrop-old'])
})

/** A kind cluster that a process left which is no more, and that nobody can delete. Gives the file that was written down. */
function leaveKindCluster(): string {
  const bin = mkdtempSync(join(folder, 'bin-'))
  for (const [name, script] of [
    ['kind', 'exit 1'],
    ['docker', 'case "$*" in ps*) echo left-control-plane;; esac'],
  ] as const) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`)
  const stateDir = join(paths.reports, 'cluster', 'kind-state')
  const file = join(stateDir, 'left.kind-intent.json')
  mkdirSync(stateDir, { recursive: true })
  const record = { schema: 1, name: 'left', kubeconfig: join(folder, 'none'), keep: false, removeNetwork: false }
  // Process 1 did not start then: the process that wrote this is gone.
  writeFileSync(file, JSON.stringify({ ...record, pid: 1, startTime: '1' }))
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(stateDir, { recursive: true })
  })
  return file
}

test('nodrop sweep: a kind cluster that cannot be deleted is told of, exit code 3, and the next sweep looks again', async () => {
  const file = leaveKindCluster()
  const { code, stdout, stderr } = await play('sweep')
  expect([code, stdout, existsSync(file)]).toEqual([3, '', true])
  expect(stderr).toMatch(/^cannot delete the kind cluster left, nodrop sweep tries again: /m)
})

test('nodrop down: a kind cluster that its process could not delete has not ended, exit code 3', async () => {
  leaveKindCluster()
  const directory = getHolderDir(paths, 'kind')
  mkdirSync(directory, { recursive: true })
  const keeper = join(folder, 'hold-cluster.ts')
  const module = join(import.meta.dirname, '../cluster/embedded/cluster-holder.ts')
  writeFileSync(
    keeper,
    `import { writeHolder } from ${JSON.stringify(module)}
const { directory } = JSON.parse(process.argv[2])
process.on('SIGTERM', () => process.exit())
writeHolder(directory, { kind: 'kind', kubeconfig: 'none', description: 'kept' })
setInterval(() => undefined, 1000)\n`,
  )
  const child = spawn(process.execPath, [keeper, JSON.stringify({ directory })], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await waitUntil(() => readHolder(directory) !== null)
  const { code, stderr } = await play('down', '--cluster', 'kind')
  expect([code, stderr]).toEqual([3, expect.stringMatching(/^cannot delete the kind cluster left, /m)])
  expect(stderr).not.toContain('The kind cluster has ended')
})

test('nodrop sweep --context: a namespace that cannot be deleted is told of, exit code 3', async () => {
  await using server = await startTestApi()
  await using _controllers = startControllers(server.store)
  await using front = await startApiProxy({ behind: { url: server.url, ca: server.cert, token: server.token } })
  const labels = buildNamespaceLabels('nodrop-old', new Date(Date.now() - 1000))
  server.store.create('namespaces', { metadata: { name: 'nodrop-old', labels } })
  front.answer = ({ method }) => (method === 'DELETE' ? { status: 403, body: { message: 'not yours' } } : undefined)
  const { code, stdout, stderr } = await play('sweep', ...nameContext(front))
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toMatch(/^nodrop: Cannot delete the namespace nodrop-old: .*not yours/m)
})
