import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { monotonicUs } from '../../base/clock.ts'
import { detailAnnotation } from '../store/events.ts'
import { monotonicAnnotation, monotonicErrorAnnotation } from '../store/objects.ts'
import type { EndpointSlice, Service } from '../store/objects.ts'
import type { ServiceNetwork, ServiceRule } from '../runtime/runtime.ts'
import { startServiceProxy } from './service-proxy.ts'
import type { EndpointLag } from './service-proxy.ts'
import { Store } from '../store/store.ts'

/** Records the rules that it gets, with times, in place of the kernel. */
class RecordingNetwork implements ServiceNetwork {
  readonly calls: { rules: ServiceRule[]; beganMs: number }[] = []
  takesMs = 0
  failures = 0

  async program(rules: ServiceRule[]): Promise<void> {
    this.calls.push({ rules, beganMs: performance.now() })
    await sleep(this.takesMs)
    if (this.failures-- > 0) throw new Error('nft: no such table')
  }

  last(): ServiceRule[] | undefined {
    return this.calls.at(-1)?.rules
  }
}

const quick: EndpointLag = { betweenSyncsMs: [0], extraMs: [0] }

class ProxyFixture implements AsyncDisposable {
  readonly store: Store = new Store()
  readonly network: RecordingNetwork = new RecordingNetwork()
  readonly errors: Error[] = []
  readonly told: { about: string; message: string; detail: string; atUs: number; errorUs: number }[] = []
  #proxy: AsyncDisposable | undefined

  constructor() {
    this.store.watch('events', ({ object }) => {
      const annotations = object.metadata.annotations ?? {}
      this.told.push({
        about: object.involvedObject.name ?? '',
        message: object.message ?? '',
        detail: annotations[detailAnnotation] ?? '',
        atUs: Number(annotations[monotonicAnnotation]),
        errorUs: Number(annotations[monotonicErrorAnnotation]),
      })
    })
  }

  start(lag: EndpointLag = quick): void {
    const onError = (error: Error): void => void this.errors.push(error)
    this.#proxy = startServiceProxy({ store: this.store, network: this.network, lag, onError })
  }

  async calls(count: number): Promise<void> {
    for (const end = performance.now() + 3_000; this.network.calls.length < count; await sleep(2)) {
      if (performance.now() > end) throw new Error(`Waited 3 s for call ${count}, saw ${this.network.calls.length}`)
    }
    await sleep(this.network.takesMs + 5)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy?.[Symbol.asyncDispose]()
  }
}

function createService(spec: Service['spec'] = {}): Service {
  return {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.10', selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }], ...spec },
  }
}

type Conditions = { ready?: boolean; serving?: boolean; terminating?: boolean }
const ready = { ready: true, serving: true, terminating: false }
const draining = { ready: false, serving: true, terminating: true }
const dead = { ready: false, serving: false, terminating: true }
const starting = { ready: false, serving: false, terminating: false }

/** Pod `web-a` has the address 10.0.0.1, `web-b` 10.0.0.2 and so on. */
function createSlice(
  conditions: Conditions[],
  ports: EndpointSlice['ports'] = [{ name: 'http', port: 8080 }],
): EndpointSlice {
  return {
    metadata: { name: 'web-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports,
    endpoints: conditions.map((each, index) => ({
      addresses: [`10.0.0.${index + 1}`],
      conditions: each,
      targetRef: { kind: 'Pod', name: `web-${'abcdef'[index]}` },
    })),
  }
}

function listAddresses(rules: ServiceRule[] | undefined): string[][] | undefined {
  return rules?.map(({ endpoints }) => endpoints.map(({ ip, port }) => `${ip}:${port}`))
}

test.each<[string, Conditions[], string[]]>([
  ['only ready endpoints while there are any', [ready, draining, starting, dead], ['10.0.0.1:8080']],
  [
    'terminating ones that serve when none is ready',
    [draining, starting, dead, draining],
    ['10.0.0.1:8080', '10.0.0.4:8080'],
  ],
  ['no pod when none serves', [starting, dead], []],
  ['an endpoint that says nothing of itself', [{}], ['10.0.0.1:8080']],
])('connections go to %s', async (_text, conditions, expected) => {
  await using bench = new ProxyFixture()
  bench.store.create('services', createService())
  bench.store.create('endpointslices', createSlice(conditions))
  bench.start()
  await bench.calls(1)
  expect(listAddresses(bench.network.last())).toEqual([expected])
})

test('Service proxy: each port of a Service has a rule', async () => {
  await using bench = new ProxyFixture()
  const ports = [
    { name: 'http', port: 80 },
    { name: 'admin', port: 81 },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ]
  bench.store.create('services', createService({ ports }))
  bench.store.create(
    'endpointslices',
    createSlice(
      [ready],
      [
        { name: 'http', port: 8080 },
        { name: 'admin', port: 9090 },
      ],
    ),
  )
  bench.start()
  await bench.calls(1)
  expect(bench.network.last()).toEqual([
    { service: 'shop/web:http', clusterIP: '10.96.0.10', port: 80, endpoints: [{ ip: '10.0.0.1', port: 8080 }] },
    { service: 'shop/web:admin', clusterIP: '10.96.0.10', port: 81, endpoints: [{ ip: '10.0.0.1', port: 9090 }] },
  ])
})

test('Service proxy: no rule for headless, refusal without endpoints', async () => {
  await using bench = new ProxyFixture()
  bench.store.create('services', createService())
  bench.store.create('services', {
    ...createService({ clusterIP: 'None' }),
    metadata: { name: 'headless', namespace: 'shop' },
  })
  bench.start()
  await bench.calls(1)
  expect(bench.network.last()).toEqual([{ service: 'shop/web:http', clusterIP: '10.96.0.10', port: 80, endpoints: [] }])
  bench.store.remove('services', 'web', 'shop')
  await bench.calls(2)
  expect(bench.network.last()).toEqual([])
})

test('Service proxy: changes within the period are programmed at its end', async () => {
  await using bench = new ProxyFixture()
  bench.store.create('services', createService())
  bench.start({ ...quick, betweenSyncsMs: [300] })
  await bench.calls(1)
  await sleep(350)
  const beganMs = performance.now()
  bench.store.create('endpointslices', createSlice([ready]))
  await bench.calls(2)
  expect((bench.network.calls[1]?.beganMs ?? 0) - beganMs).toBeLessThan(200)
  // The readiness of a new pod has just been programmed: the removal of an old one, 10 ms later, waits for the period.
  bench.store.update('endpointslices', createSlice([ready, ready]))
  await sleep(10)
  bench.store.update('endpointslices', createSlice([draining, ready]))
  await bench.calls(3)
  await sleep(350)
  expect(listAddresses(bench.network.last())).toEqual([['10.0.0.2:8080']])
  expect(bench.network.calls).toHaveLength(3)
  const [, second, third] = bench.network.calls.map((call) => call.beganMs)
  expect((third ?? 0) - (second ?? 0)).toBeGreaterThanOrEqual(299)
})

test('Service proxy: rules that stay the same are not programmed', async () => {
  await using bench = new ProxyFixture()
  bench.store.create('services', createService())
  bench.store.create('endpointslices', createSlice([ready]))
  bench.start({ ...quick, betweenSyncsMs: [300] })
  await bench.calls(1)
  await sleep(350)
  const beganMs = performance.now()
  bench.store.update('endpointslices', createSlice([ready, starting]))
  await sleep(40)
  bench.store.update('endpointslices', createSlice([ready, ready]))
  await bench.calls(2)
  expect(bench.network.calls).toHaveLength(2)
  expect((bench.network.calls[1]?.beganMs ?? 0) - beganMs).toBeGreaterThanOrEqual(299)
})

test('Service proxy: the period counts from the end of a sync', async () => {
  await using bench = new ProxyFixture()
  bench.store.create('services', createService())
  bench.network.takesMs = 60
  const beganMs = performance.now()
  bench.start({ betweenSyncsMs: [100], extraMs: [40, 50] })
  await sleep(10)
  // Comes after the rules of the first synchronisation were computed, so it belongs to the second.
  bench.store.create('endpointslices', createSlice([ready]))
  await bench.calls(2)
  const [first, second] = bench.network.calls.map((call) => call.beganMs - beganMs)
  expect(listAddresses(bench.network.calls[0]?.rules)).toEqual([[]])
  expect(first).toBeGreaterThanOrEqual(39)
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(60 + 100 + 40 - 3)
})

test('Service proxy: programmed changes are recorded as an Event', async () => {
  await using bench = new ProxyFixture()
  bench.store.create('services', createService())
  bench.network.takesMs = 30
  bench.start()
  await bench.calls(1)
  expect(bench.told).toEqual([])
  const beganUs = monotonicUs()
  // Back and forth: the third equals the first, but must be seen all the same.
  const states = [
    [ready, ready],
    [draining, ready],
    [ready, ready],
    [dead, dead],
  ]
  for (const [index, conditions] of states.entries()) {
    if (index === 0) bench.store.create('endpointslices', createSlice(conditions))
    else bench.store.update('endpointslices', createSlice(conditions))
    await bench.calls(index + 2)
  }
  expect(bench.told.map(({ about, message, detail }) => ({ about, message, detail }))).toEqual([
    { about: 'web', message: 'Now sending new connections to web-a, web-b', detail: '["web-a","web-b"]' },
    { about: 'web', message: 'Now sending new connections to web-b', detail: '["web-b"]' },
    { about: 'web', message: 'Now sending new connections to web-a, web-b', detail: '["web-a","web-b"]' },
    { about: 'web', message: 'Now refusing new connections: no endpoints', detail: '[]' },
  ])
  const times = bench.told.map(({ atUs }) => atUs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  // It may have been at any instant between the request to the kernel and its answer.
  for (const { errorUs } of bench.told) expect(errorUs).toBeGreaterThanOrEqual(14_500)
  const [{ atUs, errorUs } = { atUs: 0, errorUs: 0 }] = bench.told
  expect(atUs - errorUs).toBeGreaterThanOrEqual(beganUs)
  expect(atUs + errorUs - beganUs).toBeGreaterThanOrEqual(29_000)
})

test('Service proxy: a failure is reported, and repaired later', async () => {
  await using bench = new ProxyFixture()
  bench.store.create('services', createService())
  bench.store.create('endpointslices', createSlice([ready]))
  bench.network.failures = 1
  bench.start()
  await bench.calls(1)
  expect(bench.errors.map(String)).toEqual(['Error: nft: no such table'])
  expect(bench.told).toEqual([])
  bench.store.update('endpointslices', createSlice([ready, starting]))
  await bench.calls(2)
  expect(listAddresses(bench.network.last())).toEqual([['10.0.0.1:8080']])
  expect(bench.told.map(({ detail }) => detail)).toEqual(['["web-a"]'])
})

test('Service proxy: stopping ends at once', async () => {
  for (const lag of [
    { ...quick, betweenSyncsMs: [60_000] },
    { ...quick, extraMs: [60_000] },
  ]) {
    const beganMs = performance.now()
    {
      await using bench = new ProxyFixture()
      bench.store.create('services', createService())
      bench.start(lag)
      await sleep(20)
    }
    expect(performance.now() - beganMs).toBeLessThan(5_000)
  }
})
