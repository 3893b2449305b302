import { expect, test } from 'vitest'
import type { LogRecord } from '../../model/record.ts'
import { buildRequest, podAt } from '../../testing/samples/records.ts'
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

/** Connections of driver 0, each with its port, its time and the address that it was sent to. */
function ledAt(t: number, ...connections: [port: number, atUs: number, address: string][]): LogRecord {
  const times = connections.map(([, atUs], index) => atUs - (connections[index - 1]?.[1] ?? t))
  const to = connections.map(([, , address]) => `${address}:8080`)
  const ports = connections.map(([port]) => port)
  return { type: 'translation', t, driver: 0, errorUs: 5 * ms, to, ports, times, places: to.map((_, place) => place) }
}

/** The result for connections that were opened from these ports. */
async function trackPods(openings: [port: number, sentUs: number][], ...records: LogRecord[]): Promise<KernelPods> {
  const requests = openings.map(([localPort, sentUs], seq): LogRecord => {
    return { type: 'request', request: buildRequest({ seq, dueUs: sentUs, sentUs, localPort }) }
  })
  const log = buildLog([...pods, trackingAt(second, 'on'), ...requests, ...records])
  return new KernelPods(await collectEvidence(log))
}

const sentAt = (sentUs: number, localPort: number | null = 40_000, driver = 0): TrackedRequest => ({
  driver,
  localPort,
  sentUs,
})

test('kernel: a connection is that of its port and its time', async () => {
  const kernel = await trackPods(
    [
      [40_000, 2 * second],
      [40_001, 2 * second],
      [40_000, 4 * second],
    ],
    ledAt(
      9 * second,
      [40_000, 2 * second - 2 * ms, '10.0.0.1'],
      [40_001, 2 * second + 2 * ms, '10.0.0.2'],
      [40_000, 4 * second, '10.0.0.2'],
    ),
  )
  expect(kernel.findPod(sentAt(2 * second))).toBe('old-a')
  expect(kernel.findPod(sentAt(2 * second, 40_001))).toBe('old-b')
  expect(kernel.findPod(sentAt(4 * second))).toBe('old-b')
  expect(kernel.findPod(sentAt(1.9 * second))).toBeNull()
  expect(kernel.findPod(sentAt(2 * second, 40_000, 1))).toBeNull()
  expect(kernel.findPod(sentAt(2 * second, null))).toBeNull()
})

test('kernel: what is read late is still of its connection, in turn', async () => {
  const openings: [number, number][] = [
    [40_000, 2 * second],
    [40_000, 2.3 * second],
    [40_000, 8 * second],
  ]
  const both = await trackPods(
    openings,
    ledAt(9 * second, [40_000, 2.4 * second, '10.0.0.1'], [40_000, 2.5 * second, '10.0.0.2']),
  )
  expect([2, 2.3, 8].map((at) => both.findPod(sentAt(at * second)))).toEqual([null, 'old-b', null])
  // A connection that the node itself refused is not reported, so it is unknown which of the two this was.
  const one = await trackPods(openings, ledAt(9 * second, [40_000, 2.4 * second, '10.0.0.1']))
  expect([2, 2.3].map((at) => one.findPod(sentAt(at * second)))).toEqual([null, null])
})

test('kernel: of a SYN that was led again the last time counts', async () => {
  // The pod still knew an earlier connection from that port (RFC 9293 §3.10.7.3): Linux resends its SYN after 2 jiffies.
  const kernel = await trackPods(
    [[40_000, 2 * second]],
    ledAt(9 * second, [40_000, 2 * second, '10.0.0.1'], [40_000, 2 * second + 8 * ms, '10.0.0.2']),
  )
  expect(kernel.findPod(sentAt(2 * second))).toBe('old-b')
})

test('kernel: a kept connection is the one that was opened last from its port', async () => {
  const kernel = await trackPods(
    [
      [40_000, 2 * second],
      [40_000, 6 * second],
    ],
    ledAt(9 * second, [40_000, 2 * second, '10.0.0.1'], [40_000, 6 * second, '10.0.0.2']),
  )
  expect(kernel.findPod(sentAt(5.9 * second))).toBe('old-a')
  expect(kernel.findPod(sentAt(30 * second))).toBe('old-b')
})

test('kernel: one of which nothing was told is not a later one’s', async () => {
  const openings: [number, number][] = [
    [40_000, 2 * second],
    [40_000, 20 * second],
  ]
  const kernel = await trackPods(openings, ledAt(22 * second, [40_000, 20 * second, '10.0.0.2']))
  expect(kernel.findPod(sentAt(2 * second))).toBeNull()
  expect(kernel.findPod(sentAt(20 * second))).toBe('old-b')
})

test('kernel: an address is the pod’s that had it at that time', async () => {
  const kernel = await trackPods(
    [
      [40_000, 2 * second],
      [40_001, 4 * second],
      [40_002, second],
    ],
    podAt(3 * second, 'added', 'new-a', { ip: '10.0.0.1' }),
    ledAt(9 * second, [40_000, 2 * second, '10.0.0.1'], [40_001, 4 * second, '10.0.0.1'], [40_002, second, '10.9.9.9']),
  )
  expect(kernel.findPod(sentAt(2 * second))).toBe('old-a')
  expect(kernel.findPod(sentAt(4 * second, 40_001))).toBe('new-a')
  expect(kernel.findPod(sentAt(second, 40_002))).toBeNull()
})

test('kernel: the last connection of each pod is dated where all were told', async () => {
  const openings: [number, number][] = [
    [40_000, 2 * second],
    [40_001, 4 * second],
    [40_002, second],
  ]
  const led = ledAt(
    9 * second,
    [40_000, 2 * second, '10.0.0.1'],
    [40_001, 4.1 * second, '10.0.0.1'],
    [40_002, second, '10.0.0.2'],
  )
  const whole = await trackPods(openings, led, trackingAt(10 * second, 'off'))
  expect(whole.computeLastLed()).toEqual(
    new Map([
      ['old-a', 4 * second],
      ['old-b', second],
    ]),
  )
  const lossy = await trackPods(openings, led, trackingAt(3 * second, 'lossy', 2.5 * second))
  expect(lossy.computeLastLed()).toEqual(new Map())
  expect(lossy.findPod(sentAt(2 * second))).toBe('old-a')
})

test('kernel: times that are not known prove nothing, and it is said so', async () => {
  const led = ledAt(9 * second, [40_000, 2 * second, '10.0.0.1']) as Extract<LogRecord, { type: 'translation' }>
  const kernel = await trackPods([[40_000, 2 * second]], { ...led, errorUs: 30 * second })
  expect(kernel.findPod(sentAt(2 * second))).toBeNull()
  expect(kernel.findGap()).toEqual({ why: 'its times are known to 30 s only' })
  expect(kernel.computeLastLed()).toEqual(new Map())
})
