import { expect, test } from 'vitest'
import type { LogRecord } from '../../model/record.ts'
import { podAt } from '../../testing/samples/records.ts'
import { buildLog, ms, second } from '../../testing/samples/rollout-log.ts'
import { collectEvidence } from '../facts/evidence.ts'
import { KernelPods } from './kernel-pods.ts'
import type { TrackedRequest } from './kernel-pods.ts'

const pods: readonly LogRecord[] = [
  podAt(10 * ms, 'added', 'old-a', { ip: '10.0.0.1' }),
  podAt(11 * ms, 'added', 'old-b', { ip: '10.0.0.2' }),
  podAt(12 * ms, 'added', 'unborn', { ip: null }),
]

const trackingAt = (t: number, state: 'on' | 'lossy' | 'off', from = t, why: string | null = null): LogRecord => ({
  type: 'tracking',
  t,
  node: 'node-1',
  state,
  from,
  why,
})

/** Connections of driver 0, each with its port, when it was made and the address that it was led to. */
function ledAt(t: number, ...connections: [port: number, atUs: number, address: string][]): LogRecord {
  const times = connections.map(([, atUs], index) => atUs - (connections[index - 1]?.[1] ?? t))
  const to = connections.map(([, , address]) => `${address}:8080`)
  const ports = connections.map(([port]) => port)
  return { type: 'translation', t, driver: 0, errorUs: 5 * ms, to, ports, times, places: to.map((_, place) => place) }
}

async function trackPods(...records: LogRecord[]): Promise<KernelPods> {
  return new KernelPods(await collectEvidence(buildLog([...pods, trackingAt(second, 'on'), ...records])))
}

const sentAt = (sentUs: number, fields: Partial<TrackedRequest> = {}): TrackedRequest => ({
  driver: 0,
  localPort: 40_000,
  sentUs,
  settledUs: sentUs + 100 * ms,
  lane: 'fresh',
  ...fields,
})

test('kernel: a connection is that of its port and its time', async () => {
  const kernel = await trackPods(
    ledAt(
      9 * second,
      [40_000, 2 * second, '10.0.0.1'],
      [40_001, 2 * second, '10.0.0.2'],
      [40_000, 4 * second, '10.0.0.2'],
    ),
  )
  expect(kernel.findPod(sentAt(2 * second - 2 * ms))).toBe('old-a')
  expect(kernel.findPod(sentAt(2 * second + 2 * ms))).toBe('old-a')
  expect(kernel.findPod(sentAt(2 * second, { localPort: 40_001 }))).toBe('old-b')
  expect(kernel.findPod(sentAt(4 * second))).toBe('old-b')
  expect(kernel.findPod(sentAt(3 * second))).toBeNull()
  expect(kernel.findPod(sentAt(2 * second, { driver: 1 }))).toBeNull()
  expect(kernel.findPod(sentAt(2 * second, { localPort: null }))).toBeNull()
})

test('kernel: one led elsewhere only when its SYN was sent again counts', async () => {
  const kernel = await trackPods(ledAt(9 * second, [40_000, 3 * second, '10.0.0.2']))
  expect(kernel.findPod(sentAt(2 * second, { settledUs: 3.2 * second }))).toBe('old-b')
})

test('kernel: of a port that is used again at once the nearest connection counts', async () => {
  const kernel = await trackPods(
    ledAt(9 * second, [40_000, 2 * second - 4 * ms, '10.0.0.1'], [40_000, 2 * second + ms, '10.0.0.2']),
  )
  expect(kernel.findPod(sentAt(2 * second))).toBe('old-b')
})

test('kernel: a kept connection is the last one that its port was used for', async () => {
  const kept = { lane: 'reused' } as const
  const led = ledAt(9 * second, [40_000, 2 * second, '10.0.0.1'], [40_000, 4 * second, '10.0.0.2'])
  const kernel = await trackPods(led)
  expect(kernel.findPod(sentAt(3 * second, kept))).toBe('old-a')
  expect(kernel.findPod(sentAt(8 * second, kept))).toBe('old-b')
  expect(kernel.findPod(sentAt(1.5 * second, kept))).toBeNull()
  const lossy = await trackPods(led, trackingAt(3.5 * second, 'lossy', 3.2 * second))
  expect(lossy.findPod(sentAt(3 * second, kept))).toBe('old-a')
  expect(lossy.findPod(sentAt(3.4 * second, kept))).toBeNull()
  expect(lossy.findPod(sentAt(8 * second, kept))).toBe('old-b')
})

test('kernel: an address is the pod’s that had it at that time', async () => {
  const kernel = await trackPods(
    podAt(3 * second, 'added', 'new-a', { ip: '10.0.0.1' }),
    ledAt(9 * second, [40_000, 2 * second, '10.0.0.1'], [40_001, 4 * second, '10.0.0.1'], [40_002, second, '10.9.9.9']),
  )
  expect(kernel.findPod(sentAt(2 * second))).toBe('old-a')
  expect(kernel.findPod(sentAt(4 * second, { localPort: 40_001 }))).toBe('new-a')
  expect(kernel.findPod(sentAt(second, { localPort: 40_002 }))).toBeNull()
})

test('kernel: the last connection of each pod is dated where all were told', async () => {
  const led = ledAt(
    9 * second,
    [40_000, 2 * second, '10.0.0.1'],
    [40_001, 4 * second, '10.0.0.1'],
    [40_002, second, '10.0.0.2'],
  )
  const whole = await trackPods(led, trackingAt(10 * second, 'off'))
  expect(whole.computeLastLed()).toEqual(
    new Map([
      ['old-a', 4 * second],
      ['old-b', second],
    ]),
  )
  const lossy = await trackPods(led, trackingAt(3 * second, 'lossy', 2.5 * second))
  expect(lossy.computeLastLed()).toEqual(new Map())
})
