import { expect, test } from 'vitest'
import type { RunPlan } from '../../model/plan.ts'
import type { LogRecord, RequestRecord } from '../../model/record.ts'
import type { Analysis } from '../../model/result.ts'
import { buildRequest } from '../../testing/samples/records.ts'
import { buildLog, buildPlan, buildRequests, frameRecords, ms, second } from '../../testing/samples/rollout-log.ts'
import { formatLossOrigins } from './loss-origin.ts'
import { analyseRun } from '../verdict/analyse-run.ts'

const via: RunPlan['via'] = { kind: 'ingress', host: 'shop.example', port: 80 }

/** The conclusions about more requests in the rollout: `old-a` is deleted at 4 s, signalled at 4.02 and exits at 4.32. */
function analyse(
  requests: readonly Partial<RequestRecord>[],
  plan: Partial<RunPlan> = { via },
  change: (record: LogRecord) => LogRecord[] = (record) => [record],
): Promise<Analysis> {
  const lost = requests.map((fields, index): LogRecord => {
    const dueUs = 4.35 * second
    const request = { dueUs, sentUs: dueUs, connectedUs: dueUs, settledUs: dueUs + 5 * ms, pod: null, ...fields }
    return { type: 'request', request: buildRequest({ localPort: 50_000 + index, ...request, seq: 1_000 + index }) }
  })
  return analyseRun(
    { ...buildPlan(), ...plan },
    buildLog([...frameRecords.flatMap(change), ...buildRequests(), ...lost]),
  )
}

const byController = { outcome: 'http-5xx', status: 502, firstByteUs: 4.354 * second, bytes: 20 } as const
const byPod = { ...byController, pod: 'old-a' } as const
const silent = { outcome: 'timeout-headers', status: null, firstByteUs: null, settledUs: 4.9 * second } as const
const cut = { outcome: 'reset-before-response', status: null, firstByteUs: null } as const

test('through an ingress controller: losses are split by who failed them, and the split balances', async () => {
  const { lossOrigins, losses, ledger, sentence } = await analyse([byController, byController, byPod, silent, cut])
  expect(losses.map(({ origin }) => String(origin)).toSorted()).toEqual([
    'controller',
    'controller',
    'controller',
    'pod',
    'unknown',
  ])
  expect(lossOrigins).toMatchObject({ byController: 3, byPod: 1, unknown: 1, statuses: [[502, 2]] })
  expect(ledger.lost).toBe(5)
  expect(sentence).toMatch(
    /failed 3 by the ingress controller \(its own answers: 502 ×2\).*, 1 by pods and 1 by one or the other|No verdict/,
  )
})

test("through an ingress controller: its own answer belongs to the pod that stopped, not to the connection's last one", async () => {
  const kept = { ...byController, lane: 'reused', use: 4, previousPod: 'old-b' } as const
  const { losses } = await analyse([kept, { ...cut, lane: 'reused', use: 4, previousPod: 'old-b' }])
  expect(losses.map(({ request, pod }) => [request.outcome, pod])).toEqual([
    ['http-5xx', 'old-a'],
    ['reset-before-response', null],
  ])
})

test('through an ingress controller: how long it used a pod whose endpoint had been removed', async () => {
  const { losses, lossOrigins } = await analyse([byController])
  expect(losses[0]?.sinceEndpointRemovedUs).toBeGreaterThan(0)
  expect(lossOrigins?.lagUs).toBe(losses[0]?.sinceEndpointRemovedUs)
})

test('through an ingress controller: of several pods that may have lost it none tells how long it was used', async () => {
  const both = { ...byController, dueUs: 6.05 * second, sentUs: 6.05 * second, settledUs: 6.055 * second }
  const { losses, lossOrigins } = await analyse([{ ...both, firstByteUs: 6.054 * second }], { via }, (record) =>
    record.type === 'container' ? [] : [record],
  )
  expect(losses[0]).toMatchObject({ attributedBy: null, sinceEndpointRemovedUs: expect.any(Number) as number })
  expect(lossOrigins).toMatchObject({ byController: 1, lagUs: null })
})

test('an answer without the header that the user named is the controller’s only by a status of gateways', async () => {
  const { workload } = buildPlan()
  const identification = { ...workload.identification, podHeader: 'x-served-by' }
  const failed = { ...byController, status: 500 } as const
  const { lossOrigins } = await analyse([byController, failed], { via, workload: { ...workload, identification } })
  expect(lossOrigins).toMatchObject({ byController: 1, byPod: 0, unknown: 1, statuses: [[502, 1]] })
})

test('of a body that did not come to its end in time either may have failed the rest', async () => {
  const { lossOrigins } = await analyse([{ ...byPod, status: 200, outcome: 'timeout-body' }])
  expect(lossOrigins).toMatchObject({ byPod: 0, unknown: 1 })
})

test('through an ingress controller: what it refuses by itself is no pod’s', async () => {
  const { losses } = await analyse([{ ...byController, outcome: 'http-4xx', status: 429 }, byController])
  expect(losses.map(({ pod, attributedBy }) => [pod, attributedBy])).toEqual([
    [null, null],
    ['old-a', 'moment'],
  ])
})

test('answers that name no pod do not tell who gave them', async () => {
  const { workload } = buildPlan()
  const identification = { ...workload.identification, podHeader: null }
  const { lossOrigins } = await analyse([byController], { via, workload: { ...workload, identification } })
  expect(lossOrigins).toMatchObject({ byController: 0, byPod: 0, unknown: 1 })
})

test('from outside: a pod is the likeliest, and certain only where an answer names it', async () => {
  const outside = { kind: 'url', scheme: 'https', host: 'shop.test', port: 443, address: '10.0.0.1' } as const
  const kept = { ...cut, lane: 'reused', use: 4, previousPod: 'old-b' } as const
  const early = { dueUs: 4.2 * second, sentUs: 4.2 * second, settledUs: 4.2005 * second }
  const refused = { ...cut, ...early, outcome: 'refused', connectedUs: null, bytes: 0 } as const
  const { losses, lossOrigins } = await analyse([byPod, kept, refused], { via: outside })
  expect(lossOrigins).toBeNull()
  expect(losses.map(({ pod, attributedBy, candidates }) => [pod, attributedBy, candidates])).toEqual([
    ['old-a', null, ['old-a']],
    ['old-a', 'response', []],
    ['old-b', null, ['old-b']],
  ])
})

test('straight to the Service: there is no controller to blame', async () => {
  const { lossOrigins, losses } = await analyse([byController], {})
  expect([lossOrigins, losses[0]?.origin]).toEqual([null, null])
})

/** Connections that the controller's pod opened, each at µs of the run's clock, to addresses of pods. */
function addConnections(...led: [atUs: number, ip: string][]): (record: LogRecord) => LogRecord[] {
  const tracking = { type: 'tracking', t: 0, node: 'node-1', hop: 'controller', from: 0, why: null } as const
  const columns = { ports: led.map((_, index) => 40_000 + index), places: led.map((_, index) => index) }
  const times = led.map(([atUs], index) => atUs - (led[index - 1]?.[0] ?? 0))
  const to = led.map(([, ip]) => `${ip}:8080`)
  const told: LogRecord[] = [
    { ...tracking, state: 'on' },
    { type: 'translation', t: 0, driver: 0, hop: 'controller', errorUs: 100, to, ...columns, times },
    { ...tracking, state: 'off', t: 12 * second },
  ]
  return (record) => (record.type === 'begin' ? [record, ...told] : [withAddress(record)])
}

const addresses: Record<string, string> = { 'old-a': '10.244.1.1', 'old-b': '10.244.1.2' }

function withAddress(record: LogRecord): LogRecord {
  if (record.type !== 'pod') return record
  return { ...record, pod: { ...record.pod, ip: addresses[record.pod.name] ?? null } }
}

test('through an ingress controller: of several pods that to which it had just connected is the likeliest', async () => {
  const both = { ...byController, dueUs: 6.05 * second, sentUs: 6.05 * second, settledUs: 6.055 * second } as const
  const request = { ...both, firstByteUs: 6.054 * second }
  const { losses: unsure } = await analyse([request])
  const [, unlikely = ''] = unsure[0]?.candidates ?? []
  const connections = addConnections([6.052 * second, addresses[unlikely] ?? ''])
  const { losses, lossOrigins } = await analyse([request], { via }, connections)
  expect(losses[0]?.candidates[0]).toBe(unlikely)
  expect(lossOrigins?.connections.toPods).toBe(1)
})

test('through an ingress controller: how long it went on connecting to a pod whose endpoint was removed', async () => {
  const connections = addConnections([3 * second, '10.244.1.1'], [4.8 * second, '10.244.1.1'])
  const { lossOrigins, endpointLags, pods } = await analyse([byController], { via }, connections)
  const removedUs = pods.find(({ pod }) => pod === 'old-a')?.endpointRemovedUs ?? 0
  expect(lossOrigins?.connectedUs).toBe(4.8 * second - removedUs)
  expect(endpointLags.find(({ pod }) => pod === 'old-a')?.sinceEndpointRemovedUs).toBe(4.8 * second - removedUs)
  // The endpoint is removed 10 ms after the deletion at 4 s.
  expect(formatLossOrigins(lossOrigins)).toContain(
    'the controller went on connecting to pods up to 790 ms after their endpoints were removed',
  )
})

test('through an ingress controller: connections that were not all told are no evidence, and why is kept', async () => {
  const connections = addConnections([4.8 * second, '10.244.1.1'])
  const lossy = (record: LogRecord): LogRecord[] =>
    connections(record).map((one) => (one.type === 'tracking' && one.state === 'off' ? { ...one, why: 'cut' } : one))
  const { lossOrigins } = await analyse([byController], { via }, lossy)
  expect(lossOrigins).toMatchObject({ connections: { toPods: null }, connectedUs: null, untold: 'cut' })
})
