import { expect, test } from 'vitest'
import type { WeightedRequest } from '../../model/load/requests.ts'
import { resolveListedRequests } from './listed-requests.ts'

const token = 's3cret-token'
const resolve = (requests: WeightedRequest[], environment: NodeJS.ProcessEnv = { SHOP_TOKEN: token }) =>
  resolveListedRequests({ requests }, '/of-the-workload', environment)

test('list: complete, with the values of its variables', () => {
  const requests: WeightedRequest[] = [
    { headers: { Authorization: { env: 'SHOP_TOKEN', prefix: 'Bearer ' } }, query: { key: { env: 'SHOP_TOKEN' } } },
    { method: 'POST', path: '/orders?dry=1', query: { 'a b': 'ü&' }, body: { env: 'SHOP_TOKEN' }, weight: 3 },
  ]
  expect(resolve(requests)).toEqual([
    {
      weight: 1,
      method: 'GET',
      path: `/of-the-workload?key=${token}`,
      headers: { Authorization: `Bearer ${token}` },
      body: '',
      expect: {},
    },
    { weight: 3, method: 'POST', path: '/orders?dry=1&a%20b=%C3%BC%26', headers: {}, body: token, expect: {} },
  ])
})

test('list: lanes with requests of their own have none', () => {
  expect(resolveListedRequests({ requests: { fresh: { method: 'HEAD' } } }, '/')).toBeNull()
})

test.each<[string, WeightedRequest, NodeJS.ProcessEnv, RegExp]>([
  [
    'a variable that is not set',
    { name: 'cart', headers: { authorization: { env: 'SHOP_TOKEN' } } },
    {},
    /^Cannot read the environment variable SHOP_TOKEN for the header authorization of cart: it is not set$/,
  ],
  [
    'a variable that is empty',
    { query: { key: { env: 'SHOP_TOKEN' } }, path: '/a' },
    { SHOP_TOKEN: '' },
    /SHOP_TOKEN for the query parameter key of GET \/a: it is empty$/,
  ],
  [
    'a value with a line break',
    { name: 'cart', headers: { authorization: { env: 'SHOP_TOKEN' } } },
    { SHOP_TOKEN: `${token}\n` },
    /^Cannot send what SHOP_TOKEN holds as header authorization of cart$/,
  ],
  [
    'a body that is too large',
    { method: 'POST', body: { env: 'SHOP_TOKEN' } },
    { SHOP_TOKEN: token.repeat(100_000) },
    /must have a body of 1048576 bytes at most in request 0$/,
  ],
])('refused without its value: %s', (_, request, environment, message) => {
  let fault: unknown
  try {
    resolve([request], environment)
  } catch (error) {
    fault = error
  }
  expect(fault).toMatchObject({ kind: 'usage', message: expect.stringMatching(message) as string })
  expect(JSON.stringify(fault) + String((fault as Error).stack)).not.toContain(token)
})

test('list: no more together than a driver takes', () => {
  const body = 'x'.repeat(1 << 20)
  const many = Array.from({ length: 9 }, (): WeightedRequest => ({ method: 'POST', body }))
  expect(() => resolve(many)).toThrow('they are more than 8 MiB together')
})
