import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import {
  attachPermissions,
  disruptPermissions,
  optionalTargetPermissions,
  targetPermissions,
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

test.each<[role: string, wanted: readonly Permission[]]>([
  ['nodrop-attach', attachPermissions],
  ['nodrop-target', [...targetPermissions, ...optionalTargetPermissions]],
  ['nodrop-disrupt', Object.values(disruptPermissions).flatMap((needed) => needed ?? [])],
])('attach.yaml: the role %s grants what is needed and nothing else', (name, wanted) => {
  const granted = roles
    .filter(({ metadata }) => metadata.name === name)
    .flatMap(({ rules }) => rules)
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.map((resource) => ({ group, resource, verbs }))),
    )
  expect(expandVerbs(granted)).toEqual(expandVerbs(wanted))
})
