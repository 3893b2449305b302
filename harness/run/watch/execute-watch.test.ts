import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Fault } from '../../base/fault.ts'
import { connectApi } from '../../cluster/api.ts'
import { bundleDriver } from '../../load/service/bundle.ts'
import { noIdentification } from '../../model/workload.ts'
import { buildPlan } from '../../testing/samples/rollout-log.ts'
import { startScriptedApi } from '../../testing/scripted-api.ts'
import { executeWatch } from './execute-watch.ts'
import type { WatchRunOptions } from './execute-watch.ts'
import { describeAbort } from './watch-ending.ts'

/** Watches a Service without pods, with a load from outside; `asked` gets the paths that are read from the API server. */
async function startWatching(
  stack: AsyncDisposableStack,
  changed: Partial<WatchRunOptions> & { port?: number },
): Promise<{ watching: ReturnType<typeof executeWatch>; asked: string[] }> {
  const cluster = stack.use(await startScriptedApi())
  const api = stack.adopt(connectApi(cluster.kubeconfig), ({ close }) => close())
  const directory = mkdtempSync(join(tmpdir(), 'nodrop-watch-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const asked: string[] = []
  cluster.onList = (path) => void asked.push(path)
  const { port = 80, ...options } = changed
  const via = { kind: 'url', scheme: 'http', host: 'shop.test', port, address: '127.0.0.1' } as const
  const { workload, ...plan } = buildPlan()
  const own = { ...workload, kind: 'Service', namespace: 'shop', identification: noIdentification } as const
  const watching = executeWatch({
    plan: { ...plan, via, workload: own },
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
    ...options,
  })
  return { watching, asked }
}

test('watch: where the load comes from outside, nothing is made in the cluster', { timeout: 60_000 }, async () => {
  await using stack = new AsyncDisposableStack()
  const { watching, asked } = await startWatching(stack, {})
  await expect(watching).rejects.toThrow('Cannot start the load driver: it ended with exit code 0')
  expect(asked.filter((path) => path.startsWith('/api/v1/namespaces') && !path.includes('/shop/'))).toEqual([])
})

test('watch: what cannot be written ends it, and is told', { timeout: 60_000 }, async () => {
  await using stack = new AsyncDisposableStack()
  const server = createServer((_, response) => response.end('ok'))
  stack.defer(() => server.close().closeAllConnections())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { watching } = await startWatching(stack, {
    port: (server.address() as AddressInfo).port,
    driverCode: await bundleDriver(),
    onRecord({ type }) {
      if (type === 'request') throw new Fault('environment', 'Cannot write: the disk is full')
    },
  })
  await expect(watching).rejects.toThrow('Cannot write: the disk is full')
})

test('watch: it breaks off for what went wrong first, also where cleaning up fails after it', () => {
  const first = new Error('Cannot create the Job of the load drivers: quota exceeded')
  const both = new SuppressedError(new Error('Cannot delete the namespace nodrop-1'), first)
  expect(describeAbort(both)).toEqual({ why: 'broken', detail: first.message })
})
