import { describe, expect, test } from 'vitest'
import { disruptionSchema, getDisruptionKind } from './disruptions.ts'
import type { Disruption } from './disruptions.ts'
import type { DisruptionEvidence } from './kind.ts'

const old = ['old-a', 'old-b', 'old-c'].map((name) => ({ name, node: 'node-1' }))
const restart: Disruption = { kind: 'rollout-restart' }
const evict: Disruption = { kind: 'evict' }
const autoscale: Disruption = { kind: 'autoscale', to: 5, holdMs: 1000 }
const drain: Disruption = { kind: 'drain' }
const update: Disruption = { kind: 'update', env: { RELEASE: '2' } }
const command: Disruption = { kind: 'command', argv: ['kubectl', 'rollout', 'restart', 'deployment/shop'] }
const own: Disruption = { kind: 'step', name: 'switch', sha256: 'ab'.repeat(32) }
const scaleTo = (to: number): Disruption => ({ kind: 'scale', to })

/** The missing part of the proof, with three old pods. */
function explain(
  disruption: Disruption,
  removed: string[],
  more: { added?: number; addedRemoved?: number; evicted?: string[]; restarted?: string[] } = {},
) {
  const { added = 0, addedRemoved = 0, evicted = [], restarted = [] } = more
  const evidence: DisruptionEvidence = {
    old,
    removed: new Set(removed),
    added,
    addedRemoved,
    evicted: new Set(evicted),
    restarted: new Set(restarted),
  }
  return getDisruptionKind(disruption).explainMissingProof(disruption, evidence)
}

describe('schema', () => {
  test.each<Disruption>([
    restart,
    scaleTo(0),
    evict,
    command,
    { kind: 'evict', budget: { maxUnavailable: 1 } },
    { kind: 'delete' },
    { kind: 'delete', count: 2, gracePeriodSeconds: 1 },
    autoscale,
    drain,
    update,
    { kind: 'update', container: 'app', env: { A: '' }, image: 'shop:2' },
    { kind: 'update', patch: { spec: { minReadySeconds: 3 } } },
    { kind: 'evict', pods: 2 },
    { kind: 'apply', file: 'v2.yaml' },
    own,
  ])('accepts %o as it is', (disruption) => {
    expect(disruptionSchema.parse(disruption)).toEqual(disruption)
  })

  test.each<[what: string, value: unknown, path: string]>([
    ['an unknown kind', { kind: 'reboot' }, 'kind'],
    ['a number of pods below 0', { kind: 'scale', to: -1 }, 'to'],
    ['part of a pod', { kind: 'scale', to: 1.5 }, 'to'],
    ['a budget that allows nothing', { kind: 'evict', budget: { maxUnavailable: 0 } }, 'budget.maxUnavailable'],
    ['a budget without a number', { kind: 'evict', budget: {} }, 'budget.maxUnavailable'],
    ['a deletion of nothing', { kind: 'delete', count: 0 }, 'count'],
    ['a deletion that forgets running pods', { kind: 'delete', gracePeriodSeconds: 0 }, 'gracePeriodSeconds'],
    ['an update of nothing', { kind: 'update', container: 'app' }, ''],
    ['an update by a patch and by an image', { kind: 'update', patch: {}, image: 'shop:2' }, ''],
    ['an eviction of nothing', { kind: 'evict', pods: 0 }, 'pods'],
    ['a file without a name', { kind: 'apply', file: '' }, 'file'],
    ['code without its digest', { kind: 'step', name: 'switch', sha256: 'ab' }, 'sha256'],
    ['an update of no variable', { kind: 'update', env: {} }, 'env'],
    ['a variable that no shell could name', { kind: 'update', env: { '1=': 'x' } }, 'env.1='],
    ['a variable that is no text', { kind: 'update', env: { RELEASE: 2 } }, 'env.RELEASE'],
    ['a peak without pods', { kind: 'autoscale', to: 0, holdMs: 0 }, 'to'],
    ['a peak without a length', { kind: 'autoscale', to: 5 }, 'holdMs'],
    ['a field of another kind', { kind: 'rollout-restart', to: 1 }, ''],
    ['a command without a program', { kind: 'command', argv: [] }, 'argv'],
    ['a misspelt field', { kind: 'evict', budgets: { maxUnavailable: 1 } }, ''],
    ['a misspelt field of a budget', { kind: 'evict', budget: { maxUnavailable: 1, min: 1 } }, 'budget'],
  ])('refuses %s, and says where', (_, value, path) => {
    const { error } = disruptionSchema.safeParse(value)
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
  })
})

describe('nouns', () => {
  test.each<[Disruption, string]>([
    [restart, 'rollout'],
    [scaleTo(2), 'scale-down'],
    [scaleTo(4), 'scale-up'],
    [evict, 'eviction'],
    [{ kind: 'delete', count: 2 }, 'deletion'],
    [update, 'update'],
    [autoscale, 'scaling cycle'],
    [drain, 'node drain'],
    [command, 'command'],
    [{ kind: 'apply', file: 'v2.yaml' }, 'update'],
    [own, 'run'],
  ])('%o of three pods is a %s', (disruption, noun) => {
    expect(getDisruptionKind(disruption).getNoun(disruption, 3)).toBe(noun)
  })
})

test('replicas before: a scale needs another number, a deletion as many, autoscaling fewer', () => {
  const explainAll = (...disruptions: Disruption[]): (string | null)[] =>
    disruptions.map((one) => getDisruptionKind(one).explainImpossible(one, 3))
  expect(explainAll(restart, scaleTo(2), scaleTo(4), evict, update)).toEqual([null, null, null, null, null])
  expect(explainAll(scaleTo(3))).toEqual(['it scales to 3, so nothing would be disrupted'])
  expect(explainAll({ kind: 'delete' }, { kind: 'delete', count: 3 }, { kind: 'delete', count: 4 })).toEqual([
    null,
    null,
    'it deletes 4',
  ])
  expect(explainAll(autoscale, { ...autoscale, to: 3 })).toEqual([null, 'it scales up to 3'])
})

test('replicas: only a scale changes how many there are afterwards', () => {
  const countAfter = (one: Disruption): number | null => getDisruptionKind(one).countReplicasAfter(one, 3)
  expect(
    [restart, evict, update, { kind: 'delete' } as const, scaleTo(1), scaleTo(5), command].map(countAfter),
  ).toEqual([3, 3, 3, 3, 1, 5, null])
})

test('proof: a command has disrupted something when any old pod is gone', () => {
  expect(explain(command, ['old-b'])).toBe(null)
  expect(explain(command, [])).toMatch(/the command replaced no pod/)
})

test('proof: a file that was applied has disrupted something when a pod is gone, or came', () => {
  const applied: Disruption = { kind: 'apply', file: 'v2.yaml' }
  expect(explain(applied, ['old-b'])).toBe(null)
  expect(explain(applied, [], { added: 1 })).toBe(null)
  expect(explain(applied, [])).toBe('nothing was disrupted: v2.yaml moved no pod of the workload')
})

test('proof: of an eviction of some pods, those left and no others had to', () => {
  const two: Disruption = { kind: 'evict', pods: 2 }
  expect(explain(two, ['old-a', 'old-b'], { evicted: ['old-a', 'old-b'] })).toBe(null)
  expect(explain(two, ['old-a'], { evicted: ['old-a', 'old-b'] })).toMatch(/^old-b did not leave/)
  expect(explain(two, ['old-a'], { evicted: ['old-a'] })).toBe('only 1 of 2 evictions were accepted')
  expect(explain({ kind: 'evict', pods: 4 }, [], { evicted: ['old-a'] })).toMatch(/^only 3 of 4 pods to be evicted/)
})

test.each<[Disruption, string]>([
  [restart, 'restarts the rollout'],
  [scaleTo(2), 'scales to 2'],
  [evict, 'evicts every pod'],
  [{ kind: 'evict', pods: 2, budget: { maxUnavailable: 1 } }, 'evicts 2 pods under a budget of 1'],
  [{ kind: 'delete', count: 1, gracePeriodSeconds: 3 }, 'deletes 1 pod within 3 s'],
  [{ kind: 'update', container: 'app', env: { A: '' }, image: 'shop:2' }, 'updates A, the image to shop:2 of app'],
  [{ kind: 'update', patch: {} }, 'patches the workload'],
  [drain, 'drains a node of the workload'],
  [autoscale, 'scales to 5, and back after 1 s'],
  [{ kind: 'apply', file: 'v2.yaml' }, 'applies v2.yaml'],
  [command, 'runs kubectl rollout restart deployment/shop'],
  [own, 'performs switch'],
])('words: %o', (disruption, words) => {
  expect(getDisruptionKind(disruption).describe(disruption)).toBe(words)
})

describe('removal', () => {
  const select = (disruption: Disruption) => getDisruptionKind(disruption).selectRemoval(disruption, old)
  const names = old.map(({ name }) => name)

  test.each<Disruption>([restart, update, evict, { kind: 'delete' }])('%o removes every old pod', (disruption) => {
    expect(select(disruption)).toEqual({ candidates: names, count: 3 })
  })

  test('a scale-down removes as many as are too many, whichever', () => {
    expect(select(scaleTo(1))).toEqual({ candidates: names, count: 2 })
  })

  test('a deletion of some removes the first by name, in whichever order they came', () => {
    const disruption: Disruption = { kind: 'delete', count: 2 }
    const { selectRemoval } = getDisruptionKind(disruption)
    expect(selectRemoval(disruption, old.toReversed())).toEqual({ candidates: ['old-a', 'old-b'], count: 2 })
  })

  test('a drain removes the pods of the node that has most, or of the first of such', () => {
    const place = (...nodes: (string | null)[]) => nodes.map((node, index) => ({ name: `web-${index + 1}`, node }))
    const selectNames = (...nodes: (string | null)[]) =>
      getDisruptionKind(drain).selectRemoval(drain, place(...nodes)).candidates
    expect(selectNames('node-1', 'node-2', 'node-2')).toEqual(['web-2', 'web-3'])
    expect(selectNames('node-2', 'node-1', 'node-2', 'node-1')).toEqual(['web-2', 'web-4'])
    expect(selectNames(null, null, 'node-1')).toEqual(['web-3'])
    expect(selectNames(null)).toEqual([])
  })

  test.each([scaleTo(5), autoscale])('%o may spare all of them', (disruption) => {
    expect(select(disruption).count).toBe(0)
  })
})

describe('proof', () => {
  test.each([restart, update])('of %o: every old pod left', (rollout) => {
    expect(explain(rollout, ['old-a', 'old-b', 'old-c'])).toBeNull()
    expect(explain(rollout, ['old-a'])).toBe('old-b and old-c did not leave before the disruption ended')
    expect(explain(rollout, [])).toBe('nothing was disrupted: no old pod left')
  })

  test('of a scale-down: as many left as had to', () => {
    expect(explain(scaleTo(1), ['old-a', 'old-c'])).toBeNull()
    expect(explain(scaleTo(1), ['old-a'])).toBe('nothing was disrupted: 1 of 2 pods to be removed left')
    expect(explain(scaleTo(2), [])).toBe('nothing was disrupted: 0 of 1 pod to be removed left')
  })

  test('of a scale-up: as many new pods became ready', () => {
    expect(explain(scaleTo(5), [], { added: 2 })).toBeNull()
    expect(explain(scaleTo(5), [], { added: 1 })).toBe('nothing was disrupted: 1 of 2 new pods became ready')
    expect(explain(scaleTo(4), [])).toBe('nothing was disrupted: 0 of 1 new pod became ready')
  })

  test('of a scale to as many as there were: there is none', () => {
    expect(explain(scaleTo(3), [])).toBe('nothing was disrupted: 0 of 0 pods to be removed left')
  })

  test('of an eviction: one was accepted, and each pod left whose eviction was', () => {
    expect(explain(evict, ['old-a', 'old-b', 'old-c'], { evicted: ['old-a', 'old-b', 'old-c'] })).toBeNull()
    expect(explain(evict, ['old-a'], { evicted: ['old-a'] })).toBeNull()
    expect(explain(evict, ['old-a', 'old-b', 'old-c'])).toBe('nothing was disrupted: no eviction was accepted')
    expect(explain(evict, ['old-a'], { evicted: ['old-a', 'old-b'] })).toBe(
      'old-b did not leave before the disruption ended',
    )
  })

  test('of a deletion: each pod left that was to be deleted, and there were as many', () => {
    const deleteTwo: Disruption = { kind: 'delete', count: 2 }
    expect(explain(deleteTwo, ['old-a', 'old-b'])).toBeNull()
    expect(explain(deleteTwo, ['old-a', 'old-c'])).toBe('old-b did not leave before the disruption ended')
    expect(explain(deleteTwo, ['old-c'])).toBe('nothing was disrupted: no old pod left')
    expect(explain({ kind: 'delete' }, ['old-a', 'old-b'])).toBe('old-c did not leave before the disruption ended')
    expect(explain({ kind: 'delete', count: 4 }, ['old-a', 'old-b', 'old-c'])).toBe(
      'only 3 of 4 pods to be deleted were there',
    )
  })

  test('of what was observed: a pod left or came, or a container was started again', () => {
    const rollout: Disruption = { kind: 'observed', what: 'rollout' }
    const nothing = 'nothing was disrupted: no pod of the workload left, and none came'
    expect([explain(rollout, ['old-a']), explain(rollout, [], { added: 1 })]).toEqual([null, null])
    expect(explain(rollout, [], { restarted: ['old-a'] })).toBe(nothing)
    for (const what of ['node-drain', 'eviction', 'scale-down', 'deletion'] as const) {
      const left: Disruption = { kind: 'observed', what }
      expect(explain(left, [], { added: 1 })).toBe('nothing was disrupted: no pod of the workload left')
      expect([explain(left, ['old-a']), explain(left, [], { added: 1, addedRemoved: 1 })]).toEqual([null, null])
    }
    const restarted: Disruption = { kind: 'observed', what: 'container-restart' }
    expect(explain(restarted, [], { restarted: ['old-a'] })).toBeNull()
    expect(explain(restarted, [])).toBe('nothing was disrupted: no container of the workload restarted')
  })

  test('of a drain: an eviction was accepted, and the node’s pods left', () => {
    const [a, b] = old
    const there = [a, { ...b, node: 'node-2' }, { name: 'old-c', node: 'node-2' }] as typeof old
    const explainDrain = (removed: string[], evicted: string[], pods = there): string | null =>
      getDisruptionKind(drain).explainMissingProof(drain, {
        old: pods,
        removed: new Set(removed),
        added: 0,
        addedRemoved: 0,
        evicted: new Set(evicted),
        restarted: new Set(),
      })
    expect(explainDrain(['old-b', 'old-c'], ['old-b', 'old-c'])).toBeNull()
    expect(explainDrain(['old-b', 'old-c'], ['old-b'])).toBeNull()
    expect(explainDrain(['old-b'], ['old-b', 'old-c'])).toBe('old-c did not leave before the disruption ended')
    expect(explainDrain(['old-b', 'old-c'], [])).toBe('nothing was disrupted: no eviction was accepted')
    expect(explainDrain(['old-a'], ['old-a'])).toBe('nothing was disrupted: no eviction was accepted')
    expect(explainDrain([], [], [{ name: 'old-a', node: null }] as unknown as typeof old)).toBe(
      'nothing was disrupted: no old pod was on a node',
    )
  })

  test('of autoscaling: as many new pods became ready, and then as many left, old or new', () => {
    expect(explain(autoscale, [], { added: 2, addedRemoved: 2 })).toBeNull()
    expect(explain(autoscale, ['old-a'], { added: 2, addedRemoved: 1 })).toBeNull()
    expect(explain(autoscale, ['old-a'], { added: 2 })).toBe('1 of 2 pods to be removed left')
    expect(explain(autoscale, ['old-a', 'old-b'], { added: 1 })).toBe(
      'nothing was disrupted: 1 of 2 new pods became ready',
    )
    expect(explain({ ...autoscale, to: 3 }, [])).toBe('nothing was disrupted: 0 of 0 new pods became ready')
  })

  test('of an eviction: one of a pod that is not the workload’s proves nothing', () => {
    expect(explain(evict, [], { evicted: ['other'] })).toBe('nothing was disrupted: no old pod left')
  })
})
