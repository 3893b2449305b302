import { describe, expect, test } from 'vitest'
import { disruptionSchema, getDisruptionKind } from './disruptions.ts'
import type { Disruption } from './disruptions.ts'
import type { DisruptionEvidence } from './kind.ts'

const old = ['old-a', 'old-b', 'old-c'].map((name) => ({ name, node: 'node-1' }))
const restart: Disruption = { kind: 'rollout-restart' }
const evict: Disruption = { kind: 'evict' }
const command: Disruption = { kind: 'command', argv: ['kubectl', 'rollout', 'restart', 'deployment/shop'] }
const scaleTo = (to: number): Disruption => ({ kind: 'scale', to })

/** What is missing from the proof, of three old pods. */
function explain(disruption: Disruption, removed: string[], more: { added?: number; evicted?: string[] } = {}) {
  const { added = 0, evicted = [] } = more
  const evidence: DisruptionEvidence = { old, removed: new Set(removed), added, evicted: new Set(evicted) }
  return getDisruptionKind(disruption).explainMissingProof(disruption, evidence)
}

describe('schema', () => {
  test.each<Disruption>([restart, scaleTo(0), evict, command, { kind: 'evict', budget: { maxUnavailable: 1 } }])(
    'accepts %o as it is',
    (disruption) => {
      expect(disruptionSchema.parse(disruption)).toEqual(disruption)
    },
  )

  test.each<[what: string, value: unknown, path: string]>([
    ['an unknown kind', { kind: 'reboot' }, 'kind'],
    ['a number of pods below 0', { kind: 'scale', to: -1 }, 'to'],
    ['part of a pod', { kind: 'scale', to: 1.5 }, 'to'],
    ['a budget that allows nothing', { kind: 'evict', budget: { maxUnavailable: 0 } }, 'budget.maxUnavailable'],
    ['a budget without a number', { kind: 'evict', budget: {} }, 'budget.maxUnavailable'],
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
    [command, 'command'],
  ])('%o of three pods is a %s', (disruption, noun) => {
    expect(getDisruptionKind(disruption).getNoun(disruption, 3)).toBe(noun)
  })
})

test('effect: only a scale to as many pods as there are changes nothing', () => {
  const explainAll = (...disruptions: Disruption[]): (string | null)[] =>
    disruptions.map((one) => getDisruptionKind(one).explainNoEffect(one, 3))
  expect(explainAll(restart, scaleTo(2), scaleTo(4), evict)).toEqual([null, null, null, null])
  expect(explainAll(scaleTo(3))).toEqual(['it scales to 3'])
})

test('replicas: only a scale changes how many there are afterwards', () => {
  const countAfter = (one: Disruption): number | null => getDisruptionKind(one).countReplicasAfter(one, 3)
  expect([restart, evict, scaleTo(1), scaleTo(5), command].map(countAfter)).toEqual([3, 3, 1, 5, null])
})

test('proof: a command has disrupted something when any old pod is gone', () => {
  expect(explain(command, ['old-b'])).toBe(null)
  expect(explain(command, [])).toMatch(/the command replaced no pod/)
})

describe('removal', () => {
  const select = (disruption: Disruption) => getDisruptionKind(disruption).selectRemoval(disruption, old)
  const names = old.map(({ name }) => name)

  test.each([restart, evict])('%o removes every old pod', (disruption) => {
    expect(select(disruption)).toEqual({ candidates: names, count: 3 })
  })

  test('a scale-down removes as many as are too many, whichever', () => {
    expect(select(scaleTo(1))).toEqual({ candidates: names, count: 2 })
  })

  test('a scale-up spares all of them', () => {
    expect(select(scaleTo(5)).count).toBe(0)
  })
})

describe('proof', () => {
  test('of a rollout: every old pod left', () => {
    expect(explain(restart, ['old-a', 'old-b', 'old-c'])).toBeNull()
    expect(explain(restart, ['old-a'])).toBe('old-b and old-c did not leave before the disruption ended')
    expect(explain(restart, [])).toBe('nothing was disrupted: no old pod left')
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

  test('of an eviction: one of a pod that is not the workload’s proves nothing', () => {
    expect(explain(evict, [], { evicted: ['other'] })).toBe('nothing was disrupted: no old pod left')
  })
})
