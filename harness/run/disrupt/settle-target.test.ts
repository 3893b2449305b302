import type { V1Pod } from '@kubernetes/client-node'
import { describe, expect, test } from 'vitest'
import type { WorkloadKind } from '../../model/workload.ts'
import type { Controller } from '../deploy/workload-api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { buildSampleWorkload } from '../../model/workload.ts'
import {
  countReplicas,
  explainUnsettledController,
  explainUnsettledPods,
  waitUntilTargetAtRest,
} from './settle-target.ts'

/** `web-1 terminating`, `web-4 ended` in the meantime, `web-2 starting`, `web-3 failed`; any other is ready. */
function buildPods(...texts: string[]): V1Pod[] {
  return texts.map((text) => {
    const [name = '', state] = text.split(' ')
    const conditions = [{ type: 'Ready', status: state === undefined || state === 'terminating' ? 'True' : 'False' }]
    return {
      metadata: { name, ...(['terminating', 'ended'].includes(state ?? '') && { deletionTimestamp: new Date() }) },
      status: { phase: phases[state ?? ''] ?? 'Running', conditions },
    }
  })
}

const phases: Record<string, string> = { failed: 'Failed', ended: 'Succeeded' }

describe('pods', () => {
  test.each<[what: string, pods: string[], why: string | null]>([
    ['as many as wanted, all ready', ['a', 'b', 'c'], null],
    ['one that terminates beside enough others', ['a', 'b', 'c', 'd terminating'], 'still present: d'],
    ['one that terminates, and whose containers have ended', ['a', 'b', 'c', 'd ended'], 'still present: d'],
    ['one that is not ready', ['a', 'b', 'c starting'], 'not ready: c'],
    ['one that its kubelet evicted stays as an object', ['a', 'b', 'c', 'd failed'], null],
    ['one has gone of which its controller has not heard', ['a', 'b'], '2 of 3 pods'],
    ['none at all', [], '0 of 3 pods'],
    ['one too many', ['a', 'b', 'c', 'd'], '4 of 3 pods'],
  ])('%s', (_, pods, why) => {
    expect(explainUnsettledPods(buildPods(...pods), 3)).toBe(why)
  })
})

const template = { spec: { containers: [] } }
const three = { replicas: 3, template }
const metadata = { generation: 2 }
const seen = { observedGeneration: 2 }
const ready = { ...seen, replicas: 3, updatedReplicas: 3, availableReplicas: 3 }
const revisions = { currentRevision: 'a', updateRevision: 'b' }
const daemons = { ...seen, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }
const onDelete = { updateStrategy: { type: 'OnDelete' } }
const fromSecond = { updateStrategy: { rollingUpdate: { partition: 2 } } }

test.each<[what: string, kind: WorkloadKind, spec: Controller['spec'], status: Controller['status'], string | null]>([
  ['a Deployment whose pods are all there', 'Deployment', three, ready, null],
  ['one that is just created', 'Deployment', three, undefined, 'its controller has not seen its latest change'],
  [
    'an update that began',
    'Deployment',
    three,
    { ...ready, updatedReplicas: 1 },
    '1 of 3 pods are of the new template',
  ],
  ['a pod of the old template', 'Deployment', three, { ...ready, replicas: 4 }, '4 pods, of 3'],
  ['a pod that is not available', 'Deployment', three, { ...ready, availableReplicas: 2 }, '2 of 3 pods are available'],
  ['a StatefulSet without an update', 'StatefulSet', three, { ...ready, updatedReplicas: 0 }, null],
  [
    'one that is updated',
    'StatefulSet',
    three,
    { ...ready, ...revisions, updatedReplicas: 2 },
    '2 of 3 pods are of the new template',
  ],
  [
    'one whose revision is not told yet',
    'StatefulSet',
    three,
    { ...ready, ...revisions },
    'its revision b is not the current one yet',
  ],
  [
    'one that is updated from a pod on',
    'StatefulSet',
    { ...three, ...fromSecond },
    { ...ready, ...revisions, updatedReplicas: 1 },
    null,
  ],
  [
    'one whose pods are deleted by hand',
    'StatefulSet',
    { ...three, ...onDelete },
    { ...ready, ...revisions, updatedReplicas: 0 },
    null,
  ],
  ['one that lacks a pod', 'StatefulSet', three, { ...ready, availableReplicas: 2 }, '2 of 3 pods are available'],
  ['a DaemonSet on every node', 'DaemonSet', { template }, daemons, null],
  [
    'one that is updated',
    'DaemonSet',
    { template },
    { ...daemons, updatedNumberScheduled: 1 },
    '1 of 3 pods are of the new template',
  ],
  [
    'one whose pods are deleted by hand',
    'DaemonSet',
    { template, ...onDelete },
    { ...daemons, updatedNumberScheduled: 0 },
    null,
  ],
  ['one that lacks a pod', 'DaemonSet', { template }, { ...daemons, numberAvailable: 2 }, '2 of 3 pods are available'],
])('controller: %s (%s)', (...[, kind, spec, status, expected]) => {
  const controller = { metadata, ...(spec && { spec }), ...(status && { status }) }
  expect(explainUnsettledController(kind, controller)).toBe(expected)
})

test('controller: how many pods it is to have', () => {
  expect(countReplicas('StatefulSet', { spec: three })).toBe(3)
  expect(countReplicas('Deployment', { spec: { template } })).toBe(1)
  expect(countReplicas('DaemonSet', { spec: { template }, status: daemons })).toBe(3)
  expect(countReplicas('DaemonSet', { spec: { template } })).toBe(0)
})

describe('an API server that cannot be read', () => {
  /** A Deployment of no pods that is at rest, once `failures` reads of it have failed. */
  const waitWith = async (failures: number, error: Error, limitMs = 5_000): Promise<number> => {
    let asked = 0
    const status = { observedGeneration: 1, replicas: 0, updatedReplicas: 0, availableReplicas: 0 }
    const readNamespacedDeployment = async (): Promise<Controller> => {
      if (asked++ < failures) throw error
      return { metadata: { generation: 1 }, spec: { replicas: 0, template }, status }
    }
    const api = {
      apps: { readNamespacedDeployment },
      core: { listNamespacedPod: async () => ({ items: [] }) },
    } as unknown as KubeApi
    const { signal } = new AbortController()
    const workload = buildSampleWorkload({ workMs: 0 })
    await waitUntilTargetAtRest({ api, namespace: 'n', workload, pods: new Map(), limitMs, signal })
    return asked
  }

  test('is asked again: it is gone for some seconds when it restarts', async () => {
    expect(await waitWith(2, new Error('socket hang up'))).toBe(3)
    // Until it has read its roles it forbids everything; a Deployment may be deleted and created again.
    for (const code of [403, 404, 503]) expect(await waitWith(1, Object.assign(new Error('no'), { code }))).toBe(2)
  })

  test('until the limit, and its last words are told', async () => {
    await expect(waitWith(Infinity, new Error('socket hang up'), 300)).rejects.toThrow(
      /Timed out .* last seen: Cannot read Deployment web: socket hang up/,
    )
  })
})
