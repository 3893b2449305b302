import { expect, test } from 'vitest'
import { createStatusTest, listWriteMethods, nameRequests } from './requests.ts'

const shares = { fresh: 0.5, reused: 0.5, 'reused-post': 0 }

test('names: method and path without the query, each only once', () => {
  const requests = [{ path: '/a?key=1' }, { path: '/a?key=2' }, { name: 'pay', method: 'POST' as const }, {}]
  expect(nameRequests(requests)).toEqual(['GET /a', 'GET /a (2)', 'pay', 'GET (path of the workload)'])
})

test.each([
  [undefined, [200, 204, 299], [199, 300, 404]],
  [404, [404], [200, 405]],
  [['2xx', 304] as const, [200, 304], [301, 404]],
])('status %s', (rule, accepted, refused) => {
  const accepts = createStatusTest(rule as Parameters<typeof createStatusTest>[0])
  expect(accepted.map(accepts)).toEqual(accepted.map(() => true))
  expect(refused.map(accepts)).toEqual(refused.map(() => false))
})

test('writes: the methods that may change something, of what is sent', () => {
  const requests = (['GET', 'POST', 'OPTIONS', 'DELETE', 'HEAD', 'POST'] as const).map((method) => ({ method }))
  expect(listWriteMethods({ requests, shares })).toEqual(['POST', 'DELETE'])
  expect(listWriteMethods({ shares })).toEqual([])
  expect(listWriteMethods({ shares: { ...shares, 'reused-post': 0.1 } })).toEqual(['POST'])
  expect(listWriteMethods({ requests: { fresh: { method: 'PUT' } }, shares })).toEqual(['PUT'])
})
