import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { startApiProxy } from '../../testing/api-proxy.ts'
import { createApi } from '../api.ts'
import {
  canDoEverything,
  disruptionPermissions,
  findMissingPermissions,
  listRunPermissions,
  optionalIngressPermissions,
  permissions,
  sweepPermissions,
  formatPermissions,
} from './permissions.ts'

interface Role {
  kind: string
  metadata: { name: string }
  rules: Rule[]
}

interface Rule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}

const expandVerbs = (list: readonly { group: string; resource: string; verbs: readonly string[] }[]): string[] =>
  list.flatMap(({ group, resource, verbs }) => verbs.map((verb) => `${verb} ${resource}.${group}`)).sort()

test('permissions: the roles in manifests/rbac grant them and nothing else, nodes by a role of their own', () => {
  const roles = ['nodrop', 'drain'].map((name) => {
    const path = join(import.meta.dirname, '../../../manifests/rbac', `${name}.yaml`)
    return parse(readFileSync(path, 'utf8')) as Role
  })
  expect(roles.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'ClusterRole nodrop',
    'ClusterRole nodrop-drain',
  ])
  const granted = roles.map(({ rules }) =>
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.map((resource) => ({ group, resource, verbs }))),
    ),
  )
  const { drain = [], ...others } = disruptionPermissions
  const expected = [[...permissions, ...optionalIngressPermissions, ...Object.values(others).flat()], drain]
  expect(granted.map(expandVerbs)).toEqual(expected.map(expandVerbs))
})

test('permissions: what a disruption needs beside is asked for once, where it is planned', () => {
  expect(listRunPermissions(['evict', 'scale'])).toEqual(permissions)
  expect(formatPermissions(listRunPermissions(['delete', 'evict', 'delete']).slice(permissions.length))).toBe(
    'delete pods',
  )
})

test('permissions: a sweep needs no more than a run', () => {
  expect(expandVerbs(permissions)).toEqual(expect.arrayContaining(expandVerbs(sweepPermissions)))
})

test('permissions: what is denied is found by access reviews', async () => {
  await using front = await startApiProxy()
  const asked: Record<string, unknown>[] = []
  front.answer = ({ body }) => {
    const { resourceAttributes } = (JSON.parse(body) as { spec: { resourceAttributes: Record<string, unknown> } }).spec
    asked.push(resourceAttributes)
    const denied = resourceAttributes['verb'] === 'watch' || resourceAttributes['subresource'] === 'eviction'
    return { status: 201, body: { status: { allowed: !denied } } }
  }
  const api = createApi(front.kubeconfig('x').replace('{', '{"current-context":"x",'))
  const missing = await findMissingPermissions(api, permissions)
  expect(formatPermissions(missing)).toBe(
    'watch events; watch pods; create pods/eviction; watch endpointslices.discovery.k8s.io',
  )
  expect(asked).toHaveLength(expandVerbs(permissions).length)
  expect(asked).toContainEqual({ group: '', verb: 'create', resource: 'namespaces' })
  const namespace = 'nodrop-preflight'
  expect(asked).toContainEqual({ group: '', verb: 'create', resource: 'pods', subresource: 'eviction', namespace })
  expect(asked).toContainEqual({ group: 'apps', verb: 'patch', resource: 'deployments', namespace })
  expect(await canDoEverything(api)).toBe(true)
  expect(asked.at(-1)).toEqual({ group: '*', verb: '*', resource: '*' })
  await findMissingPermissions(api, disruptionPermissions.drain ?? [])
  // Not namespaced, like namespaces themselves.
  expect(asked.at(-1)).toEqual({ group: '', verb: 'patch', resource: 'nodes' })
  api.close()
})
