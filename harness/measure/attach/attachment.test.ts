import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readAttachment } from './attachment.ts'

const scenarios = join(import.meta.dirname, '../../../scenarios')
const none = { cluster: 'auto', scenario: [], scenarios, engine: 'driver', via: { kind: 'service' } }
const restart = ['kubectl', 'rollout', 'restart', 'deployment/shop']
const shop = { ...none, target: 'deployment/shop' }

test('command: it is the disruption, with GETs alone and a rate that needs no word', () => {
  const attachment = readAttachment({ ...shop, command: restart, limit: 30, podHeader: 'X-Served-By' })
  expect(attachment).toMatchObject({
    target: { kind: 'deployment', name: 'shop', namespace: null },
    podHeader: 'x-served-by',
    scenarios: [
      { name: 'command', steps: expect.arrayContaining([{ kind: 'command', argv: restart }]), limitMs: 30_000 },
    ],
  })
  const [scenario] = attachment?.scenarios ?? []
  expect(scenario?.load).toMatchObject({ ratePerSecond: 50, shares: { 'reused-post': 0 } })
})

test('scenario: what it sends by POST goes by GET', () => {
  const [scenario] = readAttachment({ ...shop, scenario: ['rollout'], rate: 20 })?.scenarios ?? []
  expect(scenario).toMatchObject({ name: 'rollout', load: { shares: { fresh: 0.5, reused: 0.5, 'reused-post': 0 } } })
})

test.each([
  ['deploy/shop', 'deployment'],
  ['sts/shop', 'statefulset'],
  ['statefulsets.apps/shop', 'statefulset'],
  ['ds/shop', 'daemonset'],
  ['daemonset/shop', 'daemonset'],
  ['svc/shop', 'service'],
])('%s: kubectl’s word for a %s', (target, kind) => {
  expect(readAttachment({ ...none, target, command: restart })?.target).toMatchObject({ kind, name: 'shop' })
})

test('writes: with leave a scenario sends what it asks for', () => {
  const [scenario] = readAttachment({ ...shop, scenario: ['rollout'], rate: 20, allowWrites: true })?.scenarios ?? []
  expect(scenario?.load.shares).toEqual({ fresh: 0.5, reused: 0.35, 'reused-post': 0.15 })
})

test('URL: the load goes there, without a lane to a pod that nothing disrupts', () => {
  const url = 'https://shop.staging.example:8443/cart?a=1'
  const attachment = readAttachment({ ...shop, command: restart, url })
  expect(attachment).toMatchObject({
    url: { scheme: 'https', host: 'shop.staging.example', port: 8443 },
    path: '/cart?a=1',
    scenarios: [{ load: { tls: { roots: 'system', serverName: 'shop.staging.example' }, controlPerSecond: 0 } }],
  })
})

test.each(['drain', 'scale-down', 'autoscale', 'delete', 'eviction', 'rollout'])(
  'scenario: %s is performed',
  (name) => {
    expect(readAttachment({ ...shop, scenario: [name], rate: 20 })?.scenarios).toHaveLength(1)
  },
)

test('no target: nothing of this is meant', () => {
  expect(readAttachment({ ...none, scenario: ['rollout'] })).toBe(null)
})

test.each<[what: string, options: object, message: RegExp]>([
  [
    'a kind that cannot be measured',
    { target: 'pod/shop', command: restart },
    /must be deployment\/NAME, statefulset\/NAME, daemonset\/NAME or service\/NAME/,
  ],
  ['no name', { target: 'deployment/', command: restart }, /must be deployment\/NAME/],
  ['a namespace that cannot be one', { namespace: 'a/b', command: restart }, /--namespace "a\/b"/],
  ['nothing that disrupts it', {}, /Cannot tell what disrupts the target/],
  ['two that disrupt it', { command: restart, scenario: ['rollout'] }, /--scenario with a command/],
  [
    'a rate without a word',
    { scenario: ['rollout'] },
    /Cannot send 200 requests\/s to a target: above 50 they need --rate/,
  ],
  ['a change that stays', { scenario: ['update'], rate: 20 }, /Cannot perform update on a target/],
  [
    'a drain from outside',
    { scenario: ['drain'], rate: 20, url: 'http://127.0.0.1' },
    /Cannot perform drain with --url/,
  ],
  [
    'a Service’s TLS from outside',
    { command: restart, url: 'https://127.0.0.1', tls: 'unverified' },
    /--tls with --url/,
  ],
  ['two paths', { command: restart, url: 'http://127.0.0.1/a', path: '/b' }, /--path \/b with the path \/a in --url/],
  ['several drivers from here', { command: restart, url: 'http://127.0.0.1', drivers: 2 }, /--drivers with --url/],
  [
    'a driver image from here',
    { command: restart, url: 'http://127.0.0.1', driverImage: 'node' },
    /--driver-image with/,
  ],
  [
    'tracking on the nodes of drivers, of which there are none',
    { command: restart, url: 'http://127.0.0.1', connectionTracking: true },
    /--connection-tracking with --url/,
  ],
  ['a URL without a target', { target: undefined, url: 'http://127.0.0.1' }, /--url without a target/],
  ['writes without a target', { target: undefined, allowWrites: true }, /--allow-writes without a target/],
  ['a disruption budget', { scenario: ['eviction-budget'], rate: 20 }, /would add a disruption budget/],
  [
    'a request of the settings that writes',
    { command: restart, requests: [{ method: 'PUT' }] },
    /Cannot send PUT to a target, as it may write/,
  ],
  ['a cluster that stays', { command: restart, keep: true }, /--keep with a target/],
  ['a configuration', { command: restart, config: ['naive'] }, /--config with a target/],
  ['a cluster of its own', { command: restart, cluster: 'kind' }, /--cluster kind with a target/],
  ['a path that is none', { command: restart, path: 'cart' }, /--path cart/],
  ['a header that is none', { command: restart, podHeader: 'x served' }, /--pod-header x served/],
  ['a command without a target', { target: undefined, command: restart }, /without a target/],
  ['a path without a target', { target: undefined, path: '/' }, /--path without a target/],
  ['a dry run without a target', { target: undefined, dryRun: true }, /--dry-run without a target/],
])('refused: %s', (_, options, message) => {
  const { target, ...rest } = { ...shop, ...options } as typeof shop & { target?: string }
  expect(() => readAttachment({ ...rest, ...(target !== undefined && { target }) })).toThrow(message)
})
