import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connectApi } from '../../cluster/api.ts'
import type { RunPlan } from '../../model/plan.ts'
import { buildPlan } from '../../testing/samples/rollout-log.ts'
import { startScriptedApi } from '../../testing/scripted-api.ts'
import { executeWatch } from './execute-watch.ts'

const outside = { kind: 'url', scheme: 'http', host: 'shop.test', port: 80, address: '127.0.0.1' } as const

test('watch: where the load comes from outside, nothing is made in the cluster', { timeout: 60_000 }, async () => {
  await using cluster = await startScriptedApi()
  const asked: string[] = []
  cluster.onList = (path) => void asked.push(path)
  const api = connectApi(cluster.kubeconfig)
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-watch-'))
  onTestFinished(() => {
    api.close()
    rmSync(directory, { recursive: true })
  })
  const sample = buildPlan()
  const plan: RunPlan = { ...sample, via: outside, workload: { ...sample.workload, namespace: 'shop' } }
  const watching = executeWatch({
    plan,
    source: { path: null, sha256: '' },
    base: { workload: [], control: [], driver: { kind: 'Job' } },
    // A driver that ends at once.
    driverCode: '',
    api,
    nodeClock: null,
    directory,
    limits: {},
    signal: new AbortController().signal,
    onRecord: () => undefined,
    onSign: () => undefined,
    onClosed: () => Promise.resolve(),
    onAccount: () => undefined,
    onNotice: () => undefined,
  })
  await expect(watching).rejects.toThrow('Cannot start the load driver: it ended with exit code 0')
  expect(asked.filter((path) => path.startsWith('/api/v1/namespaces') && !path.includes('/shop/'))).toEqual([])
})
