import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { controllerKinds, workloadKinds } from '../../model/workload.ts'
import type { WorkloadKind } from '../../model/workload.ts'
import type { Disruption } from '../../model/disruptions/disruptions.ts'
import {
  attachPermissions,
  listDisruptPermissions,
  listTargetPermissions,
  optionalTargetPermissions,
  outsidePermissions,
} from './attach-permissions.ts'
import type { Permission } from './permissions.ts'

interface Role {
  metadata: { name: string }
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[]
}

const path = join(import.meta.dirname, '../../../manifests/rbac/attach.yaml')
const roles = parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as Role)

const expandVerbs = (list: readonly Permission[]): string[] =>
  [...new Set(list.flatMap(({ group, resource, verbs }) => verbs.map((verb) => `${verb} ${resource}.${group}`)))].sort()

/** The disruptions of `--scenario` that nodrop performs on a target of each kind. */
const performed: Record<WorkloadKind, Disruption['kind'][]> = {
  Deployment: ['rollout-restart', 'scale', 'autoscale', 'evict', 'delete'],
  StatefulSet: ['rollout-restart', 'scale', 'autoscale', 'evict', 'delete'],
  DaemonSet: ['rollout-restart', 'evict', 'delete'],
  Service: ['evict', 'delete'],
}

test.each<[role: string, wanted: readonly Permission[]]>([
  ['nodrop-attach', attachPermissions],
  ['nodrop-target', [...workloadKinds.flatMap(listTargetPermissions), ...optionalTargetPermissions]],
  [
    'nodrop-disrupt',
    workloadKinds.flatMap((kind) => performed[kind].flatMap((disruption) => listDisruptPermissions(disruption, kind))),
  ],
])('attach.yaml: the role %s grants what is needed and nothing else', (name, wanted) => {
  const granted = roles
    .filter(({ metadata }) => metadata.name === name)
    .flatMap(({ rules }) => rules)
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.map((resource) => ({ group, resource, verbs }))),
    )
  expect(expandVerbs(granted)).toEqual(expandVerbs(wanted))
})

test('attach: what the load from outside needs is part of the role', () => {
  expect(expandVerbs(attachPermissions)).toEqual(expect.arrayContaining(expandVerbs(outsidePermissions)))
})

test('attach: a target needs what its own kind takes, and only a Service all of them', () => {
  const listControllers = (kind: WorkloadKind): string[] =>
    expandVerbs(listTargetPermissions(kind)).filter((one) => one.endsWith('.apps'))
  expect(controllerKinds.flatMap(listControllers)).toEqual([
    'get deployments.apps',
    'get statefulsets.apps',
    'get daemonsets.apps',
  ])
  expect(listControllers('Service')).toHaveLength(6)
})

test('attach: a drain needs evictions, and drain.yaml', () => {
  const path = join(import.meta.dirname, '../../../manifests/rbac/drain.yaml')
  const [role] = parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as Role)
  const ofNodes = listDisruptPermissions('drain', 'Deployment').find(({ resource }) => resource === 'nodes')
  expect(role?.rules).toEqual([{ apiGroups: [''], resources: ['nodes'], verbs: ofNodes?.verbs }])
})
