import { describe, expect, test } from 'vitest'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import type { PodSnapshot } from '../../model/record.ts'
import { explainUnsettled, waitUntilSettled } from './settle.ts'

const old = ['old-a', 'old-b', 'old-c'].map((name) => ({ name, node: 'node-1' }))
const restart: Disruption = { kind: 'rollout-restart' }

/** Pods as they are there now: `web-1 terminating`, `web-2 starting`, any other is ready. */
function buildPods(...texts: string[]): Map<string, PodSnapshot> {
  return new Map(
    texts.map((text) => {
      const [name = '', state] = text.split(' ')
      const terminating = state === 'terminating'
      const ready = state === undefined
      const phase = state === 'failed' ? 'Failed' : 'Running'
      const pod = { name, uid: name, node: 'node-1', ip: null, phase, ready, terminating }
      return [name, { ...pod, graceSeconds: null, containers: [] }]
    }),
  )
}

function explain(disruption: Disruption, ...pods: string[]): string | null {
  return explainUnsettled({ disruption, replicas: 3, old, pods: buildPods(...pods) })
}

describe('after a rolling restart', () => {
  test.each<[string, string[], string | null]>([
    ['settled: new pods only, all ready', ['new-a', 'new-b', 'new-c'], null],
    ['an old pod that nobody has deleted yet', ['old-a', 'new-b', 'new-c'], 'still present: old-a'],
    [
      'an old pod that terminates beside enough new ones',
      ['old-a terminating', 'new-a', 'new-b', 'new-c'],
      'still present: old-a; 4 of 3 pods',
    ],
    ['a new pod that is not ready', ['new-a', 'new-b', 'new-c starting'], 'not ready: new-c'],
    ['a new pod that terminates', ['new-a', 'new-b', 'new-c terminating'], 'still present: new-c'],
    ['a pod that its kubelet evicted stays as an object', ['new-a', 'new-b', 'new-c', 'new-d failed'], null],
    ['too few pods', ['new-a', 'new-b'], '2 of 3 pods'],
    ['no pod at all', [], '0 of 3 pods'],
  ])('%s', (_, pods, expected) => {
    expect(explain(restart, ...pods)).toBe(expected)
  })
})

describe('after a scale-down', () => {
  const scale: Disruption = { kind: 'scale', to: 1 }

  test('spared: the pods that the controller has chosen may stay', () => {
    expect(explain(scale, 'old-b')).toBeNull()
    expect(explain(scale, 'old-c')).toBeNull()
  })

  test('removed: so many have to leave, whichever', () => {
    expect(explain(scale, 'old-a', 'old-b', 'old-c')).toBe('2 of old-a, old-b, old-c must leave; 3 of 1 pods')
    expect(explain(scale, 'old-a', 'old-b terminating')).toBe('still present: old-b; 2 of 1 pods')
  })
})

test('after a scale-up: every old pod stays', () => {
  const scale: Disruption = { kind: 'scale', to: 4 }
  expect(explain(scale, 'old-a', 'old-b', 'old-c')).toBe('3 of 4 pods')
  expect(explain(scale, 'old-a', 'old-b', 'old-c', 'new-a starting')).toBe('not ready: new-a')
  expect(explain(scale, 'old-a', 'old-b', 'old-c', 'new-a')).toBeNull()
})

test('waiting: it ends as soon as the pods have settled', async () => {
  const pods = buildPods('old-a', 'new-b', 'new-c')
  const { signal } = new AbortController()
  const settled = waitUntilSettled({ disruption: restart, replicas: 3, old, pods, limitMs: 60_000, signal })
  pods.delete('old-a')
  for (const [name, pod] of buildPods('new-a')) pods.set(name, pod)
  await expect(settled).resolves.toBeUndefined()
})

test('waiting: it ends at the limit, and says which pods are still there', async () => {
  const pods = buildPods('old-a', 'new-b', 'new-c')
  const { signal } = new AbortController()
  const waiting = waitUntilSettled({ disruption: restart, replicas: 3, old, pods, limitMs: 100, signal })
  await expect(waiting).rejects.toMatchObject({
    kind: 'unknown',
    message: expect.stringMatching(/0\.1 s .*the old pods to terminate.* still present: old-a$/) as string,
  })
})
