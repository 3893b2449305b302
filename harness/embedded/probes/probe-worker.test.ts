import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { Threshold, probeUntil } from './probe-worker.ts'
import type { ProbeOutcome } from './probes.ts'
import { TestCluster } from '../testing/test-kubelet.ts'
import { sleepUnlessAborted } from '../kubelet/timing.ts'

interface TestServer extends AsyncDisposable {
  port: number
}
async function startServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestServer> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test.each([
  { thresholds: {}, outcomes: 'ffffs', verdicts: [undefined, undefined, false, false, true] },
  { thresholds: { failureThreshold: 2 }, outcomes: 'fsffs', verdicts: [undefined, true, undefined, false, true] },
  { thresholds: { successThreshold: 2 }, outcomes: 'ssfss', verdicts: [undefined, true, undefined, undefined, true] },
])('Probes: outcomes $outcomes in a row with $thresholds', ({ thresholds, outcomes, verdicts }) => {
  const threshold = new Threshold(thresholds)
  expect(outcomes.split('').map((outcome) => threshold.add(outcome === 's'))).toEqual(verdicts)
})

test('Probes: the period is kept from the first probe on, after slow ones too', async () => {
  const startUs = monotonicUs()
  const stop = new AbortController()
  const times: number[] = []
  await probeUntil(
    {
      probe: { initialDelaySeconds: 1, periodSeconds: 1 },
      containerStartedUs: startUs,
      async probeOnce(): Promise<ProbeOutcome> {
        times.push((monotonicUs() - startUs) / 1e6)
        if (times.length === 1) await sleepUnlessAborted(1_500)
        if (times.length === 4) stop.abort()
        return { result: 'success' }
      },
      onTrouble: () => undefined,
      onVerdict: () => undefined,
    },
    stop.signal,
  )
  const expected = [1, 2.5, 3, 4]
  times.forEach((time, index) => {
    expect(time).toBeGreaterThanOrEqual((expected[index] ?? 0) - 0.01)
    expect(time).toBeLessThan((expected[index] ?? 0) + 0.3)
  })
})

test('Probes: readiness follows the probe, and failures are Events', async () => {
  let status = 502
  const seen: string[] = []
  await using server = await startServer((request, response) => {
    const { 'user-agent': agent, connection, 'x-a': given } = request.headers
    seen.push([request.url, agent, connection, given].join(' '))
    response.writeHead(status).end()
  })
  await using cluster = await TestCluster.start()
  const httpGet = { path: '/healthz?x=1', port: 'http', httpHeaders: [{ name: 'X-A', value: 'b' }] }
  cluster.createPod({
    containers: [
      {
        name: 'nginx',
        image: 'i',
        ports: [{ name: 'http', containerPort: server.port }],
        readinessProbe: { httpGet, periodSeconds: 1, failureThreshold: 1 },
      },
    ],
  })
  await cluster.waitUntil(() => cluster.findEvents('Unhealthy').length > 0, 'a failed probe')
  expect(cluster.findEvents('Unhealthy')[0]?.message).toBe(
    'Readiness probe failed: HTTP probe failed with statuscode: 502',
  )
  expect(cluster.container('nginx')).toMatchObject({ ready: false, started: true })
  expect(cluster.condition('Ready')).toMatchObject({
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [nginx]',
  })
  status = 200
  await cluster.waitUntilReady()
  expect(seen[0]).toBe('/healthz?x=1 kube-probe/1.34 close b')
  status = 404
  await cluster.waitUntil(() => !cluster.isReady(), 'the pod to be unready')
})

test.each([
  ['a redirect within the host is followed', '/within', 'ready'],
  ['a redirect to another host is not followed and counts as success', '/away', 'warning'],
])('Probes: %s', async (_, path, result) => {
  await using server = await startServer((request, response) => {
    if (request.url === '/within') response.writeHead(302, { location: '/target' }).end()
    else if (request.url === '/away') response.writeHead(302, { location: 'http://example.invalid/' }).end()
    else response.end()
  })
  await using cluster = await TestCluster.start()
  const readinessProbe = { httpGet: { path, port: server.port } }
  cluster.createPod({ containers: [{ name: 'app', image: 'i', readinessProbe }] })
  await cluster.waitUntilReady()
  expect(cluster.findEvents('ProbeWarning')).toHaveLength(result === 'warning' ? 1 : 0)
})

test.each([
  [
    'refused',
    { httpGet: { path: '/', port: 1 } },
    /^Readiness probe failed: Get "http:\/\/127\.0\.0\.1:1\/": dial tcp 127\.0\.0\.1:1: connect: connection refused$/,
  ],
  [
    'a TCP port',
    { tcpSocket: { port: 1 } },
    /^Readiness probe failed: dial tcp 127\.0\.0\.1:1: connect: connection refused$/,
  ],
  ['a command', { exec: { command: ['false'] } }, /^Readiness probe failed: it is false$/],
  [
    'a slow command',
    { exec: { command: ['sleep', '9'] } },
    /^Readiness probe failed: command timed out: "sleep 9" timed out after 1s$/,
  ],
  [
    'an unknown port',
    { httpGet: { path: '/', port: 'web' } },
    /^Readiness probe failed: couldn't find port: "web" in container app$/,
  ],
  [
    'gRPC',
    { grpc: { port: 1 } },
    /^Readiness probe failed: timeout: failed to connect service "127\.0\.0\.1:1" within 1s: context deadline exceeded$/,
  ],
])('Probes: the message of a failed probe: %s', async (_, probe, message) => {
  await using cluster = await TestCluster.start()
  cluster.createPod({ containers: [{ name: 'app', image: 'i', readinessProbe: { ...probe, timeoutSeconds: 1 } }] })
  await cluster.waitUntil(() => cluster.findEvents('Unhealthy').length > 0, 'a failed probe')
  expect(cluster.findEvents('Unhealthy')[0]?.message).toMatch(message)
})

test('Probes: an answer that takes longer than the timeout is a failure', async () => {
  await using server = await startServer(() => undefined)
  await using cluster = await TestCluster.start()
  const readinessProbe = { httpGet: { path: '/', port: server.port }, timeoutSeconds: 1 }
  cluster.createPod({ containers: [{ name: 'app', image: 'i', readinessProbe }] })
  await cluster.waitUntil(() => cluster.findEvents('Unhealthy').length > 0, 'a failed probe')
  expect(cluster.findEvents('Unhealthy')[0]?.message).toContain('context deadline exceeded')
})

test('Probes: readiness and liveness wait for the startup probe', async () => {
  let started = 0
  const createExecResult = (exitCode: number) => ({ exitCode, output: '', timedOut: false })
  await using cluster = await TestCluster.start({
    app: [
      {
        commands: {
          started: () => createExecResult(started++ < 1 ? 1 : 0),
          alive: () => createExecResult(started < 2 ? 1 : 0),
        },
      },
    ],
  })
  const period = { periodSeconds: 1, failureThreshold: 5 }
  cluster.createPod({
    containers: [
      {
        name: 'app',
        image: 'i',
        startupProbe: { exec: { command: ['started'] }, ...period },
        livenessProbe: { exec: { command: ['alive'] }, periodSeconds: 1, failureThreshold: 1 },
        readinessProbe: { exec: { command: ['alive'] }, periodSeconds: 1, failureThreshold: 1 },
      },
    ],
  })
  await cluster.waitUntil(() => cluster.container('app')?.state?.running, 'the container to run')
  expect(cluster.container('app')).toMatchObject({ started: false, ready: false })
  await cluster.waitUntilReady()
  expect(cluster.findEvents('Unhealthy').map(({ message }) => message)).toEqual(['Startup probe failed: '])
})

test('Probes: a failed liveness probe restarts with the probe’s grace', async () => {
  await using cluster = await TestCluster.start()
  cluster.runtime.scripts['app'] = [{}, { onSignal: { SIGTERM: { afterMs: 0, exitCode: 0 } } }]
  const failing = { exec: { command: ['sleep', '9'] }, periodSeconds: 1, failureThreshold: 1 }
  cluster.createPod({
    terminationGracePeriodSeconds: 60,
    containers: [{ name: 'app', image: 'i', livenessProbe: { ...failing, terminationGracePeriodSeconds: 2 } }],
  })
  await cluster.waitUntil(() => cluster.container('app')?.restartCount === 1, 'the restart')
  expect(cluster.findEvents('Killing')[0]?.message).toBe('Container app failed liveness probe, will be restarted')
  expect(cluster.msAfterKilling('StopSignalSent', 'app', 'SIGTERM')).toBeLessThan(300)
  expect(cluster.msAfterKilling('StopSignalSent', 'app', 'SIGKILL')).toBeGreaterThanOrEqual(1_999)
  expect(cluster.container('app')).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 137 } } })
})

test('Probes: while a pod terminates only readiness probes go on', async () => {
  let healthy = true
  const counts = { alive: 0, ready: 0 }
  const createExecResult = () => ({ exitCode: healthy ? 0 : 1, output: '', timedOut: false })
  await using cluster = await TestCluster.start({
    app: [
      {
        commands: {
          alive: () => (counts.alive++, createExecResult()),
          ready: () => (counts.ready++, createExecResult()),
        },
      },
    ],
  })
  const often = { periodSeconds: 1, failureThreshold: 1 }
  cluster.createPod({
    containers: [
      {
        name: 'app',
        image: 'i',
        livenessProbe: { exec: { command: ['alive'] }, ...often },
        readinessProbe: { exec: { command: ['ready'] }, ...often },
      },
    ],
  })
  await cluster.waitUntilReady()
  cluster.deletePod(3)
  healthy = false
  const before = { ...counts }
  await cluster.waitUntil(() => cluster.pod && !cluster.isReady(), 'the readiness probe to fail')
  await cluster.waitUntilGone()
  expect(counts.alive).toBe(before.alive)
  expect(counts.ready).toBeGreaterThan(before.ready)
  expect(cluster.findEvents('Unhealthy').every(({ message }) => message.startsWith('Readiness'))).toBe(true)
})

test('Probes: an httpGet hook is satisfied with any answer', async () => {
  await using server = await startServer((_, response) => response.writeHead(500).end())
  await using cluster = await TestCluster.start()
  const preStop = { httpGet: { path: '/drain', port: 'admin' } }
  const ports = [{ name: 'admin', containerPort: server.port }]
  cluster.createPod({ containers: [{ name: 'app', image: 'app', ports, lifecycle: { preStop } }] })
  await cluster.waitUntilReady()
  cluster.deletePod(3)
  await cluster.waitUntilGone()
  expect(cluster.findEvents('PreStopHookFinished')[0]?.detail).toBe('HTTP 500')
  expect(cluster.findEvents('FailedPreStopHook')).toEqual([])
})
