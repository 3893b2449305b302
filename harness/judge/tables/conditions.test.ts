/** The conditions in a report: every value of every run, each once. */
import { expect, test } from 'vitest'
import type { Environment, LoadPlan, RunPlan } from '../../model/plan.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'
import { parsePage } from '../../testing/html-elements.ts'
import { buildSampleComparison } from '../../testing/samples/sample-analyses.ts'
import { listConditions, renderConditions } from './conditions.ts'

const { runs } = buildSampleComparison(2)

/** The conditions of runs with plans changed by `change`, by name. */
function list(change: (plan: RunPlan, index: number) => Partial<RunPlan> = () => ({})): Map<string, string> {
  return new Map(
    listConditions(runs.map((run, index) => ({ ...run, plan: { ...run.plan, ...change(run.plan, index) } }))),
  )
}
const withLoad = (load: Partial<LoadPlan>): Map<string, string> =>
  list(({ scenario }) => ({ scenario: { ...scenario, load: { ...scenario.load, ...load } } }))
const withEnvironment = (environment: Partial<Environment>): Map<string, string> =>
  list((plan) => ({ environment: { ...plan.environment, ...environment } }))

test('conditions: scenario, cluster, load, clients and machine of a comparison', () => {
  expect(Object.fromEntries(list())).toMatchObject({
    Scenario: 'rollout: Restarts every pod of the deployment, as kubectl rollout restart does',
    Cluster: 'local (Kubernetes embedded 1.34)',
    Load: '200 requests/s, 100 ms of work each',
    From: '1 driver',
    Way: "to the Service's cluster IP",
    Clients: 'fresh 50 %, reused 40 %, reused-post 10 %',
    'Time limits': 'connection 5 s, headers 5 s, body 5 s',
    Replicas: '3',
    Rounds: '2 rounds, 12 runs',
    Seed: '42',
    Machine: 'AMD EPYC 7763, 2 CPUs, Linux 6.8.0',
    'Measured with': 'nodrop 0.1.0 on Node 24.11.1',
  })
})

test('conditions: the steps of a scenario that disrupts more than once', () => {
  expect([...list().keys()]).not.toContain('Steps')
  const steps: ScenarioStep[] = [
    { kind: 'steady', forMs: 1000 },
    { kind: 'repeat', times: 2, steps: [{ kind: 'rollout-restart' }, { kind: 'until-settled' }] },
    { kind: 'steady', forMs: 500 },
  ]
  expect(list(({ scenario }) => ({ scenario: { ...scenario, steps } })).get('Steps')).toBe(
    'rollout: steady load for 1 s, 2 × (restarts the rollout, waits until settled), steady load for 0.5 s',
  )
})

test('conditions: values that differ between runs are all there', () => {
  const mixed = list((plan, index) => ({
    drivers: (index % 3) + 1,
    environment: { ...plan.environment, kubernetes: index % 2 === 0 ? 'embedded 1.34' : 'v1.35.0' },
  }))
  expect(mixed.get('From')).toBe('1 driver, 2 drivers, 3 drivers')
  expect(mixed.get('Cluster')).toBe('local (Kubernetes embedded 1.34), local (Kubernetes v1.35.0)')
})

test('seeds: each of them, or the first six and how many there are', () => {
  expect(list((_, index) => ({ seed: index % 2 })).get('Seeds')).toBe('0, 1')
  expect(list((_, index) => ({ seed: index })).get('Seeds')).toBe('0, 1, 2, 3, 4, 5 … (12)')
})

test('load: a closed loop says so, and has no control lane beside it', () => {
  const closed = withLoad({ closedLoop: { engine: 'autocannon', connections: 12 }, controlPerSecond: 5 })
  expect(closed.get('Load')).toMatch(/^12 requests in flight at all times \(autocannon, a closed loop\)/)
  expect(closed.get('Clients')).not.toContain('control')
  expect(withLoad({ controlPerSecond: 5 }).get('Clients')).toMatch(/, control 5\/s beside them$/)
})

test('way: to the Service, to a port of a node, or through an Ingress', () => {
  expect(list(() => ({ via: { kind: 'nodeport' } as RunPlan['via'] })).get('Way')).toBe(
    "to the Service's port of a node",
  )
  const via = { kind: 'ingress', host: 'shop.test', port: 443 } as unknown as RunPlan['via']
  expect(list(() => ({ via })).get('Way')).toBe('through the Ingress shop.test:443')
  const url = { kind: 'url', scheme: 'https', host: 'shop.test', port: 443, address: '10.0.0.1' } as const
  expect(list(() => ({ via: url })).get('Way')).toBe('from this machine to https://shop.test:443, at 10.0.0.1')
})

test('time limits: each its own, in the unit that reads best', () => {
  expect(withLoad({ timeoutMs: 90_000, connectTimeoutMs: 500, bodyTimeoutMs: 150_000 }).get('Time limits')).toBe(
    'connection 500 ms, headers 90 s, body 2 min 30 s',
  )
})

test('kept connections: who closes them, and when', () => {
  const reuse = { idleMs: 4_000, uses: 100, obeysKeepAliveTimeout: true }
  expect(withLoad({ reuse }).get('Kept connections')).toBe(
    'rest 500 ms or more between requests, closed by the client after 4 s without a request, after 100 requests, ' +
      'a second before the server’s Keep-Alive: timeout',
  )
  const never = { idleMs: null, uses: null, obeysKeepAliveTimeout: false }
  expect(withLoad({ reuse: never }).get('Kept connections')).toMatch(
    /, never closed by the client; Keep-Alive: timeout is ignored, Connection: close obeyed$/,
  )
})

test('requests: methods, bodies, and TLS', () => {
  expect(withLoad({}).get('Requests')).toContain('fresh GET')
  expect(withLoad({ responseBytes: 1_024 }).get('Requests')).toContain('; responses of 1,024 bytes or more')
  expect(withLoad({ tls: { unverified: true } }).get('Requests')).toMatch(/over TLS, not verified, a full handshake/)
  expect(withLoad({ tls: { ca: 'pem' } }).get('Requests')).toContain('held against the scenario’s CA')
})

test('machine: cores that were kept awake, and a driver without a right', () => {
  expect(withEnvironment({ coresAwake: true }).get('Machine')).toContain('2 CPUs kept awake,')
  expect(withEnvironment({ driverBefore: 'workload' }).get('Machine')).toMatch(
    /; without the right to go before other programs$/,
  )
})

test('capacity: only where it was measured before', () => {
  expect(list().has('Capacity')).toBe(false)
  const capacity = { kneePerSecond: 1_000, belowPerSecond: 900, measured: '2026-03-01' }
  expect(list(() => ({ capacity })).get('Capacity')).toMatch(/^p99 doubles at 1,000 requests\/s .* 20 % of it$/)
})

test('without effect: fields of pods, once for all runs, else nothing', () => {
  expect(list().has('Without effect')).toBe(false)
  expect(list(() => ({ keptFields: ['dnsPolicy', 'containers.resources.limits'] })).get('Without effect')).toBe(
    'containers.resources.limits, dnsPolicy of its pods (docs/pod-fields.md)',
  )
})

test('page: a term and its value for each condition', () => {
  const page = parsePage(renderConditions(runs))
  expect(page.texts('dt')).toEqual([...list().keys()])
  expect(page.texts('dd')[0]).toBe(list().get('Scenario'))
})

test('requests: those of a list, each with its part and without its query', () => {
  const requests = [
    { path: '/cart?key=1', weight: 3 },
    { name: 'order', method: 'POST' as const },
  ]
  expect(withLoad({ requests }).get('Requests')).toBe('GET /cart (75 %), order (25 %)')
})

test('conditions: whose word a certificate is held against', () => {
  const name = (tls: NonNullable<LoadPlan['tls']>): string =>
    /; over TLS, (.*?), a full/.exec([...withLoad({ tls }).values()].join('\n'))![1]!
  expect([name({ ca: 'PEM' }), name({ roots: 'system' }), name({ unverified: true })]).toEqual([
    'held against the scenario’s CA',
    'held against the roots of the system',
    'not verified',
  ])
})
