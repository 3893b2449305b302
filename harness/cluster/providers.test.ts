import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clusterKinds, managedClusterKinds } from '../model/cluster-kind.ts'
import { openSession } from './context/session.ts'
import { acquireCluster, readNodeClock } from './clusters.ts'
import { rejectUnusedOptions } from './context-options.ts'
import type { Paths } from './provider.ts'
import { providers } from './providers.ts'

let folder: string
let paths: Paths
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodrop-providers-'))
  paths = { apps: join(folder, 'apps'), scenarios: folder, manifests: folder, reports: join(folder, 'reports') }
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A session of a killed `nodrop run`. */
function writeAbandonedSession(context: string, namespaces: string[]): string {
  const session = openSession(join(paths.reports, 'cluster', 'context-state'), { context, uid: 'u' }, 'secret')
  const file = join(dirname(session.kubeconfig), 'session.json')
  writeFileSync(
    file,
    JSON.stringify({ schema: 1, session: 's', context, uid: 'u', namespaces, pid: 2 ** 22, startTime: '1@x' }),
  )
  return session.kubeconfig
}

test('providers: those that nodrop starts say what a start does', () => {
  for (const kind of managedClusterKinds) {
    const { facts, limitsMs } = providers[kind]
    expect(facts).toMatchObject({ isNamedByContext: false, startNotice: expect.stringMatching(/cluster is .* for it/) })
    expect(limitsMs.start).toBeGreaterThanOrEqual(60_000)
    expect(limitsMs.end).toBeGreaterThan(0)
  }
})

test('providers: a sweep of this machine deletes nothing that it was not told of', async () => {
  const kubeconfig = writeAbandonedSession('staging', ['nodrop-a', 'nodrop-b'])
  const lines: string[] = []
  for (const kind of clusterKinds) {
    expect(await providers[kind].sweep({ paths, log: (line) => lines.push(line) })).toEqual([])
  }
  expect(lines).toEqual(['There may be nodrop-a, nodrop-b in the cluster of staging: nodrop sweep --context staging'])
  // The credentials are deleted; what is left in the cluster stays recorded.
  expect(readdirSync(dirname(kubeconfig))).toEqual(['session.json'])
})

test('providers: what a context names cannot be used without one', async () => {
  const options = { paths, stateDir: folder, log: () => undefined, signal: new AbortController().signal }
  await expect(acquireCluster('kubeconfig', options)).rejects.toThrow('without its context')
  await expect(providers.kubeconfig.check()).rejects.toThrow('without its context')
})

test('providers: options of a context are refused where they have no effect', () => {
  const options = { context: 'staging' }
  expect(() => rejectUnusedOptions('kubeconfig', options)).not.toThrow()
  for (const choice of ['auto', ...managedClusterKinds] as const) {
    expect(() => rejectUnusedOptions(choice, options)).toThrow(`Cannot use --context with --cluster ${choice}`)
  }
})

test('providers: clocks of nodes are known where they can be asked', async () => {
  expect(await readNodeClock({ kind: 'local', kubeconfig: '/no/such/file' })).toEqual({ aheadUs: 0, errorUs: 0 })
  for (const kind of ['kubeconfig', 'kind'] as const) {
    await expect(readNodeClock({ kind, kubeconfig: '/no/such/file' })).rejects.toThrow('/no/such/file')
  }
})

test('providers: images are brought only where nodrop can bring them', async () => {
  mkdirSync(paths.apps)
  const options = { paths, log: () => undefined, signal: new AbortController().signal }
  for (const kind of ['local', 'kubeconfig'] as const) {
    await expect(providers[kind].loadImages('/no/such/file', options)).resolves.toBeUndefined()
  }
})
