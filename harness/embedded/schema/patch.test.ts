import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEqualJson } from '../store/json.ts'
import type { Json, JsonObject } from '../store/json.ts'
import { applyJsonPatch, applyMergePatch } from './patch-json.ts'
import { applyStrategicPatch } from './patch-strategic.ts'
import { getAtPath } from './schema.ts'
import { ApiError } from './status.ts'

function catchCause(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof ApiError) return error.status.details?.causes?.[0]?.message ?? error.message
    throw error
  }
  return 'none'
}

// RFC 7386, appendix A.
const mergeCases: [Json, Json, Json][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
]
test.each(mergeCases)('Patch: merges %j with %j into %j', (target, patch, expected) => {
  expect(applyMergePatch(target, patch)).toEqual(expected)
})

// RFC 6902, appendix A.
const jsonCases: [string, JsonObject, Json, Json][] = [
  ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
  ['A.2', { foo: ['a', 'b'] }, [{ op: 'add', path: '/foo/1', value: 'q' }], { foo: ['a', 'q', 'b'] }],
  ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  ['A.4', { foo: ['a', 'q', 'b'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['a', 'b'] }],
  ['A.5', { baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
  [
    'A.6',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  ['A.7', { foo: ['a', 'b', 'c'] }, [{ op: 'move', from: '/foo/0', path: '/foo/2' }], { foo: ['b', 'c', 'a'] }],
  ['A.8', { baz: ['a', 2] }, [{ op: 'test', path: '/baz/1', value: 2 }], { baz: ['a', 2] }],
  ['A.11', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }], { foo: 'bar', baz: 'qux' }],
  ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
  ['A.16', { foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc'] }], { foo: ['bar', ['abc']] }],
  ['copy', { a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
]
test.each(jsonCases)('Patch: applies the JSON patch of RFC 6902 %s', (_, target, patch, expected) => {
  expect(applyJsonPatch(target, patch)).toEqual(expected)
})

test('Patch: a JSON patch that does not fit changes nothing', () => {
  const target = { foo: 'bar', list: [1] }
  const catchOperationCause = (operation: JsonObject): string => catchCause(() => applyJsonPatch(target, [operation]))
  expect(catchOperationCause({ op: 'test', path: '/foo', value: 'x' })).toBe('testing value /foo failed')
  expect(catchOperationCause({ op: 'add', path: '/a/b', value: 1 })).toBe('the path /a does not exist')
  expect(catchOperationCause({ op: 'remove', path: '/nothing' })).toBe('the path /nothing does not exist')
  expect(catchOperationCause({ op: 'replace', path: '/nothing', value: 1 })).toBe('the path /nothing does not exist')
  expect(catchOperationCause({ op: 'add', path: '/list/01', value: 1 })).toBe("'01' is no index of a list")
  expect(catchOperationCause({ op: 'add', path: '/list/9', value: 1 })).toBe('the path /list/9 does not exist')
  expect(catchOperationCause({ op: 'bake', path: '/foo' })).toBe('Unexpected kind: bake')
  expect(catchOperationCause({ op: 'add', path: '/foo' })).toBe('operation add has no value')
  expect(target).toEqual({ foo: 'bar', list: [1] })
})

test('Patch: no patch reaches a prototype', () => {
  const evil = JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject
  applyMergePatch({}, evil)
  applyStrategicPatch({}, evil, 'V1Pod')
  applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }])
  expect(catchCause(() => applyJsonPatch({}, [{ op: 'add', path: '/__proto__/polluted', value: true }]))).toContain(
    'does not exist',
  )
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

const createTemplate = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } })
const applyPatch = (before: JsonObject, patch: JsonObject): unknown => {
  return getAtPath(
    applyStrategicPatch(createTemplate(before), createTemplate(patch), 'V1Deployment'),
    'spec.template.spec',
  )
}

// https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
test('Patch: adds a container to the list and replaces the tolerations', () => {
  const before = {
    containers: [{ name: 'patch-demo-ctr', image: 'nginx' }],
    tolerations: [{ effect: 'NoSchedule', key: 'dedicated', value: 'test-team' }],
  }
  expect(applyPatch(before, { containers: [{ name: 'patch-demo-ctr-2', image: 'redis' }] })).toEqual({
    ...before,
    containers: [
      { name: 'patch-demo-ctr', image: 'nginx' },
      { name: 'patch-demo-ctr-2', image: 'redis' },
    ],
  })
  const tolerations = [{ effect: 'NoSchedule', key: 'disktype', value: 'ssd' }]
  expect(applyPatch(before, { tolerations })).toEqual({ ...before, tolerations })
})

test('Patch: retains only the named keys of a strategy', () => {
  const rolling = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }
  const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }
  expect(applyStrategicPatch(rolling, patch, 'V1Deployment')).toEqual({ spec: { strategy: { type: 'Recreate' } } })
})

test('Patch: merges nested lists by their own keys', () => {
  const before = {
    containers: [
      {
        name: 'web',
        env: [{ name: 'A', value: '1' }],
        ports: [{ containerPort: 80 }],
        volumeMounts: [{ mountPath: '/x', name: 'x' }],
        args: ['a'],
      },
    ],
  }
  const patch = {
    containers: [
      {
        name: 'web',
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '3' },
        ],
        ports: [{ containerPort: 80, name: 'http' }],
        volumeMounts: [{ mountPath: '/y', name: 'y' }],
        args: ['b'],
      },
    ],
  }
  expect(applyPatch(before, patch)).toEqual({
    containers: [
      {
        name: 'web',
        env: [
          { name: 'A', value: '3' },
          { name: 'B', value: '2' },
        ],
        ports: [{ containerPort: 80, name: 'http' }],
        volumeMounts: [
          { mountPath: '/x', name: 'x' },
          { mountPath: '/y', name: 'y' },
        ],
        args: ['b'],
      },
    ],
  })
})

test('Patch: directives delete, replace and order elements', () => {
  const containers = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
  expect(applyPatch({ containers }, { containers: [{ name: 'b', $patch: 'delete' }] })).toEqual({
    containers: [{ name: 'a' }, { name: 'c' }],
  })
  expect(applyPatch({ containers }, { containers: [{ name: 'z' }, { $patch: 'replace' }] })).toEqual({
    containers: [{ name: 'z' }],
  })
  const order = { '$setElementOrder/containers': [{ name: 'c' }, { name: 'new' }, { name: 'a' }] }
  // Only the server knows `b`: it keeps its place before `c`.
  expect(applyPatch({ containers }, { ...order, containers: [{ name: 'new' }] })).toEqual({
    containers: [{ name: 'b' }, { name: 'c' }, { name: 'new' }, { name: 'a' }],
  })
})

test('Patch: null, $patch: replace and $patch: delete', () => {
  const before = { nodeSelector: { disk: 'ssd', zone: 'a' }, hostname: 'x' }
  expect(applyPatch(before, { nodeSelector: { zone: null } })).toEqual({ nodeSelector: { disk: 'ssd' }, hostname: 'x' })
  const replace = { nodeSelector: { $patch: 'replace', gpu: 'yes' }, hostname: null }
  expect(applyPatch(before, replace)).toEqual({ nodeSelector: { gpu: 'yes' } })
  expect(applyPatch(before, { nodeSelector: { $patch: 'delete' } })).toEqual({ nodeSelector: {}, hostname: 'x' })
})

test('Patch: lists merge by their own keys, finalizers as a set', () => {
  const before = {
    metadata: { finalizers: ['a', 'b'], ownerReferences: [{ uid: '1', name: 'x' }] },
    status: { conditions: [{ type: 'Ready', status: 'False' }] },
  }
  const patch = {
    metadata: {
      finalizers: ['c'],
      '$deleteFromPrimitiveList/finalizers': ['a'],
      ownerReferences: [
        { uid: '1', $patch: 'delete' },
        { uid: '2', name: 'y' },
      ],
    },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Initialized', status: 'True' },
      ],
    },
  }
  expect(applyStrategicPatch(before, patch, 'V1Pod')).toEqual({
    metadata: { finalizers: ['b', 'c'], ownerReferences: [{ uid: '2', name: 'y' }] },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Initialized', status: 'True' },
      ],
    },
  })
})

test('Patch: refuses list elements without their merge key', () => {
  const message = 'does not contain declared merge key: name'
  expect(catchCause(() => applyPatch({ containers: [] }, { containers: [{ image: 'x' }] }))).toContain(message)
})

test('Patch: applying one twice is the same as once', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd')
  const element = fc.record({ name, image: fc.constantFrom('x', 'y') }).map((one) => one as JsonObject)
  const list = fc.uniqueArray(element, { selector: (one) => one['name'] })
  const deletions = fc.uniqueArray(name).map((names) => names.map((one) => ({ name: one, $patch: 'delete' })))
  fc.assert(
    fc.property(list, list, deletions, (containers, changes, gone) => {
      const patch = {
        containers: [...changes.filter((one) => !gone.some(({ name }) => name === one['name'])), ...gone],
      }
      const before = structuredClone({ containers, patch })
      const once = applyPatch({ containers }, patch) as JsonObject
      expect(isEqualJson(applyPatch(once, patch), once)).toBe(true)
      expect({ containers, patch }).toEqual(before)
    }),
  )
})
