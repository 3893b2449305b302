import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exitCodes } from '../base/fault.ts'
import { captureOutput } from '../testing/captured-output.ts'
import { runProgram } from './program.ts'

const home = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'nodrop-watch-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))
const reports = join(folder, 'reports')
const [apps, scenarios, manifests] = ['apps', 'scenarios', 'manifests'].map((name) => join(home, name)) as [
  string,
  string,
  string,
]
const kubeconfig = join(folder, 'kubeconfig')
const contexts = ['staging', 'production'].map((name) => ({ name, context: { cluster: 'c', user: 'u' } }))
const clusters = [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }]
writeFileSync(kubeconfig, JSON.stringify({ contexts, clusters, users: [{ name: 'u', user: { token: 't' } }] }))

test.each<[what: string, words: string[], message: RegExp]>([
  ['no target', [], /Cannot watch: no target is named/],
  ['another kind', ['pod/shop', '--context', 'staging'], /Cannot measure "pod\/shop"/],
  ['a time without its unit', ['deployment/shop', '--for', '90'], /Must be like 30s, 10m or 2h/],
  ['a time that is too long', ['deployment/shop', '--for', '200h'], /six days at most/],
  ['no rollouts', ['deployment/shop', '--rollouts', '0'], /Must be a whole number, 1 or more/],
  ['no context', ['deployment/shop'], /--context/],
  ['production', ['deployment/shop', '--context', 'production'], /--allow-context production/],
  ['a path that splits a request', ['deployment/shop', '--context', 'staging', '--path', '/a b'], /Cannot use --path/],
])('watch: %s is refused, and nothing is left', async (_, words, message) => {
  const args = ['watch', ...words, '--kubeconfig', kubeconfig]
  const { code, stderr } = await captureOutput(() => runProgram(args, { apps, scenarios, manifests, reports }))
  expect(stderr).toMatch(message)
  expect(code).toBe(exitCodes.usage)
  const runs = join(reports, 'runs')
  expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([])
})

test('watch: the target, its context and what it is asked for come from the settings of the folder', async () => {
  const settings = join(folder, 'nodrop.config.yaml')
  writeFileSync(settings, 'target: { kind: deployment, name: shop, context: production, path: /cart }\nrate: 30\n')
  const args = ['watch', '--config-file', settings, '--kubeconfig', kubeconfig]
  const { code, stderr } = await captureOutput(() => runProgram(args, { apps, scenarios, manifests, reports }))
  expect(stderr).toMatch(/Settings of .*nodrop\.config\.yaml/)
  expect(stderr).toMatch(/--allow-context production/)
  expect(code).toBe(exitCodes.usage)
})
