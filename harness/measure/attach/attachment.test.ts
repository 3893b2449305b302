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

test('no target: nothing of this is meant', () => {
  expect(readAttachment({ ...none, scenario: ['rollout'] })).toBe(null)
})

test.each<[what: string, options: object, message: RegExp]>([
  [
    'a kind that cannot be measured',
    { target: 'pod/shop', command: restart },
    /must be deployment\/NAME or service\/NAME/,
  ],
  ['no name', { target: 'deployment/', command: restart }, /must be deployment\/NAME or service\/NAME/],
  ['a namespace that cannot be one', { namespace: 'a/b', command: restart }, /--namespace "a\/b"/],
  ['nothing that disrupts it', {}, /Cannot tell what disrupts the target/],
  ['two that disrupt it', { command: restart, scenario: ['rollout'] }, /--scenario with a command/],
  [
    'a rate without a word',
    { scenario: ['rollout'] },
    /Cannot send 200 requests\/s to a target: above 50 they need --rate/,
  ],
  ['a disruption budget', { scenario: ['eviction-budget'], rate: 20 }, /would add a disruption budget/],
  [
    'a request of the settings that writes',
    { command: restart, requests: [{ method: 'PUT' }] },
    /sends PUT, which may write/,
  ],
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
