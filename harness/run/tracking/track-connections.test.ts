import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { KubeApi } from '../../cluster/api.ts'
import type { LogRecord } from '../../model/record.ts'
import { startTracking } from './track-connections.ts'
import type { TrackingOptions } from './track-connections.ts'

const formatLine = (port: number, pod: string, wallMs = Date.now()): string =>
  `[${(wallMs / 1000).toFixed(6)}]\t    [NEW] tcp      6 120 SYN_SENT src=10.244.1.5 dst=10.96.0.10 sport=${port} dport=80 [UNREPLIED] src=${pod} dst=10.244.1.5 sport=8080 dport=${port}\n`
const notice = 'NOTICE: Netlink socket buffer size has been set to 8388608 bytes.\n'
const overrun = 'WARNING: We have hit ENOBUFS! We are losing events.\n'

/** Tracks one node on which conntrack writes these pieces. */
async function track(
  output: (signal: AbortSignal) => AsyncIterable<Buffer> | Promise<never>,
  options: Partial<TrackingOptions> = {},
): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  const tracking = await startTracking({
    trackConnections: ({ signal }) => Promise.resolve(output(signal)),
    api: {} as KubeApi,
    drivers: [{ node: 'node-1', ip: '10.244.1.5' }],
    target: { host: '10.96.0.10', port: 80 },
    most: 100,
    clock: startClock(),
    nodeClock: { aheadUs: 0, errorUs: 0 },
    write: (record) => records.push(record),
    signal: new AbortController().signal,
    ...options,
  })
  await sleep(20)
  await tracking.stop()
  return records
}

async function* writeUntil(signal: AbortSignal, ...pieces: string[]): AsyncGenerator<Buffer> {
  yield Buffer.from(notice)
  for (const piece of pieces) yield Buffer.from(piece)
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

const listStates = (records: readonly LogRecord[]): unknown[] =>
  records.flatMap((record) => (record.type === 'tracking' ? [[record.state, record.why]] : []))

test('connection tracking: new connections are gathered, with the pods that they are led to', async () => {
  const text = [
    formatLine(40_000, '10.244.2.3'),
    formatLine(40_001, '10.244.2.4'),
    formatLine(40_002, '10.244.2.3'),
  ].join('')
  const records = await track((signal) => writeUntil(signal, text.slice(0, 100), text.slice(100)))
  expect(records.map(({ type }) => type)).toEqual(['tracking', 'translation', 'tracking'])
  expect(records[1]).toMatchObject({
    driver: 0,
    to: ['10.244.2.3:8080', '10.244.2.4:8080'],
    ports: [40_000, 40_001, 40_002],
    places: [0, 1, 0],
  })
  expect(listStates(records)).toEqual([
    ['on', null],
    ['off', null],
  ])
})

test('connection tracking: connections of others are left out', async () => {
  const drivers = [{ node: 'node-1', ip: '10.244.1.6' }]
  const records = await track((signal) => writeUntil(signal, formatLine(40_000, '10.244.2.3')), { drivers })
  expect(records.map(({ type }) => type)).toEqual(['tracking', 'tracking'])
})

test('connection tracking: lost events are told, and since when', async () => {
  const records = await track((signal) =>
    writeUntil(signal, formatLine(40_000, '10.244.2.3'), overrun, formatLine(40_002, '10.244.2.3')),
  )
  expect(listStates(records)).toContainEqual(['lossy', 'the kernel had no room for more events'])
  const lossy = records.find((record) => record.type === 'tracking' && record.state === 'lossy')
  expect(lossy).toMatchObject({ node: 'node-1', from: expect.any(Number) as number })
  expect(records.flatMap((record) => (record.type === 'translation' ? record.ports : []))).toEqual([40_000, 40_002])
})

test('connection tracking: an end before its time is told with what was said last', async () => {
  const said = 'conntrack v1.4.7 (conntrack-tools): Operation failed: Operation not permitted\n'
  // oxlint-disable-next-line require-yield, typescript/require-await
  const records = await track(async function* () {
    yield Buffer.from(notice + said)
  })
  expect(listStates(records)).toEqual([
    ['on', null],
    ['off', said.trim()],
  ])
})

test('connection tracking: a reader that never listens is told with what it said', async () => {
  // oxlint-disable-next-line require-yield, typescript/require-await
  const records = await track(async function* () {
    yield Buffer.from('sh: 1: conntrack: not found\n')
  })
  expect(listStates(records)).toEqual([['off', 'sh: 1: conntrack: not found']])
})

test('connection tracking: where there is none the run goes on, and how to get it is told', async () => {
  const fault = new Fault('environment', 'conntrack is not installed', 'Install it: apt-get install conntrack')
  const records = await track(() => Promise.reject(fault))
  expect(listStates(records)).toEqual([['off', 'conntrack is not installed. Install it: apt-get install conntrack']])
})

test('connection tracking: beyond its limit no connection is kept', async () => {
  const lines = [1, 2, 3, 4].map((port) => formatLine(port, '10.244.2.3')).join('')
  const records = await track((signal) => writeUntil(signal, lines), { most: 2 })
  expect(records.flatMap((record) => (record.type === 'translation' ? record.ports : []))).toEqual([1, 2])
  expect(listStates(records).at(-1)).toEqual(['off', 'there were too many connections to keep all'])
})

test('connection tracking: each node is asked once', async () => {
  const asked: string[] = []
  const drivers = ['node-1', 'node-2', 'node-1'].map((node, index) => ({ node, ip: `10.244.1.${index}` }))
  const trackConnections: TrackingOptions['trackConnections'] = ({ node, signal }) => {
    asked.push(node)
    return Promise.resolve(writeUntil(signal))
  }
  await track((signal) => writeUntil(signal), { drivers, trackConnections })
  expect(asked).toEqual(['node-1', 'node-2'])
})

test('connection tracking: an interrupt ends the wait for it', async () => {
  const interrupt = new AbortController()
  const trackConnections: TrackingOptions['trackConnections'] = ({ signal }) => {
    interrupt.abort()
    return new Promise((_, reject) => {
      if (signal.aborted) reject(new Error('given up'))
      else signal.addEventListener('abort', () => reject(new Error('given up')), { once: true })
    })
  }
  const records = await track((signal) => writeUntil(signal), { trackConnections, signal: interrupt.signal })
  expect(listStates(records)).toEqual([['off', 'given up']])
})

test('connection tracking: an interrupt after its beginning leaves it to the end of the load', async () => {
  const interrupt = new AbortController()
  const records = await track(
    async function* (signal) {
      yield Buffer.from(notice)
      await sleep(5)
      interrupt.abort()
      yield* writeUntil(signal, formatLine(40_000, '10.244.2.3'))
    },
    { signal: interrupt.signal },
  )
  expect(records.flatMap((record) => (record.type === 'translation' ? record.ports : []))).toEqual([40_000])
})

test('connection tracking: behind a controller its own connections are told as well, by their source', async () => {
  const filters: unknown[] = []
  const own = formatLine(50_000, '10.244.2.4').replaceAll('10.244.1.5', '10.244.3.9')
  const trackConnections: TrackingOptions['trackConnections'] = ({ filter, signal }) => {
    filters.push(filter)
    return Promise.resolve(writeUntil(signal, 'source' in filter ? own : formatLine(40_000, '10.244.3.9')))
  }
  const controllers = { pods: [{ node: 'node-2', ip: '10.244.3.9' }], why: null }
  const records = await track((signal) => writeUntil(signal), { trackConnections, controllers })
  expect(filters).toEqual([{ address: '10.96.0.10', port: 80 }, { source: '10.244.3.9' }])
  const told = records.flatMap((record) =>
    record.type === 'translation' ? [`${record.hop ?? 'driver'} ${record.to[0]}`] : [],
  )
  expect(told.toSorted()).toEqual(['controller 10.244.2.4:8080', 'driver 10.244.3.9:8080'])
})

test('connection tracking: of a controller at a name, not an address, its own connections are told', async () => {
  const filters: unknown[] = []
  const trackConnections: TrackingOptions['trackConnections'] = ({ filter, signal }) => {
    filters.push(filter)
    return Promise.resolve(writeUntil(signal))
  }
  const controllers = { pods: [{ node: 'node-2', ip: '10.244.3.9' }], why: null }
  const target = { host: 'lb.example', port: 80 }
  await track((signal) => writeUntil(signal), { trackConnections, controllers, target })
  expect(filters).toEqual([{ source: '10.244.3.9' }])
})

test('connection tracking: a controller whose pods are not found is told, and the drivers are tracked', async () => {
  const controllers = { pods: [], why: 'no Service has its address' }
  const records = await track((signal) => writeUntil(signal), { controllers })
  expect(listStates(records)).toContainEqual(['off', 'no Service has its address'])
  expect(listStates(records)).toContainEqual(['on', null])
})
