/** On the embedded cluster: real servers and their own lines, in a pod that is gone when the last line is read. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import { connectApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { startEmbeddedCluster } from '../../cluster/embedded/embedded-cluster.ts'
import { checkEmbeddedMachine } from '../../cluster/embedded/embedded-machine.ts'
import type { LogRecord } from '../../model/record.ts'
import { buildSampleWorkload } from '../../model/workload.ts'
import { waitUntil } from '../../testing/residue.ts'
import { observeNamespace } from './observe.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)
const namespace = 'default'
const pod = 'web-1'

/** Sends requests through nginx from within the pod until one is answered well; the pod is not ready before. */
const ask = `
import time, urllib.request as url
while True:
  try: url.urlopen(url.Request("http://127.0.0.1:8080/?ms=1", headers={"x-request-id": "r-0-7"})); break
  except OSError: time.sleep(0.05)`

/** nginx in front of gunicorn, as the sample workload has them. */
async function createPod(api: KubeApi): Promise<void> {
  const nginx = { name: 'nginx', image: 'nodrop/nginx:dev', imagePullPolicy: 'IfNotPresent' }
  const app = { name: 'app', image: 'nodrop/app:dev', imagePullPolicy: 'IfNotPresent' }
  const exec = { command: ['sh', '-c', 'nginx -s quit; while [ -e /tmp/nginx.pid ]; do sleep 0.1; done'] }
  const body = {
    metadata: { name: pod, labels: { app: 'web' } },
    spec: {
      terminationGracePeriodSeconds: 20,
      containers: [
        { ...nginx, lifecycle: { preStop: { exec } } },
        { ...app, lifecycle: { postStart: { exec: { command: ['python3', '-c', ask] } } } },
      ],
    },
  }
  await api.core.createNamespacedPod({ namespace, body })
}

test.runIf(able)('pod logs: servers’ signals, exits and requests are read to the end', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'nodrop-observe-'))
  await using cluster = await startEmbeddedCluster({ stateDir, nodes: 1 })
  const api = connectApi(cluster.kubeconfig)
  const clock = startClock()
  const stop = new AbortController()
  const records: LogRecord[] = []
  const write = (record: LogRecord): void => void records.push(record)
  const workload = buildSampleWorkload({ workMs: 0 })
  const settings = { exactEvents: true, nodeClock: { aheadUs: 0, errorUs: 0 }, runToken: 'r', mostServed: 1_000 }
  const observer = await observeNamespace({ api, namespace, workload, clock, ...settings, write, signal: stop.signal })
  await createPod(api)
  await waitUntil(() => observer.pods.get(pod)?.ready === true)
  await api.core.deleteNamespacedPod({ name: pod, namespace })
  await waitUntil(() => records.filter(({ type }) => type === 'log-read').length === 2)
  stop.abort()
  await observer.done
  api.close()
  rmSync(stateDir, { recursive: true })

  const told = records.filter((record) => record.type === 'container').filter(({ source }) => source === 'log')
  const of = (name: string): string[] =>
    told
      .filter(({ container }) => container === name)
      .map(({ moment, detail }) => [moment, detail].filter(Boolean).join(' '))
  expect(of('nginx')).toEqual(['started', 'signal SIGQUIT', 'stopped-accepting', 'exited'])
  expect(of('app')).toEqual(['started', 'signal SIGTERM', 'exited'])
  expect(records.filter(({ type }) => type === 'log-read')).toMatchObject([{ complete: true }, { complete: true }])
  const served = records.filter((record) => record.type === 'served')
  const lines = served.flatMap(({ container, role, lines: own }) =>
    own.map(({ seq, status }) => `${container}, ${role}: ${seq} ${status}`),
  )
  // Until gunicorn listens nginx answers by itself.
  expect(lines.filter((line) => !line.endsWith('502')).sort()).toEqual([
    'app, application: 7 200',
    'nginx, proxy: 7 200',
  ])

  expect(records.findLast(({ type }) => type === 'network')).toMatchObject({
    pod,
    listenDrops: 0,
    synRetransmits: 0,
  })

  // The kubelet here knows to the µs when gunicorn was signalled: its log line comes a little later, within its error.
  const sent = records.find(
    (record) =>
      record.type === 'container' &&
      record.source === 'kubelet' &&
      record.moment === 'signal' &&
      record.container === 'app',
  )
  const received = told.find(({ container, moment }) => container === 'app' && moment === 'signal')
  if (sent?.type !== 'container' || !received) throw new Error('no signal was told of')
  expect(received.at).toBeGreaterThan(sent.at - received.errorUs)
  expect(received.at).toBeLessThan(sent.at + 1_000_000)
})
