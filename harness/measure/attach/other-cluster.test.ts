import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readContext } from '../../plan/kubeconfig.ts'
import { rejectOtherCluster, rejectOtherClusters } from './other-cluster.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-contexts-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Two clusters, one of them with contexts of two users. */
function writeKubeconfig(current: string): string {
  const toContext = (name: string, cluster: string) => ({ name, context: { cluster, user: 'u' } })
  const clusters = ['east', 'west'].map((name) => ({ name, cluster: { server: `https://${name}.example` } }))
  const contexts = [toContext('staging', 'east'), toContext('staging-admin', 'east'), toContext('other', 'west')]
  const config = { apiVersion: 'v1', kind: 'Config', clusters, contexts, users: [{ name: 'u', user: { token: 't' } }] }
  const path = join(folder, `config-${current}`)
  writeFileSync(path, JSON.stringify({ ...config, 'current-context': current }), { mode: 0o600 })
  return path
}

const kubeconfig = writeKubeconfig('')
const atEast = writeKubeconfig('staging-admin')
const atWest = writeKubeconfig('other')
const staging = readContext('staging', kubeconfig)
const check = (argv: string[], inherited = kubeconfig): void =>
  rejectOtherCluster(argv, staging, { kubeconfig, inherited })

test.each([
  ['kubectl', '--context=other', 'rollout', 'restart'],
  ['/usr/bin/kubectl', 'rollout', 'restart', '--context', 'other'],
  ['helm', 'upgrade', '--kube-context', 'other'],
  ['kubectl', '--kubeconfig', kubeconfig, '--context', 'other', 'delete'],
])('another cluster: %s %s … is refused', (...argv) => {
  expect(() => check(argv)).toThrow(/with the context other: it is of another cluster than the target’s, staging/)
})

test.each([
  ['kubectl', '--context', 'staging', 'rollout', 'restart'],
  ['kubectl', '--context', 'staging-admin', 'rollout', 'restart'],
  ['kubectl', 'rollout', 'restart'],
  ['kubectl', '--context', 'of-no-file', 'get'],
  ['make', '--context', 'other'],
])('the same cluster, or an unknown one: %s %s is run', (...argv) => {
  expect(() => check(argv)).not.toThrow()
})

test.each([
  [['kubectl', 'rollout', 'restart'], atWest, '--context'],
  [['kubectl', '--kubeconfig', atWest, 'rollout', 'restart'], atEast, '--context'],
  [['helm', 'upgrade'], atWest, '--kube-context'],
])('the current context is of another cluster: %s is refused', (argv, inherited, option) => {
  const message = `without ${option}: the current context, other, is of another cluster than the target’s, staging`
  expect(() => check(argv, inherited)).toThrow(message)
})

test.each([
  [['kubectl', 'rollout', 'restart'], atEast],
  [['kubectl', 'rollout', 'restart'], join(folder, 'none')],
  [['kubectl', '--context', 'staging', 'rollout', 'restart'], atWest],
])('the current context is of the same cluster, or does not matter: %s is run', (argv, inherited) => {
  expect(() => check(argv, inherited)).not.toThrow()
})

test('every command of a scenario is looked at', () => {
  const command = (...argv: string[]) => ({ kind: 'command' as const, argv })
  const steps = [{ kind: 'repeat' as const, times: 2, steps: [command('true'), command('kubectl', '--context=other')] }]
  expect(() => rejectOtherClusters([{ steps }], staging, kubeconfig)).toThrow(/of another cluster/)
})
