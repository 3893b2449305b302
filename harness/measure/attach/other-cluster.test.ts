import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readContext } from '../../plan/kubeconfig.ts'
import { rejectOtherCluster } from './other-cluster.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-contexts-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Two clusters; of one there are contexts of two users. */
function writeKubeconfig(): string {
  const toContext = (name: string, cluster: string) => ({ name, context: { cluster, user: 'u' } })
  const clusters = ['east', 'west'].map((name) => ({ name, cluster: { server: `https://${name}.example` } }))
  const contexts = [toContext('staging', 'east'), toContext('staging-admin', 'east'), toContext('other', 'west')]
  const config = { apiVersion: 'v1', kind: 'Config', clusters, contexts, users: [{ name: 'u', user: { token: 't' } }] }
  writeFileSync(join(folder, 'config'), JSON.stringify(config), { mode: 0o600 })
  return join(folder, 'config')
}

const kubeconfig = writeKubeconfig()
const staging = readContext('staging', kubeconfig)
const check = (...argv: string[]): void => rejectOtherCluster(argv, staging, kubeconfig)

test.each([
  ['kubectl', '--context=other', 'rollout', 'restart'],
  ['/usr/bin/kubectl', 'rollout', 'restart', '--context', 'other'],
  ['helm', 'upgrade', '--kube-context', 'other'],
  ['kubectl', '--kubeconfig', kubeconfig, '--context', 'other', 'delete'],
])('another cluster: %s %s … is refused', (...argv) => {
  expect(() => check(...argv)).toThrow(/with the context other: it is of another cluster than the target’s, staging/)
})

test.each([
  ['kubectl', '--context', 'staging', 'rollout', 'restart'],
  ['kubectl', '--context', 'staging-admin', 'rollout', 'restart'],
  ['kubectl', 'rollout', 'restart'],
  ['kubectl', '--context', 'of-no-file', 'get'],
  ['make', '--context', 'other'],
])('the same cluster, or nobody knows: %s %s is run', (...argv) => {
  expect(() => check(...argv)).not.toThrow()
})
