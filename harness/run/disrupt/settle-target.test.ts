import { expect, test } from 'vitest'
import type { WorkloadKind } from '../../model/workload.ts'
import type { Controller } from '../deploy/workload-api.ts'
import { countReplicas, explainUnsettledController } from './settle-target.ts'

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
  ['a StatefulSet that nobody has updated', 'StatefulSet', three, { ...ready, updatedReplicas: 0 }, null],
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
    'one whose pods somebody else deletes',
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
    'one whose pods somebody else deletes',
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
