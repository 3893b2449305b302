import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatApiVersion, kinds } from '../store/objects.ts'
import type { Plural } from '../store/objects.ts'
import { decodeProtobuf } from '../schema/protobuf.ts'
import { ApiError } from '../schema/status.ts'
import { createTestDeployment, createTestPod, startTestApi } from '../testing/test-api.ts'

const plurals = Object.keys(kinds) as Plural[]
const formatPath = (plural: Plural, name = ''): string => {
  const info = kinds[plural]
  const base = info.group === '' ? '/api/v1' : `/apis/${formatApiVersion(info)}`
  return `${base}${info.namespaced ? '/namespaces/default' : ''}/${plural}${name}`
}

const keys = ['metadata', 'spec', 'status', 'name', 'labels', 'template', 'containers', 'ports', 'selector', '$patch']
const more = [
  '__proto__',
  'lifecycle',
  'preStop',
  'sleep',
  'seconds',
  'rollingUpdate',
  'finalizers',
  'clusterIP',
  'env',
]
const key = fc.constantFrom(...keys, ...more, 'replicas', 'matchLabels', 'endpoints', 'involvedObject', 'strategy')
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom(null, true, -1, 1.5, 2 ** 40, '', 'x', '25%', 'None', '10.96.0.10', 'replace', 'delete'),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
  ),
}))

test('API: no object and no patch, however strange, makes the API fail', async () => {
  await using api = await startTestApi()
  api.store.create('deployments', createTestDeployment('web'))
  api.store.create('pods', createTestPod('web'))
  const types = [
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
  ]
  const codes = new Set<number>()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...plurals), fc.constantFrom(...types), tree, async (plural, type, body) => {
      const made = await api.ask(formatPath(plural), { method: 'POST', body: JSON.stringify(body) })
      const headers = { 'content-type': type }
      for (const name of ['/web', '/web/status', '/web/scale']) {
        const patched = await api.ask(formatPath(plural, name), {
          method: 'PATCH',
          body: JSON.stringify(body),
          headers,
        })
        codes.add(patched.code)
        expect(patched.code).toBeLessThan(500)
      }
      codes.add(made.code)
      expect(made.code).toBeLessThan(500)
    }),
    { numRuns: 150 },
  )
  // The test gets past the first check.
  expect(codes.has(200) && codes.has(400) && codes.has(422)).toBe(true)
})

test('API: no path makes the API fail', async () => {
  await using api = await startTestApi()
  const segment = fc.constantFrom(
    'api',
    'apis',
    'v1',
    'apps',
    'namespaces',
    'default',
    'pods',
    'x',
    '',
    '%',
    '%2F',
    '..',
  )
  const query = fc.constantFrom('', '?watch=1&timeoutSeconds=1&resourceVersion=-1', '?labelSelector=%00,(', '?limit=x')
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { maxLength: 8 }), query, method, async (segments, search, method) => {
      const { code } = await api.ask(`/${segments.join('/')}${search}`, { method })
      expect(code).toBeLessThan(500)
    }),
    { numRuns: 200 },
  )
})

test('API: broken protobuf is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const body = Buffer.concat([Buffer.from('k8s\0\n\x12\n\x02v1\x12\tConfigMap\x12'), Buffer.from(bytes)])
      try {
        decodeProtobuf(body)
      } catch (error) {
        expect(error).toBeInstanceOf(ApiError)
      }
    }),
  )
})
