/** Repeated readings of a real kubelet's log: nothing is read twice or missed, though a container ends again and again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connectApi } from '../../cluster/api.ts'
import { loadImages } from '../../cluster/kind/images.ts'
import { startKindCluster } from '../../cluster/kind/kind-cluster.ts'
import { followContainerLog } from './follow-container-log.ts'

const nodeImage = process.env['NODROP_KIND_IMAGE'] ?? 'kindest/node:v1.34.4'
const image = 'debian:bookworm-slim'
const [namespace, pod, container] = ['default', 'talker', 'talker']

/** Ends after four seconds, not while its log is being read. */
const lines = 40
const talk = `for n in $(seq ${lines}); do echo "$n"; sleep 0.1; done; exit 1`

test('container log: a restart between two looks loses no line', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'nodrop-logs-'))
  // The cluster needs it until it is deleted, which happens first.
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }))
  const log = (): void => {}
  const onNodes = (kubeconfig: string): Promise<void> => loadImages(kubeconfig, [image], { log })
  await using cluster = await startKindCluster({ stateDir, image: nodeImage, workers: 0, onNodes, log })
  const api = connectApi(cluster.kubeconfig)
  const readStatus = async (): Promise<{ restarts: number; hasRun: boolean }> => {
    const { status } = await api.core.readNamespacedPod({ namespace, name: pod })
    const [seen] = status?.containerStatuses ?? []
    return { restarts: seen?.restartCount ?? 0, hasRun: seen?.state?.running !== undefined }
  }
  await api.core.createNamespacedPod({
    namespace,
    body: {
      metadata: { name: pod },
      spec: {
        tolerations: [{ operator: 'Exists' }],
        terminationGracePeriodSeconds: 1,
        containers: [{ name: container, image, imagePullPolicy: 'Never', command: ['sh', '-c', talk] }],
      },
    },
  })
  await expect.poll(async () => (await readStatus()).hasRun, { timeout: 60_000 }).toBe(true)
  const said: number[] = []
  const stop = new AbortController()
  const end = followContainerLog({
    api,
    namespace,
    pod,
    container,
    onLines: (some) => said.push(...some.map(({ text }) => Number(text))),
    restarts: () => 0,
    pauseMs: () => 1700,
    ending: new AbortController().signal,
    signal: stop.signal,
  })
  await expect.poll(async () => (await readStatus()).restarts, { timeout: 90_000, interval: 500 }).toBe(2)
  await expect.poll(() => said.length, { timeout: 30_000 }).toBe(3 * lines)
  stop.abort()
  expect(await end).toEqual({ complete: true, why: null })
  expect(said).toEqual([1, 2, 3].flatMap(() => Array.from({ length: lines }, (_, index) => index + 1)))
  api.close()
})
