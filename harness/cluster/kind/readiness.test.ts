import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startApiProxy } from '../../testing/api-proxy.ts'
import { waitUntilKindReady } from './readiness.ts'

/** The state of the cluster at one moment. */
interface Scene {
  ready: number
  networkPods: number
  dnsPods: number
  accounts: number
}

const whole: Scene = { ready: 2, networkPods: 2, dnsPods: 1, accounts: 1 }

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'nodrop-readiness-'))))
afterEach(() => rmSync(folder, { recursive: true }))

function answerFor(path: string, { ready, networkPods, dnsPods, accounts }: Scene): { status: number; body: unknown } {
  const node = (index: number): unknown => ({
    status: { conditions: [{ type: 'Ready', status: index < ready ? 'True' : 'False' }] },
  })
  const items: Record<string, unknown[]> = {
    nodes: [node(0), node(1)],
    daemonsets: [{ metadata: { name: 'kindnet' }, status: { numberReady: networkPods, desiredNumberScheduled: 2 } }],
    deployments: [{ metadata: { name: 'coredns' }, spec: { replicas: 1 }, status: { readyReplicas: dnsPods } }],
    serviceaccounts: Array.from({ length: accounts }, () => ({})),
  }
  if (path === '/version') return { status: 200, body: { gitVersion: 'v1.34.4' } }
  return { status: 200, body: { items: items[path.slice(path.lastIndexOf('/') + 1)] } }
}

/** Plays the scenes one after another, each for one round of requests; the last one stays. */
async function waitThrough(
  scenes: (Scene | 'no answer')[],
  limitMs = 20_000,
): Promise<{ outcome: string; lines: string[] }> {
  await using proxy = await startApiProxy()
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify({ ...JSON.parse(proxy.kubeconfig('kind-x')), 'current-context': 'kind-x' }))
  let rounds = 0
  proxy.answer = ({ path }) => {
    if (path.endsWith('/nodes')) rounds++
    const scene = scenes[Math.min(Math.max(rounds, 1), scenes.length) - 1]
    if (scene === undefined || scene === 'no answer') return { status: 503, body: {} }
    return answerFor(path, scene)
  }
  const lines: string[] = []
  const waiting = waitUntilKindReady({ kubeconfig, nodes: 2, limitMs, log: (line) => lines.push(line) })
  return { outcome: await waiting.catch((error: Error) => error.message), lines }
}

test('kind readiness: its version is given as soon as everything is ready', async () => {
  expect(await waitThrough([whole])).toEqual({ outcome: 'v1.34.4', lines: [] })
})

test('kind readiness: what is not ready yet is logged once, whatever it is', async () => {
  const { outcome, lines } = await waitThrough([
    'no answer',
    { ...whole, ready: 1 },
    { ...whole, ready: 1 },
    { ...whole, networkPods: 1 },
    { ...whole, dnsPods: 0 },
    { ...whole, accounts: 0 },
    whole,
  ])
  expect(outcome).toBe('v1.34.4')
  expect(lines).toEqual([
    'waiting: its API does not answer: GET /api/v1/nodes was answered with 503',
    'waiting: 1 of 2 nodes are ready',
    'waiting: 1 of 2 pods of kindnet are ready',
    'waiting: 0 of 1 pods of coredns are ready',
    'waiting: the namespace default has no service account',
  ])
})

test('kind readiness: a time-out says what was missing last', async () => {
  const { outcome } = await waitThrough([{ ...whole, dnsPods: 0 }], 300)
  expect(outcome).toBe(
    'Timed out after 0.3 s waiting for the kind cluster to get ready; last seen: 0 of 1 pods of coredns are ready',
  )
})

test('kind readiness: an interrupted wait ends with the reason', async () => {
  await using proxy = await startApiProxy()
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify({ ...JSON.parse(proxy.kubeconfig('kind-x')), 'current-context': 'kind-x' }))
  proxy.answer = ({ path }) => answerFor(path, { ...whole, ready: 0 })
  const stop = new AbortController()
  const log = (): void => stop.abort(new Error('interrupted'))
  const waiting = waitUntilKindReady({ kubeconfig, nodes: 2, limitMs: 60_000, log, signal: stop.signal })
  await expect(waiting).rejects.toThrow('interrupted')
})
