import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApiProxy } from '../../testing/api-proxy.ts'
import { createApi } from '../api.ts'
import { PluginCredentials } from './plugin-credentials.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-plugin-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const createPlugin = (name: string, script: string): PluginCredentials => new PluginCredentials(buildExec(name, script))
const buildExec = (name: string, script: string) => {
  const command = join(directory, name)
  writeFileSync(command, `#!/bin/sh\necho run >>'${join(directory, `${name}.runs`)}'\n${script}\n`, { mode: 0o755 })
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command,
    args: ['word'],
    env: [{ name: 'GIVEN', value: 'v' }],
  }
}
const countRuns = (name: string): number =>
  readFileSync(join(directory, `${name}.runs`), 'utf8')
    .trim()
    .split('\n').length

test('credential plugin: it runs once, until what it gave expires', async () => {
  const lasting = createPlugin('lasting', `echo '{"status": {"token": "t-'$1-$GIVEN'"}}'`)
  const both = await Promise.all([lasting.options(), lasting.options()])
  expect([...both, await lasting.options()]).toEqual(
    Array.from({ length: 3 }, () => ({ headers: { authorization: 'Bearer t-word-v' } })),
  )
  expect(countRuns('lasting')).toBe(1)
  const expired = createPlugin(
    'expired',
    `echo '{"status": {"token": "t", "expirationTimestamp": "2020-01-01T00:00:00Z"}}'`,
  )
  await expired.options()
  await expired.options()
  expect(countRuns('expired')).toBe(2)
})

test.each([
  ['failing', 'echo secret >&2; exit 7', 'it ended with exit code 7'],
  ['talking', 'echo secret', 'it gave neither a token nor a certificate'],
])('a plugin that is %s is told without what it printed, and asked again', async (name, script, why) => {
  const credentials = createPlugin(name, script)
  const message = `The credential plugin ${join(directory, name)} failed: ${why}`
  await expect(credentials.options()).rejects.toMatchObject({ kind: 'environment', message })
  await expect(credentials.options()).rejects.toMatchObject({ message })
  expect(countRuns(name)).toBe(2)
})

test('credential plugin: requests carry what it gave', async () => {
  await using server = await startApiProxy()
  const exec = buildExec('asked', `echo '{"status": {"token": "from-plugin"}}'`)
  const config = JSON.parse(server.kubeconfig('x', { exec })) as object
  const api = createApi(JSON.stringify({ ...config, 'current-context': 'x' }))
  server.answer = () => ({ status: 200, body: { gitVersion: 'v1' } })
  await api.request({ path: '/version' })
  expect((await api.version.getCode()).gitVersion).toBe('v1')
  expect(server.requests.map(({ authorization }) => authorization)).toEqual([
    'Bearer from-plugin',
    'Bearer from-plugin',
  ])
  expect(countRuns('asked')).toBe(1)
  api.close()
})
