/** `nodrop doctor` and `nodrop sweep`, on this machine and on the cluster of a context. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { buildNamespaceLabels } from '../cluster/context/namespace-labels.ts'
import { startControllers, startTestApi } from '@nodrop/embedded-kubernetes/testing'
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
