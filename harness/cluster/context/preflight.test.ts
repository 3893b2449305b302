import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { NamedContext } from '../../plan/kubeconfig.ts'
import { Fault } from '../../base/fault.ts'
import { startTestApi } from '@nodrop/embedded-kubernetes/testing'
import { startApiProxy } from '../../testing/api-proxy.ts'
import type { ApiProxy } from '../../testing/api-proxy.ts'
import { listProcesses } from '../../testing/residue.ts'
import { createApi } from '../api.ts'
import { inspectContext, buildKubeconfig } from './preflight.ts'
import type { ContextInspection } from './preflight.ts'
import { permissions } from './permissions.ts'
import { checkCredentials } from './reachability.ts'
import type { MachineCheck } from '../machine-check.ts'

const encodeBase64 = (text: string): string => Buffer.from(text).toString('base64')

function buildContext(front: { url: string; cert: string }, user: NamedContext['user']['fields'] = {}): NamedContext {
  const fields = { server: front.url, 'certificate-authority-data': encodeBase64(front.cert) }
  return { name: 'staging', cluster: { name: 'blue', fields }, user: { name: 'me', fields: user } }
}

/** The result of an inspection, and its checks by name. */
async function inspectAndCollect(
  context: NamedContext,
): Promise<{ outcome: ContextInspection | Fault; checks: MachineCheck[] }> {
  const checks: MachineCheck[] = []
  const onCheck = (check: MachineCheck): void => void checks.push(check)
  const outcome = await inspectContext({ context, needs: permissions, answerLimitMs: 2000, onCheck }).catch(
    (error: unknown) => {
      if (error instanceof Fault) return error
      throw error
    },
  )
  return { outcome, checks }
}

/** The embedded cluster's API behind a proxy. */
async function setUp(stack: AsyncDisposableStack): Promise<ApiProxy> {
  const server = stack.use(await startTestApi())
  return stack.use(await startApiProxy({ behind: { url: server.url, ca: server.cert, token: server.token } }))
}

test('preflight: a cluster in order is described, and nothing is written', async () => {
  await using stack = new AsyncDisposableStack()
  const front = await setUp(stack)
  const { outcome, checks } = await inspectAndCollect(buildContext(front))
  expect(outcome).toMatchObject({
    version: expect.stringMatching(/^v1\./) as string,
    uid: expect.any(String) as string,
  })
  expect(checks.map(({ name, ok }) => [name, ok])).toEqual(
    ['allowed', 'credentials', 'reachable', 'permissions', 'identity'].map((name) => [name, true]),
  )
  const written = front.requests.filter(({ method }) => method !== 'GET').map(({ path }) => path)
  expect(new Set(written)).toEqual(new Set(['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews']))
})

test('preflight: a context that is not allowed is not connected to', async () => {
  await using stack = new AsyncDisposableStack()
  const front = await setUp(stack)
  const { outcome } = await inspectAndCollect({ ...buildContext(front), name: 'production' })
  expect(outcome).toMatchObject({ exitCode: 2, message: expect.stringContaining('looks like production') as string })
  expect(front.requests).toEqual([])
})

describe('preflight: one message says what is wrong', () => {
  async function expectFault(context: NamedContext, message: RegExp, failed: string): Promise<void> {
    const began = performance.now()
    const { outcome, checks } = await inspectAndCollect(context)
    expect(outcome).toMatchObject({ exitCode: 3, message: expect.stringMatching(message) as string })
    expect((outcome as Fault).message).toMatch(/^Cannot use the context staging: [^\n]+$/)
    expect((outcome as Fault).advice).not.toBe('')
    expect(checks.at(-1)).toMatchObject({ name: failed, ok: false })
    expect(checks.slice(0, -1).every(({ ok }) => ok)).toBe(true)
    expect(performance.now() - began).toBeLessThan(25_000)
  }

  test('nothing listens', async () => {
    const front = await startApiProxy()
    await front[Symbol.asyncDispose]()
    await expectFault(buildContext(front), /cannot be reached: nothing listens there/, 'reachable')
  })

  test('it does not answer', async () => {
    await using stack = new AsyncDisposableStack()
    const silent = createServer((socket) => stack.defer(() => void socket.destroy()))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    stack.defer(() => void silent.close())
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`
    await expectFault(buildContext({ url, cert: '' }), /it did not answer in 2 s/, 'reachable')
  })

  test('it does not speak TLS', async () => {
    await using stack = new AsyncDisposableStack()
    const plain = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    stack.defer(() => void plain.close())
    const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}`
    await expectFault(buildContext({ url, cert: '' }), /it does not speak TLS/, 'reachable')
  })

  test('its certificate has expired', async () => {
    await using front = await startApiProxy({ notAfter: new Date('2020-01-01') })
    await expectFault(buildContext(front), /its certificate has expired/, 'reachable')
  })

  test('its certificate is of another authority', async () => {
    await using front = await startApiProxy()
    await using other = await startApiProxy()
    await expectFault(buildContext({ url: front.url, cert: other.cert }), /not signed by the authority/, 'reachable')
  })

  test('its certificate is for another name', async () => {
    await using front = await startApiProxy()
    await expectFault(
      buildContext({ ...front, url: front.url.replace('127.0.0.1', 'localhost') }),
      /another name/,
      'reachable',
    )
  })

  test('the credentials are refused', async () => {
    await using front = await startApiProxy()
    front.answer = ({ path }) =>
      path === '/version' ? { status: 200, body: { gitVersion: 'v1.34.0' } } : { status: 401, body: {} }
    await expectFault(buildContext(front, { token: 'old' }), /does not accept its credentials \(401\)/, 'reachable')
  })

  test('it is no Kubernetes', async () => {
    await using front = await startApiProxy()
    front.answer = () => ({ status: 200, body: 'hello' })
    await expectFault(buildContext(front), /is not a Kubernetes API: GET \/version returned no version/, 'reachable')
  })

  test('it does not say which cluster it is', async () => {
    await using stack = new AsyncDisposableStack()
    const front = await setUp(stack)
    front.answer = ({ path }) => (path.endsWith('/kube-system') ? { status: 403, body: {} } : undefined)
    await expectFault(buildContext(front), /Cannot identify the cluster/, 'identity')
  })

  test('permissions are missing, and all of them are listed', async () => {
    await using stack = new AsyncDisposableStack()
    const front = await setUp(stack)
    front.answer = ({ path, body }) =>
      path.endsWith('selfsubjectaccessreviews') && /"verb":"(patch|delete)"/.test(body)
        ? { status: 201, body: { status: { allowed: false } } }
        : undefined
    const wanted = /lacks permissions: delete namespaces; patch deployments\.apps; patch deployments\/scale\.apps$/
    await expectFault(buildContext(front), wanted, 'permissions')
  })

  test('the client certificate has expired', async () => {
    await using front = await startApiProxy()
    await using expired = await startApiProxy({ notAfter: new Date('2020-01-01') })
    const user = { 'client-certificate-data': encodeBase64(expired.cert) }
    await expectFault(buildContext(front, user), /its client certificate expired on 2020-01-01/, 'credentials')
    await expectFault(buildContext(front, { 'client-certificate-data': 'eA==' }), /cannot be read/, 'credentials')
    expect(front.requests).toEqual([])
  })
})

test('preflight: a token is read from its file, a refused one is reported', async () => {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startTestApi())
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-token-'))
  stack.defer(() => rmSync(directory, { recursive: true }))
  const tokenFile = join(directory, 'token')
  const context = buildContext(server, { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } })
  writeFileSync(tokenFile, server.token)
  expect((await inspectAndCollect(context)).outcome).not.toBeInstanceOf(Fault)
  writeFileSync(tokenFile, 'another')
  expect((await inspectAndCollect(context)).outcome).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('does not accept its credentials (401)') as string,
  })
})

describe('preflight: a credential plugin', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'nodrop-plugin-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const buildPluginUser = (script: string): NamedContext['user']['fields'] => {
    const command = join(directory, 'login')
    writeFileSync(command, `#!/bin/sh\n${script}\n`)
    chmodSync(command, 0o755)
    return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args: ['a'], installHint: 'Get login.' } }
  }

  test('gives the credentials', async () => {
    await using stack = new AsyncDisposableStack()
    const front = await setUp(stack)
    const user = buildPluginUser(`echo '{"status": {"token": "fresh-'$1'"}}'`)
    expect((await inspectAndCollect(buildContext(front, user))).outcome).not.toBeInstanceOf(Fault)
  })

  test.each([
    ['fails', 'echo "log in first, s3cret" >&2; exit 1', /plugin .*login failed: it ended with exit code 1$/],
    ['says nothing', 'exit 0', /plugin .*login failed: what it printed is not JSON$/],
    ['says no JSON', 'echo "token s3cret"', /plugin .*login failed: what it printed is not JSON$/],
    ['says null', 'echo null', /plugin .*login failed: it gave neither a token nor a certificate$/],
    ['gives nothing', 'echo "{}"', /neither a token nor a certificate/],
  ])('that %s is told of, with its own advice', async (_, script, message) => {
    await using front = await startApiProxy()
    const { outcome } = await inspectAndCollect(buildContext(front, buildPluginUser(script)))
    expect(outcome).toMatchObject({
      exitCode: 3,
      advice: 'Get login.',
      message: expect.stringMatching(message) as string,
    })
    expect(front.requests).toEqual([])
  })

  test('that is not installed is reported', async () => {
    await using front = await startApiProxy()
    const exec = { apiVersion: 'v1', command: '/nonexistent/login' }
    const { outcome } = await inspectAndCollect(buildContext(front, { exec }))
    expect(outcome).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('there is no such program') as string,
    })
  })

  test('that takes too long is ended, with all that it has started', async () => {
    const mark = `nodrop-plugin-${process.pid}`
    const user = buildPluginUser(`sh -c 'sleep 60; : ${mark}' & sleep 60; : ${mark}`)
    const tried = checkCredentials(buildContext({ url: 'https://127.0.0.1:1', cert: '' }, user), 400)
    await vi.waitFor(() => expect(listProcesses().filter(({ command }) => command.includes(mark))).toHaveLength(1))
    await expect(tried).rejects.toThrow(/login failed: it did not end in 0.4 s/)
    await vi.waitFor(() => expect(listProcesses().filter(({ command }) => command.includes(mark))).toEqual([]))
  })

  test('that fails later is reported without what it printed', async () => {
    await using front = await startApiProxy()
    for (const script of ['echo s3cret >&2; exit 1', 'echo token s3cret']) {
      const api = createApi(buildKubeconfig(buildContext(front, buildPluginUser(script))))
      const calls = await Promise.allSettled([api.request({ path: '/version' }), api.core.listNamespace()])
      for (const call of calls) {
        const message = expect.stringMatching(
          /^The credential plugin \S+login failed: it (ended with exit code 1|gave neither a token nor a certificate)$/,
        ) as string
        expect(call).toMatchObject({ status: 'rejected', reason: { message } })
      }
      api.close()
    }
  })
})
